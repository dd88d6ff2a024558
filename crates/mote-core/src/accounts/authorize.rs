//! The authorization code grant (RFC 6749 section 4.1) with PKCE (RFC 7636): somebody signs in here, lets a `web` client act
//! for him, and is sent back to it with a code that it trades for tokens.
//!
//! With a client of an account, people who have accounts let it act for these; with a client of a product, customers of the
//! product sign in. PKCE with `S256` is asked of every client (RFC 9700 section 2.1.1).

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use crate::authorization::AccountAccess;
use crate::authorization::table::AccountChange;
use crate::clients::{Client, ClientKind, ClientOwner, RedirectUri};
use crate::passwords::Password;
use crate::{Error, Mote, ProductId};

/// Characters of a `state` at most; it comes back in a URL.
const LONGEST_STATE: usize = 1000;

/// The query that a client sends a browser with (RFC 6749 section 4.1.1, RFC 7636 section 4.3). Whoever reads it leaves out
/// what has no value, and refuses one in which something comes twice (RFC 6749 section 3.1).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct AuthorizationRequest {
    /// `code`.
    pub response_type: Option<String>,
    /// The client.
    pub client_id: String,
    /// Where the browser is sent back to; where it is left out, the client's registered address.
    pub redirect_uri: Option<String>,
    /// Given back as it is.
    pub state: Option<String>,
    /// Base64url of the SHA-256 of what the client will prove itself with.
    pub code_challenge: Option<String>,
    /// `S256`.
    pub code_challenge_method: Option<String>,
    /// Not taken: a token has the scope of its client.
    pub scope: Option<String>,
}

impl AuthorizationRequest {
    /// What it came as: names, with the values of those that have one.
    pub fn parameters(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let all = [
            ("response_type", self.response_type.as_deref()),
            ("client_id", Some(self.client_id.as_str())),
            ("redirect_uri", self.redirect_uri.as_deref()),
            ("state", self.state.as_deref()),
            ("code_challenge", self.code_challenge.as_deref()),
            ("code_challenge_method", self.code_challenge_method.as_deref()),
            ("scope", self.scope.as_deref()),
        ];
        all.into_iter().filter_map(|(name, value)| value.map(|value| (name, value)))
    }
}

/// A request that may be put before somebody.
#[derive(Clone, Debug)]
pub struct AskedAuthorization {
    pub(super) client: Arc<Client>,
    pub(super) redirect_uri: RedirectUri,
    /// Whether the request named it: then the trade of the code must name the same (RFC 6749 section 4.1.3).
    pub(super) named: bool,
    state: Option<String>,
    pub(super) code_challenge: String,
}

/// Who is to let the client act for him.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Whoever has an account.
    Accounts,
    /// Customers of the product.
    Customers(ProductId),
}

/// Why a request is put before nobody.
#[derive(Debug)]
pub enum Unauthorized {
    /// Nobody is sent back: it is not known to whom (RFC 6749 section 4.1.2.1). The text is for the person at the browser.
    Here(String),
    /// The browser is sent back to this address, which tells the client why.
    Back(String),
    /// Something failed.
    Fault(Error),
}

impl From<Error> for Unauthorized {
    fn from(error: Error) -> Self {
        Self::Fault(error)
    }
}

impl AskedAuthorization {
    /// What the client is called.
    #[must_use]
    pub fn client_name(&self) -> &str {
        &self.client.name
    }

    /// Scheme, host and port of the address that the browser is sent back to.
    #[must_use]
    pub fn origin(&self) -> &str {
        self.redirect_uri.origin()
    }

    /// Who is to let the client act for him.
    #[must_use]
    pub fn audience(&self) -> Audience {
        match self.client.owner {
            ClientOwner::Product(product) => Audience::Customers(product),
            ClientOwner::Account(_) | ClientOwner::BuiltIn => Audience::Accounts,
        }
    }

    /// Where the browser is sent where somebody said no.
    #[must_use]
    pub fn denied(&self, issuer: &str) -> String {
        self.back(issuer, &[("error", "access_denied"), ("error_description", "It was not allowed")])
    }

    /// The client's address with an answer (RFC 6749 section 4.1.2; `iss` by RFC 9207).
    pub(super) fn back(&self, issuer: &str, answer: &[(&str, &str)]) -> String {
        back(&self.redirect_uri, self.state.as_deref(), issuer, answer)
    }
}

