//! Trading a refresh token for a new pair (RFC 6749 section 6), with rotation (RFC 9700 section 4.14.2).
//!
//! A refresh token is good for one trade. A second one means either that the answer was lost on its way, or that two
//! parties hold the same token. They are told apart by whether what came of the first trade was ever used before this
//! request arrived: if never, an honest client asks again and gets one more; if so, somebody holds a copy, and the whole
//! family ends, his part and the thief's. Requests that arrive together therefore all succeed.

use mote_store::Db;
use mote_store::tokens::TokenRow;
use mote_store::{customers, tokens as rows};

use super::end::end_family;
use super::find::by_refresh;
use super::mint::{Ancestry, Minted, Seed};
use super::{Holder, Lifetime};
use crate::clients::{Client, ClientOwner};
use crate::keys::{Digest, Purpose, TokenSecret};
use crate::notices::Notice;
use crate::{ClientKey, Error, Moment, Mote, OAuthError, ProductId, TokenId};

/// Pairs that may come of one refresh token, all of them unused: bounds what asking again and again can pile up.
const MOST_SUCCESSORS: i64 = 100;

enum Trade {
    Done,
    Replayed,
    Refused,
}

impl Mote {
    /// Trades a refresh token of `client`; `arrived` is when the request did.
    pub async fn refresh(
        &self,
        client: &Client,
        token: &str,
        lifetime: Lifetime,
        arrived: Moment,
    ) -> Result<Minted, Error> {
        let refused = || {
            Error::OAuth(OAuthError::InvalidGrant(
                "The refresh token is invalid, expired or already used; ask for a new pair with your credentials".into(),
            ))
        };
        let secret = TokenSecret::parse(token).ok_or_else(refused)?;
        let digests = self.keys().digester.digests(Purpose::RefreshToken, secret.bytes());
        let (key, mote) = (client.key, self.clone());
        // The row of the new grant is made once; a write that is run again must come to the same.
        let known = digests.clone();
        let Some(old) = self.store().read(move |db| by_refresh(db, &known)).await? else {
            return Err(refused());
        };
        if !may_trade(client, &old) {
            return Err(refused());
        }
        // An API user's token has no client, and is not refreshed.
        let holder = Holder::of_row(&old, None).ok_or_else(refused)?;
        let (minted, mut row) = self.new_grant(Seed { client: key, holder, lifetime }, arrived);
        let ancestry = Ancestry { family: TokenId(old.family.unwrap_or(old.id)), parent: TokenId(old.id) };
        row.family = Some(ancestry.family.0);
        row.parent = Some(ancestry.parent.0);
        let trade = move |db: &mut Db| trade(db, &digests, &row, mote.now(), arrived);
        let forget = move |trade: &Trade| {
            matches!(trade, Trade::Replayed).then_some(Notice::FamilyEnded(ancestry.family))
        };
        match self.write_and_forget(trade, forget).await? {
            Trade::Done => Ok(minted),
            Trade::Refused => Err(refused()),
            Trade::Replayed => {
                tracing::warn!(client = %client.id, "a spent refresh token was replayed: its family of tokens is ended");
                Err(refused())
            }
        }
    }
}

/// Whether the token was made with this client. One of a customer whom an API user made was made with none: any client of
/// his product will do.
fn may_trade(client: &Client, old: &TokenRow) -> bool {
    let unbound = old.customer_id.is_some() && ClientKey(old.client_id) == ClientKey::NONE;
    let of_product = old.product_id.is_some_and(|id| client.owner == ClientOwner::Product(ProductId(id)));
    old.client_id == client.key.0 || (unbound && of_product)
}

fn trade(
    db: &mut Db,
    digests: &[Digest],
    new: &TokenRow,
    now: Moment,
    arrived: Moment,
) -> Result<Trade, Error> {
    let Some(old) = by_refresh(db, digests)? else { return Ok(Trade::Refused) };
    let lives = match old.customer_id {
        Some(customer) => customers::get(db, customer)?.is_some(),
        None => true,
    };
    if old.refresh_expires_at <= now.0 || !lives {
        return Ok(Trade::Refused);
    }
    if old.refresh_spent_at.is_none() {
        rows::spend_refresh(db, old.id, now.0)?;
    } else {
        let used = rows::uses_of_successors(db, old.id)?;
        if used.iter().any(|&at| at < arrived.0) {
            end_family(db, &old)?;
            return Ok(Trade::Replayed);
        }
        if rows::count_successors(db, old.id)? >= MOST_SUCCESSORS {
            return Ok(Trade::Refused);
        }
    }
    rows::insert(db, new)?;
    Ok(Trade::Done)
}
