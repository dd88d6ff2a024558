//! Forms, which nobody else's page can send.
//!
//! A form is taken where the browser says that a page of this host sent it (`Sec-Fetch-Site`, or else `Origin`), and where it
//! carries what only such a page can know: a digest, under the server's key, of the secret in the cookie of the session, or, where
//! there is none, in the visitor's.

use axum::extract::{FromRequest, Request};
use http::{HeaderMap, StatusCode, header};
use mote_api::body::form::Pairs;
use mote_api::body::{self, UploadForm, UploadedFile};
use mote_api::frame::turn_to_upload;
use mote_api::{ApiError, Renewal};
use mote_core::blobs::Turn;
use mote_core::{Error, Mote};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::failure::Failure;
use crate::session::{Cookie, living_session};

/// The field that tells a form from a forged one.
const TOKEN: &str = "form_token";

/// A form of a page of this console.
#[derive(Debug)]
pub(crate) struct Form<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Mote> for Form<T> {
    type Rejection = Failure;

    async fn from_request(mut request: Request, mote: &Mote) -> Result<Self, Failure> {
        // The frame has read it, unless it is a large one.
        let pairs = match request.extensions_mut().remove::<Pairs>() {
            Some(pairs) => pairs,
            None => read_large(&mut request).await?,
        };
        let token = pairs.get(TOKEN).map_err(|_| Failure::Forged)?.map(str::to_owned);
        check(request.headers(), mote, token.as_deref()).await?;
        let fields = pairs.into_object().map_err(|_| Failure::Malformed)?;
        fields_of(fields).map(Self)
    }
}

/// Reads a large form of somebody who has shown that he may send it, and has him show it once more.
async fn read_large(request: &mut Request) -> Result<Pairs, Failure> {
    if body::media_type(request.headers()).as_deref() != Some(body::FORM) {
        return Err(Failure::Forged);
    }
    if !Renewal::<Failure>::is_due(request.extensions()) {
        return Err(Failure::TooLarge);
    }
    let whole = body::read(std::mem::take(request.body_mut()), body::MOST_BYTES).await;
    let whole = whole.map_err(|error| unread(&error))?;
    Renewal::<Failure>::of_body(request.extensions()).await?;
    Pairs::parse(&whole).map_err(|_| Failure::Malformed)
}

/// Why a form could not be read.
fn unread(error: &ApiError) -> Failure {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE { Failure::TooLarge } else { Failure::Malformed }
}

/// What was left empty is as if it was not there.
fn fields_of<T: DeserializeOwned>(mut fields: Map<String, Value>) -> Result<T, Failure> {
    fields.remove(TOKEN);
    fields.retain(|_, value| !matches!(value, Value::String(text) if text.is_empty()));
    serde_json::from_value(Value::Object(fields)).map_err(|_| Failure::Malformed)
}

/// A form with a file, for whoever has shown by then that he may send it; which he shows once more when it is there.
pub(crate) struct FileForm<T> {
    /// The file, if there is one.
    pub(crate) file: Option<UploadedFile>,
    /// What is beside it.
    pub(crate) fields: T,
    /// Room in memory, which not everybody's file may have at a time.
    pub(crate) turn: Turn,
}

impl<T: DeserializeOwned> FromRequest<Mote> for FileForm<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, mote: &Mote) -> Result<Self, Failure> {
        let turn = turn_to_upload(mote, request.extensions()).await?;
        let (headers, extensions) = (request.headers().clone(), request.extensions().clone());
        let read = UploadForm::<Map<String, Value>>::read(request, &["file"]).await;
        let UploadForm { file, fields } = read.map_err(|error| unread(&error))?;
        Renewal::<Failure>::of_body(&extensions).await?;
        check(&headers, mote, fields.get(TOKEN).and_then(Value::as_str)).await?;
        Ok(Self { file, fields: fields_of(fields)?, turn })
    }
}

/// The JSON object in a field of text; none in an empty one.
pub(crate) fn object_in(field: &'static str, text: &str) -> Result<Option<Map<String, Value>>, Error> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    if body::is_too_much(text.as_bytes()) {
        return Err(Error::invalid(field, "has too much in it: too many objects, lists and values"));
    }
    let wrong = |error: serde_json::Error| Error::invalid(field, format!("is no JSON object: {error}"));
    serde_json::from_str(text).map(Some).map_err(wrong)
}

/// JSON for a field of text.
pub(crate) fn pretty(value: &impl serde::Serialize) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

/// A form of a button alone.
#[derive(Debug, serde::Deserialize)]
pub(crate) struct Nothing {}

/// Whether a request comes from a page of this console: for whoever is signed in, one of his session's.
async fn check(headers: &HeaderMap, mote: &Mote, token: Option<&str>) -> Result<(), Failure> {
    if !is_of_this_host(headers, &mote.settings().public_url) {
        return Err(Failure::Forged);
    }
    let token = token.ok_or(Failure::Forged)?;
    let (known, refused) = match living_session(headers, mote).await? {
        Some((secret, _)) => (Some(secret), Failure::NotOfSession),
        None => (Cookie::Visitor.of(headers, mote), Failure::Forged),
    };
    let fits = known.is_some_and(|secret| mote.is_console_form_token(&secret, token));
    if fits { Ok(()) } else { Err(refused) }
}

/// What the browser says of the page that sent a form (Fetch Metadata; RFC 6454 section 7). One that says nothing has only
/// its token to show.
fn is_of_this_host(headers: &HeaderMap, public_url: &str) -> bool {
    let text = |name: header::HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    if let Some(site) = text(header::HeaderName::from_static("sec-fetch-site")) {
        return site == "same-origin" || site == "none";
    }
    let Some(origin) = text(header::ORIGIN) else { return true };
    let Some((_, authority)) = origin.split_once("://") else { return false };
    let public =
        public_url.split_once("://").map_or("", |(_, rest)| rest.split('/').next().unwrap_or_default());
    Some(authority) == text(header::HOST) || authority == public
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(pairs: &[(&'static str, &str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(*name, value.parse().unwrap());
        }
        is_of_this_host(&headers, "https://mote.example.com")
    }

    #[test]
    fn other_hosts_are_told_apart() {
        assert!(told(&[("sec-fetch-site", "same-origin"), ("origin", "null")]));
        assert!(told(&[("origin", "https://mote.example.com"), ("host", "127.0.0.1:8080")]));
        assert!(told(&[("origin", "http://127.0.0.1:8080"), ("host", "127.0.0.1:8080")]));
        assert!(told(&[]));
        for pairs in [
            [("sec-fetch-site", "cross-site"), ("origin", "https://mote.example.com")],
            [("sec-fetch-site", "same-site"), ("host", "mote.example.com")],
            [("origin", "https://evil.example"), ("host", "mote.example.com")],
            [("origin", "null"), ("host", "mote.example.com")],
        ] {
            assert!(!told(&pairs), "{pairs:?}");
        }
    }
}
