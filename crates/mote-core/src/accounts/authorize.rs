//! The authorization code grant (RFC 6749 section 4.1) with PKCE (RFC 7636): somebody signs in here, lets a `web` client act
//! for him, and is sent back to it with a code that it trades for tokens.
//!
//! With a client of an account, people who have accounts let it act for these; with a client of a product, customers of the
//! product sign in. PKCE with `S256` is asked of every client (RFC 9700 section 2.1.1).

use std::net::IpAddr;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mote_store::{Db, challenges, customers, tokens};
use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use super::challenge::For;
use crate::audit::Actor;
use crate::authorization::AccountAccess;
use crate::authorization::table::AccountChange;
use crate::clients::{self, Client, ClientKind, ClientOwner};
use crate::notices::Notice;
use crate::passwords::Password;
use crate::tokens::{Holder, Lifetime, Minted, Seed, insert_for_account};
use crate::{AccountId, Error, Mote, OAuthError, OwnerId, ProductId, TokenId};

/// Characters of a `state` at most; it comes back in a URL.
const LONGEST_STATE: usize = 1000;

/// The query that a client sends a browser with (RFC 6749 section 4.1.1, RFC 7636 section 4.3).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct AuthorizationRequest {
    /// `code`.
    pub response_type: String,
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

/// A request that may be put before somebody.
#[derive(Clone, Debug)]
pub struct AskedAuthorization {
    client: Arc<Client>,
    redirect_uri: String,
    /// Whether the request named it: then the trade of the code must name the same (RFC 6749 section 4.1.3).
    named: bool,
    state: Option<String>,
    code_challenge: String,
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

/// What a code stands for, while it waits to be traded.
#[derive(Serialize, Deserialize)]
struct Payload {
    client: i64,
    redirect_uri: Option<String>,
    code_challenge: String,
    /// The grant that it was traded for: a second trade ends that (RFC 6749 section 4.1.2).
    spent: Option<i64>,
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
        clients::origin(&self.redirect_uri)
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
    fn back(&self, issuer: &str, answer: &[(&str, &str)]) -> String {
        back(&self.redirect_uri, self.state.as_deref(), issuer, answer)
    }
}

fn back(redirect_uri: &str, state: Option<&str>, issuer: &str, answer: &[(&str, &str)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(answer);
    if let Some(state) = state {
        query.append_pair("state", state);
    }
    query.append_pair("iss", issuer);
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
                "There is no such client: the program that sent you here names one that is not, or no more, there.",
            );
        };
        let registered = client.redirect_uri.clone().filter(|_| client.kind == ClientKind::Web);
        let Some(redirect_uri) = registered else {
            return here("This client signs nobody in by browser: that takes one of type web.");
        };
        if request.redirect_uri.as_ref().is_some_and(|named| *named != redirect_uri) {
            return here(
                "The program wants you sent to an address that is not the registered one of its client.",
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
        if request.response_type != "code" {
            return refuse("unsupported_response_type", "response_type is code");
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
        self.new_code(access.account().into(), asked, move |db| grant.still(db)).await
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
        self.new_code(proof.customer().into(), asked, move |db| proof.renew(db).map(drop)).await
    }

    /// The address with a code for whoever `still` may let a client act, as the same transaction has it.
    async fn new_code(
        &self,
        whose: OwnerId,
        asked: &AskedAuthorization,
        still: impl Fn(&mut Db) -> Result<(), Error> + Send + 'static,
    ) -> Result<String, Error> {
        let payload = Payload {
            client: asked.client.key.0,
            redirect_uri: asked.named.then(|| asked.redirect_uri.clone()),
            code_challenge: asked.code_challenge.clone(),
            spent: None,
        };
        let payload = write_payload(&payload)?;
        let (code, row, most) = self.new_challenge(For::Code, whose, payload);
        let insert = move |db: &mut Db| -> Result<(), Error> {
            still(db)?;
            Ok(challenges::insert(db, &row, most)?)
        };
        self.store().write(insert).await?;
        let code = code.expose().to_string();
        Ok(asked.back(&self.settings().public_url, &[("code", &code)]))
    }

    /// Trades a code for tokens (RFC 6749 section 4.1.3, RFC 7636 section 4.5).
    pub async fn code_grant(
        &self,
        client: &Client,
        code: &str,
        redirect_uri: Option<&str>,
        code_verifier: &str,
        lifetime: Lifetime,
        address: Option<IpAddr>,
    ) -> Result<Minted, Error> {
        let shown = URL_SAFE_NO_PAD.encode(digest(&SHA256, code_verifier.as_bytes()));
        let (code, redirect_uri) = (code.to_owned(), redirect_uri.map(str::to_owned));
        let (client, mote, now) = (client.clone(), self.clone(), self.now());
        let trade = move |db: &mut Db| -> Result<Trade, Error> {
            let Some(row) = mote.find_challenge(db, For::Code, &code)? else { return Ok(Trade::Refused) };
            let Ok(mut payload) = serde_json::from_slice::<Payload>(&row.payload) else {
                return Ok(Trade::Refused);
            };
            let proved: bool = payload.code_challenge.as_bytes().ct_eq(shown.as_bytes()).into();
            if payload.client != client.key.0 || payload.redirect_uri != redirect_uri || !proved {
                // Whoever has the code without the proof must not get to try again.
                challenges::delete(db, row.digest_key)?;
                return Ok(Trade::Refused);
            }
            if let Some(spent) = payload.spent {
                tokens::delete_family(db, spent)?;
                challenges::delete(db, row.digest_key)?;
                return Ok(Trade::Replayed(TokenId(spent)));
            }
            let Some(holder) = holder(db, OwnerId::from_key(row.account_id), &client)? else {
                return Ok(Trade::Refused);
            };
            let (minted, token) = mote.new_grant(Seed { client: client.key, holder, lifetime }, now);
            match holder {
                Holder::User(account) => {
                    let recorder = mote.recorder(Actor::account(account, address));
                    insert_for_account(db, &token, account, &recorder)?;
                }
                _ => tokens::insert(db, &token)?,
            }
            payload.spent = Some(token.id);
            challenges::set_payload(db, row.digest_key, &write_payload(&payload)?)?;
            Ok(Trade::Done(minted))
        };
        let forget = |trade: &Trade| match *trade {
            Trade::Replayed(family) => Some(Notice::FamilyEnded(family)),
            Trade::Done(_) | Trade::Refused => None,
        };
        match self.write_and_forget(trade, forget).await? {
            Trade::Done(minted) => Ok(minted),
            Trade::Refused | Trade::Replayed(_) => {
                let text =
                    "The code is unknown, over or already used, or not this client's; send the browser again";
                Err(Error::OAuth(OAuthError::InvalidGrant(text.into())))
            }
        }
    }
}

enum Trade {
    Done(Minted),
    /// What it was traded for the first time is ended.
    Replayed(TokenId),
    Refused,
}

/// Whom the token speaks for, if he is still there.
fn holder(db: &mut Db, owner: OwnerId, client: &Client) -> Result<Option<Holder>, Error> {
    Ok(match (owner, client.owner) {
        (OwnerId::Account(account), ClientOwner::Account(_)) => {
            mote_store::accounts::get(db, account.0)?.map(|row| Holder::User(AccountId(row.id)))
        }
        (OwnerId::Customer(customer), ClientOwner::Product(product)) => customers::get(db, customer.0)?
            .filter(|row| row.product_id == product.0)
            .map(|_| Holder::Customer(customer, product)),
        (OwnerId::Account(_) | OwnerId::Customer(_), _) => None,
    })
}

fn write_payload(payload: &Payload) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(payload).map_err(|e| Error::Internal(format!("a code cannot be written: {e}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_added_to_the_registered_address() {
        let to = |uri: &str| back(uri, Some("a b&c"), "https://mote.example.com", &[("code", "1")]);
        assert_eq!(
            to("https://app.example.com/cb"),
            "https://app.example.com/cb?code=1&state=a+b%26c&iss=https%3A%2F%2Fmote.example.com"
        );
        assert!(to("https://app.example.com/cb?x=1").starts_with("https://app.example.com/cb?x=1&code=1&"));
    }
}
