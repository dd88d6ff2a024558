//! An authorization code, and its trade for tokens (RFC 6749 section 4.1.3, RFC 7636 section 4.5).

use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mote_store::{Db, challenges, customers, tokens};
use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use super::authorize::AskedAuthorization;
use super::challenge::For;
use crate::audit::Actor;
use crate::clients::{Client, ClientOwner, RegisteredRedirect};
use crate::notices::Notice;
use crate::tokens::{Holder, KeptGrant, Lifetime, Minted, Seed, insert_for_account};
use crate::{AccountId, Error, Mote, OAuthError, OwnerId, TokenId};

/// What a code stands for, while it waits to be traded.
#[derive(Serialize, Deserialize)]
struct Payload {
    client: i64,
    /// Where the request named it.
    redirect_uri: Option<String>,
    code_challenge: String,
    /// What the account that let the client act was signed in by: a code ends with it. None of a customer, who is not.
    #[serde(default)]
    allowed_by: Option<KeptGrant>,
    /// The grant that it was traded for: a second trade ends that (RFC 6749 section 4.1.2).
    spent: Option<i64>,
}

impl Payload {
    /// Whether a trade may name this address: the very one that the request named (RFC 6749 section 4.1.3), or, where that
    /// named none, none or the registered one, which the browser was sent to.
    fn takes(&self, client: &Client, named: Option<&str>) -> bool {
        let registered = || client.redirect_uri.as_ref().map(RegisteredRedirect::as_str);
        let asked = self.redirect_uri.as_deref();
        named == asked || asked.is_none() && named == registered()
    }
}

enum Trade {
    Done(Minted),
    /// What it was traded for the first time is ended.
    Replayed(TokenId),
    /// The client has proved itself, and names another address than before.
    OfOtherAddress,
    Refused,
}

impl Mote {
    /// Makes a code for whoever `still` may let a client act, as the same transaction has it: the address to send the browser
    /// to, with it.
    pub(super) async fn new_code(
        &self,
        whose: OwnerId,
        asked: &AskedAuthorization,
        allowed_by: Option<KeptGrant>,
        still: impl Fn(&mut Db) -> Result<(), Error> + Send + 'static,
    ) -> Result<String, Error> {
        let payload = Payload {
            client: asked.client.key.0,
            redirect_uri: asked.named.then(|| asked.redirect_uri.as_str().to_owned()),
            code_challenge: asked.code_challenge.clone(),
            allowed_by,
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
            if payload.client != client.key.0 {
                // Whoever has the code without being the client must not get to try again; a spent one stays, to be known again.
                if payload.spent.is_none() {
                    challenges::delete(db, row.digest_key)?;
                }
                return Ok(Trade::Refused);
            }
            if let Some(spent) = payload.spent {
                // Whatever else is said: the code was in two hands.
                tokens::delete_family(db, spent)?;
                challenges::delete(db, row.digest_key)?;
                return Ok(Trade::Replayed(TokenId(spent)));
            }
            let proved: bool = payload.code_challenge.as_bytes().ct_eq(shown.as_bytes()).into();
            if !proved || !payload.takes(&client, redirect_uri.as_deref()) {
                challenges::delete(db, row.digest_key)?;
                return Ok(if proved { Trade::OfOtherAddress } else { Trade::Refused });
            }
            if let Some(grant) = payload.allowed_by
                && !grant.is_there(db)?
            {
                challenges::delete(db, row.digest_key)?;
                return Ok(Trade::Refused);
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
            Trade::Done(_) | Trade::OfOtherAddress | Trade::Refused => None,
        };
        let text = match self.write_and_forget(trade, forget).await? {
            Trade::Done(minted) => return Ok(minted),
            Trade::OfOtherAddress => {
                "redirect_uri is not the one that the code was asked for with; send the browser again, and then the same"
            }
            Trade::Refused | Trade::Replayed(_) => {
                "The code is unknown, over or already used, or not this client's; send the browser again"
            }
        };
        Err(Error::OAuth(OAuthError::InvalidGrant(text.into())))
    }
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
