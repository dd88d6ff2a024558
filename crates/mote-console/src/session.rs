//! Who is at the browser: the cookies, and what they stand for.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, header};
use mote_api::frame::CallerAddress;
use mote_core::authorization::Caller;
use mote_core::keys::TokenSecret;
use mote_core::tokens::Grant;
use mote_core::{Error, Mote};

use crate::access::Proof;
use crate::failure::Failure;

/// A cookie of the console.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cookie {
    /// Of somebody who is signed in.
    Session,
    /// Of somebody who is not: what binds the forms for signing in to his browser.
    Visitor,
}

impl Cookie {
    /// Its name. Browsers take one with `__Host-` over TLS alone, and from this host alone.
    const fn name(self, secure: bool) -> &'static str {
        match (self, secure) {
            (Self::Session, true) => "__Host-mote",
            (Self::Session, false) => "mote",
            (Self::Visitor, true) => "__Host-mote-visitor",
            (Self::Visitor, false) => "mote-visitor",
        }
    }

    /// The secret in it, if the request brings one that could be one.
    pub(crate) fn of(self, headers: &HeaderMap, mote: &Mote) -> Option<TokenSecret> {
        let name = self.name(is_secure(mote));
        let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
        let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        pairs.find(|(known, _)| *known == name).and_then(|(_, value)| TokenSecret::parse(value))
    }

    /// Gives it to the browser, which sends it back with pages of this host alone, and shows it to no script. It lasts as
    /// long as its session may; a visitor's as long as the browser is open.
    pub(crate) fn set(self, response: &mut Response, mote: &Mote, secret: &TokenSecret) {
        let age = if self == Self::Session { "; Max-Age=7776000" } else { "" };
        self.write(response, mote, &format!("{}{age}", *secret.expose()));
    }

    /// Takes it from the browser.
    pub(crate) fn unset(self, response: &mut Response, mote: &Mote) {
        self.write(response, mote, "; Max-Age=0");
    }

    fn write(self, response: &mut Response, mote: &Mote, value: &str) {
        let secure = is_secure(mote);
        let name = self.name(secure);
        let flag = if secure { "; Secure" } else { "" };
        let line = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{flag}");
        if let Ok(mut value) = HeaderValue::from_str(&line) {
            value.set_sensitive(true);
            response.headers_mut().append(header::SET_COOKIE, value);
        }
    }
}

/// Whether people come over TLS.
pub(crate) fn is_secure(mote: &Mote) -> bool {
    mote.settings().public_url.starts_with("https://")
}

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    /// His session, and where he comes from.
    pub(crate) caller: Caller,
    /// What his forms carry.
    pub(crate) form_token: String,
    /// The path of the page that he asks for; empty where that is in no menu.
    pub(crate) path: String,
}

impl Person {
    /// Who is signed in, if somebody is.
    pub(crate) async fn find(
        headers: &HeaderMap,
        CallerAddress(address): CallerAddress,
        mote: &Mote,
    ) -> Result<Option<Self>, Failure> {
        let found = living_session(headers, mote).await?;
        Ok(found.map(|(secret, grant)| {
            let caller = Caller::new(grant, address);
            Self { caller, form_token: mote.console_form_token(&secret), path: String::new() }
        }))
    }
}

/// The session that a request brings, with its secret; none where it brings none, or one that has ended.
pub(crate) async fn living_session(
    headers: &HeaderMap,
    mote: &Mote,
) -> Result<Option<(TokenSecret, Arc<Grant>)>, Failure> {
    let Some(secret) = Cookie::Session.of(headers, mote) else { return Ok(None) };
    match mote.authenticate_console(&secret).await {
        Ok(grant) => Ok(Some((secret, grant))),
        Err(Error::InvalidToken) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

impl Proof for Person {
    async fn prove(parts: &mut Parts, mote: &Mote) -> Result<Self, Failure> {
        let found = Self::find(&parts.headers, CallerAddress::of(&parts.extensions), mote).await?;
        // Whoever was about to send a form finds himself at home.
        let wanted = parts.uri.path_and_query().filter(|_| parts.method == Method::GET);
        let next = wanted.map(|wanted| wanted.as_str().to_owned());
        let person = found.ok_or(Failure::SignIn { next })?;
        Ok(Self { path: parts.uri.path().to_owned(), ..person })
    }
}

impl FromRequestParts<Mote> for Person {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, mote: &Mote) -> Result<Self, Failure> {
        Self::of(parts, mote).await
    }
}

/// Somebody who need not be signed in. His forms are bound to his session, where he has one, and else to a cookie that binds
/// them to his browser.
#[derive(Debug)]
pub(crate) struct Visitor {
    /// What his browser is to keep; none where it has a cookie that will do.
    fresh: Option<TokenSecret>,
    /// What his forms carry.
    pub(crate) form_token: String,
}

impl FromRequestParts<Mote> for Visitor {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, mote: &Mote) -> Result<Self, Failure> {
        let session = living_session(&parts.headers, mote).await?.map(|(secret, _)| secret);
        if let Some(known) = session.or_else(|| Cookie::Visitor.of(&parts.headers, mote)) {
            return Ok(Self { fresh: None, form_token: mote.console_form_token(&known) });
        }
        let fresh = TokenSecret::generate();
        let form_token = mote.console_form_token(&fresh);
        Ok(Self { fresh: Some(fresh), form_token })
    }
}

impl Visitor {
    /// A page for him, with his cookie.
    pub(crate) fn shown(&self, mote: &Mote, page: impl IntoResponse) -> Response {
        let mut response = page.into_response();
        if let Some(fresh) = &self.fresh {
            Cookie::Visitor.set(&mut response, mote, fresh);
        }
        response
    }
}

/// A place in the console to go on to, as a form or query names it; home for anything else.
pub(crate) fn next_or_home(next: Option<&str>) -> String {
    let own = |next: &&str| {
        next.starts_with('/')
            && !next.starts_with("//")
            && next.len() <= 4000
            && next.bytes().all(|b| b.is_ascii_graphic() && b != b'\\')
    };
    next.filter(own).unwrap_or("/").to_owned()
}

/// A page's address, from which one goes on to `next`.
pub(crate) fn with_next(page: &str, next: &str) -> String {
    if next == "/" {
        return page.to_owned();
    }
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("next", next).finish();
    let before = if page.contains('?') { '&' } else { '?' };
    format!("{page}{before}{query}")
}

#[cfg(test)]
mod tests {
    use super::{next_or_home, with_next};

    #[test]
    fn what_comes_next_is_in_the_address() {
        assert_eq!(with_next("/sign-in", "/"), "/sign-in");
        assert_eq!(with_next("/sign-in", "/join?token=1&x"), "/sign-in?next=%2Fjoin%3Ftoken%3D1%26x");
        assert_eq!(with_next("/sign-in?done=reset", "/devices"), "/sign-in?done=reset&next=%2Fdevices");
    }

    #[test]
    fn nobody_is_sent_elsewhere() {
        for own in ["/", "/products/1001/devices?page=2"] {
            assert_eq!(next_or_home(Some(own)), own);
        }
        for other in
            ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "", "/a\nb"]
        {
            assert_eq!(next_or_home(Some(other)), "/", "{other}");
        }
        assert_eq!(next_or_home(None), "/");
    }
}