fn back(redirect_uri: &RedirectUri, state: Option<&str>, issuer: &str, answer: &[(&str, &str)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(answer);
    if let Some(state) = state {
        query.append_pair("state", state);
    }
    query.append_pair("iss", issuer);
    let redirect_uri = redirect_uri.as_str();
    let joint = if redirect_uri.contains('?') { '&' } else { '?' };
    format!("{redirect_uri}{joint}{}", query.finish())
}

impl Mote {
    /// Looks at a request before it is put before anybody.
    pub async fn asked_authorization(
        &self,
        request: &AuthorizationRequest,
    ) -> Result<AskedAuthorization, Unauthorized> {
        let here = |text: &str| Err(Unauthorized::Here(text.into()));
        let Some(client) = self.client(&request.client_id).await? else {
            return here(
                "There is no such client: the program that sent you here names, as client_id, one that is not, or no more, there.",
            );
        };
        let Some(registered) = client.redirect_uri.as_ref().filter(|_| client.kind == ClientKind::Web) else {
            return here("This client signs nobody in by browser: that takes one of type web.");
        };
        let redirect_uri = match registered.usable() {
            Ok(uri) => uri.clone(),
            Err(why) => return here(why),
        };
        if request.redirect_uri.as_ref().is_some_and(|named| named != redirect_uri.as_str()) {
            return here(
                "The program wants you sent to an address, as redirect_uri, that is not the registered one of its client.",
            );
        }
        let state = request.state.as_deref();
        let refuse = |error: &str, why: &str| {
            let answer = [("error", error), ("error_description", why)];
            let state = state.filter(|state| state.len() <= LONGEST_STATE);
            Err(Unauthorized::Back(back(&redirect_uri, state, &self.settings().public_url, &answer)))
        };
        if state.is_some_and(|state| state.len() > LONGEST_STATE) {
            return refuse("invalid_request", "state is too long");
        }
        match request.response_type.as_deref() {
            Some("code") => {}
            None => return refuse("invalid_request", "response_type is missing; send response_type=code"),
            Some(_) => return refuse("unsupported_response_type", "The only response_type here is code"),
        }
        if request.scope.as_deref().is_some_and(|scope| !matches!(scope.trim(), "" | "*:*")) {
            return refuse("invalid_scope", "A token has the scope of its client; leave scope out");
        }
        let code_challenge = request.code_challenge.clone().unwrap_or_default();
        let is_digest = URL_SAFE_NO_PAD.decode(&code_challenge).is_ok_and(|bytes| bytes.len() == 32);
        if request.code_challenge_method.as_deref() != Some("S256") || !is_digest {
            return refuse(
                "invalid_request",
                "PKCE is needed: code_challenge, with code_challenge_method=S256",
            );
        }
        let (named, state) = (request.redirect_uri.is_some(), request.state.clone());
        Ok(AskedAuthorization { client, redirect_uri, named, state, code_challenge })
    }

    /// What the product is called whose customers are to sign in.
    pub async fn name_for_customers(&self, asked: &AskedAuthorization) -> Result<String, Error> {
        let Audience::Customers(product) = asked.audience() else { return Ok(String::new()) };
        let found = self.store().read(move |db| mote_store::products::get(db, product.0)).await?;
        Ok(found.map(|(row, ..)| row.name).unwrap_or_default())
    }

    /// Somebody who is signed in lets the client act for his account: the address to send his browser to.
    pub async fn authorize_by_account(
        &self,
        access: &AccountAccess<AccountChange>,
        asked: &AskedAuthorization,
    ) -> Result<String, Error> {
        if asked.audience() != Audience::Accounts {
            return Err(Error::Forbidden("This client is for customers of its product".into()));
        }
        let grant = access.grant().clone();
        let allowed_by = Some(grant.kept());
        self.new_code(access.account().into(), asked, allowed_by, move |db| grant.still(db)).await
    }

    /// A customer signs in to let the client act for him: the address to send his browser to.
    ///
    /// Fails as a password grant does.
    pub async fn authorize_by_customer(
        &self,
        asked: &AskedAuthorization,
        username: &str,
        password: Password,
    ) -> Result<String, Error> {
        let Audience::Customers(product) = asked.audience() else {
            return Err(Error::Forbidden("This client is for people who have an account".into()));
        };
        let proof = self.prove_customer(product, username, password).await?;
        self.new_code(proof.customer().into(), asked, None, move |db| proof.renew(db).map(drop)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_added_to_the_registered_address() {
        let to = |uri: &str| {
            let uri = RedirectUri::parse(uri).unwrap();
            back(&uri, Some("a b&c"), "https://mote.example.com", &[("code", "1")])
        };
        assert_eq!(
            to("https://app.example.com/cb"),
            "https://app.example.com/cb?code=1&state=a+b%26c&iss=https%3A%2F%2Fmote.example.com"
        );
        assert!(to("https://app.example.com/cb?x=1").starts_with("https://app.example.com/cb?x=1&code=1&"));
    }
}
