//! Making tokens.

use mote_store::accounts::AccountRow;
use mote_store::tokens as rows;
use mote_store::tokens::TokenRow;
use mote_store::{Db, clients};

use super::{Holder, Lifetime, REFRESH_SECONDS};
use crate::audit::{Action, Actor, Entry, Recorder};
use crate::clients::{Client, built_in_id};
use crate::keys::{Purpose, TokenSecret};
use crate::{AccountId, ClientKey, Error, Moment, Mote, TokenId};

/// A new pair of tokens: the one moment at which they can be seen.
#[derive(Debug)]
pub struct Minted {
    /// The access token.
    pub access: TokenSecret,
    /// What it can be traded for a new pair with.
    pub refresh: TokenSecret,
    /// Life of the access token.
    pub lifetime: Lifetime,
}

/// What the row of a new grant needs beside the secrets.
#[derive(Clone, Copy)]
pub(crate) struct Seed {
    pub(crate) client: ClientKey,
    pub(crate) holder: Holder,
    pub(crate) lifetime: Lifetime,
}

/// Grants that one grant came from.
#[derive(Clone, Copy)]
pub(super) struct Ancestry {
    pub(super) family: TokenId,
    pub(super) parent: TokenId,
}

impl Mote {
    /// A product bearer token: the client credentials grant (RFC 6749 section 4.4), for clients of a product alone.
    pub async fn mint_for_client(&self, client: &Client, lifetime: Lifetime) -> Result<Minted, Error> {
        self.mint(client.key, Holder::Product(client.product()?), lifetime).await
    }

    /// A token for whoever has proved to be `holder`.
    pub(crate) async fn mint(
        &self,
        client: ClientKey,
        holder: Holder,
        lifetime: Lifetime,
    ) -> Result<Minted, Error> {
        let (minted, row) = self.new_grant(Seed { client, holder, lifetime }, self.now());
        self.store().write(move |db| rows::insert(db, &row)).await?;
        Ok(minted)
    }

    /// A token of an account, with an entry of it; `still` says in the same transaction whether whoever asked for it may still
    /// have it, of an account that is there.
    pub(crate) async fn mint_for_account(
        &self,
        client: ClientKey,
        account: AccountId,
        lifetime: Lifetime,
        actor: Actor,
        still: impl Fn(&mut Db) -> Result<AccountRow, Error> + Send + 'static,
    ) -> Result<Minted, Error> {
        let seed = Seed { client, holder: Holder::User(account), lifetime };
        let (minted, row) = self.new_grant(seed, self.now());
        let recorder = self.recorder(actor);
        let insert = move |db: &mut Db| -> Result<(), Error> {
            still(db)?;
            insert_for_account(db, &row, account, &recorder)
        };
        self.store().write(insert).await?;
        Ok(minted)
    }

    /// The secrets of a new grant, and the row that the store keeps of them.
    pub(crate) fn new_grant(&self, seed: Seed, now: Moment) -> (Minted, TokenRow) {
        let (access, refresh) = (TokenSecret::generate(), TokenSecret::generate());
        let id = self.new_key(now);
        // Accounts list their tokens; nobody else is shown one again, so of no other is more kept than the digest.
        let sealed = matches!(seed.holder, Holder::User(_))
            .then(|| self.keys().sealer.seal(Purpose::AccessToken, &id.to_be_bytes(), access.bytes()));
        let access_digest = self.keys().digester.digest(Purpose::AccessToken, access.bytes());
        let refresh_digest = self.keys().digester.digest(Purpose::RefreshToken, refresh.bytes());
        let expires_at = seed.lifetime.end(now);
        let refresh_expires_at = now.plus_seconds(REFRESH_SECONDS);
        let mut row = TokenRow {
            id,
            access_key: access_digest.key,
            access_rest: access_digest.rest.to_vec(),
            refresh_key: refresh_digest.key,
            refresh_rest: refresh_digest.rest.to_vec(),
            client_id: seed.client.0,
            account_id: None,
            product_id: None,
            sealed,
            family: None,
            parent: None,
            created_at: now.0,
            expires_at: expires_at.map(|end| end.0),
            refresh_expires_at: refresh_expires_at.0,
            refresh_spent_at: None,
            used_at: None,
            dead_at: expires_at.map(|end| end.max(refresh_expires_at).0),
            customer_id: None,
            api_user_id: None,
            last_used_at: None,
        };
        seed.holder.fill(&mut row);
        (Minted { access, refresh, lifetime: seed.lifetime }, row)
    }
}

/// Adds the grant of an account's token, with an entry of it that says which client it was made with.
pub(crate) fn insert_for_account(
    db: &mut Db,
    row: &TokenRow,
    account: AccountId,
    recorder: &Recorder,
) -> Result<(), Error> {
    let client = match built_in_id(ClientKey(row.client_id)) {
        Some(id) => Some(id.to_owned()),
        None => clients::get(db, row.client_id)?.map(|client| client.client_id),
    };
    rows::insert(db, row)?;
    let entry = Entry::new(Action::TokenCreated, row.id, "").of(account).with("client", client);
    recorder.record(db, entry)
}
