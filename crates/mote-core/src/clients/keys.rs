//! The public keys of a client, which signs instead of sending a secret: several at a time, so that a new one can take the
//! place of an old one without a pause.

use mote_store::Db;
use mote_store::client_keys as rows;
use mote_store::client_keys::ClientPublicKeyRow;
use mote_store::clients::Owner;

use super::handing_out::may_hand_out;
use super::public_key::PublicKey;
use super::secrets::lifetime;
use super::use_cases::{owned, space};
use super::{Client, SigningAlgorithm};
use crate::audit::{Action, Entry};
use crate::authorization::table::{AccountClientsList, AccountClientsUpdate, ClientsList, ClientsUpdate};
use crate::authorization::{AccountAccess, Caller, ProductAccess};
use crate::names::ClientName;
use crate::notices::Notice;
use crate::uses::Noted;
use crate::{ClientKey, ClientPublicKeyId, Error, Moment, Mote};

/// Keys that a client has at a time.
pub(super) const MOST_KEYS: usize = 5;

/// A public key of a client.
#[derive(Clone, Debug)]
pub struct ClientPublicKey {
    /// Key of the row; good for logs.
    pub id: ClientPublicKeyId,
    /// What people call it.
    pub name: String,
    /// What the client calls it (`kid`), where it has said so.
    pub kid: Option<String>,
    /// Made known.
    pub created_at: Moment,
    /// Its end; none if it has none.
    pub expires_at: Option<Moment>,
    /// Last used, to the minute; none if never.
    pub last_used_at: Option<Moment>,
    pub(super) public_key: PublicKey,
    pub(super) noted: Noted,
}

impl ClientPublicKey {
    /// How it signs.
    #[must_use]
    pub fn algorithm(&self) -> SigningAlgorithm {
        self.public_key.algorithm
    }

    pub(super) fn is_over(&self, now: Moment) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }
}

impl TryFrom<ClientPublicKeyRow> for ClientPublicKey {
    type Error = Error;

    fn try_from(row: ClientPublicKeyRow) -> Result<Self, Error> {
        let public_key = PublicKey::from_parts(row.algorithm, row.public_key)
            .ok_or_else(|| Error::Internal(format!("the row of public key {} makes no sense", row.id)))?;
        Ok(Self {
            id: ClientPublicKeyId(row.id),
            name: row.name,
            kid: row.kid,
            created_at: Moment(row.created_at),
            expires_at: row.expires_at.map(Moment),
            last_used_at: row.last_used_at.map(Moment),
            public_key,
            noted: Noted::at(row.last_used_at),
        })
    }
}

/// What another key is to be.
#[derive(Debug)]
pub struct NewPublicKey {
    /// What people call it.
    pub name: String,
    /// The key, in PEM or as a JWK.
    pub public_key: String,
    /// Its life in seconds, ten years at most; none or 0 for no end.
    pub expires_in: Option<i64>,
}

impl Mote {
    /// Makes another public key of a client of the account known.
    pub async fn add_account_client_key(
        &self,
        access: &AccountAccess<AccountClientsUpdate>,
        client: &str,
        new: NewPublicKey,
    ) -> Result<ClientPublicKey, Error> {
        self.add_client_key(Owner::Account(access.account().0), access.caller(), client, new).await
    }

    /// Makes another public key of a client of the product known.
    pub async fn add_product_client_key(
        &self,
        access: &ProductAccess<ClientsUpdate>,
        client: &str,
        new: NewPublicKey,
    ) -> Result<ClientPublicKey, Error> {
        self.add_client_key(Owner::Product(access.product().id.0), access.caller(), client, new).await
    }

    /// Ends a public key of a client of the account; tokens that were made with it live on.
    pub async fn delete_account_client_key(
        &self,
        access: &AccountAccess<AccountClientsUpdate>,
        client: &str,
        key: &str,
    ) -> Result<(), Error> {
        self.delete_client_key(Owner::Account(access.account().0), access.caller(), client, key).await
    }

    /// Ends a public key of a client of the product; tokens that were made with it live on.
    pub async fn delete_product_client_key(
        &self,
        access: &ProductAccess<ClientsUpdate>,
        client: &str,
        key: &str,
    ) -> Result<(), Error> {
        self.delete_client_key(Owner::Product(access.product().id.0), access.caller(), client, key).await
    }

    /// The public keys of a client of the account, oldest first.
    pub async fn account_client_keys(
        &self,
        access: &AccountAccess<AccountClientsList>,
        client: &str,
    ) -> Result<Vec<ClientPublicKey>, Error> {
        Ok(self.account_client(access, client).await?.0.keys)
    }

    /// The public keys of a client of the product, oldest first.
    pub async fn product_client_keys(
        &self,
        access: &ProductAccess<ClientsList>,
        client: &str,
    ) -> Result<Vec<ClientPublicKey>, Error> {
        Ok(self.product_client(access, client).await?.0.keys)
    }

    async fn add_client_key(
        &self,
        owner: Owner,
        caller: &Caller,
        client: &str,
        new: NewPublicKey,
    ) -> Result<ClientPublicKey, Error> {
        let (name, now) = (ClientName::parse(&new.name)?.to_string(), self.now());
        let expires_at = lifetime(new.expires_in)?.end(now);
        let (public_key, kid) = PublicKey::parse(&new.public_key)?;
        let (id, client, recorder) = (self.new_key(now), client.to_owned(), self.recorder(caller));
        let limits = caller.grant().limits();
        let add = move |db: &mut Db| -> Result<(ClientKey, ClientPublicKeyRow), Error> {
            let client = owned(db, owner, &client)?;
            may_hand_out(limits, client.scope)?;
            if client.keys.len() >= MOST_KEYS {
                let text =
                    format!("The client has {MOST_KEYS} public keys already; end one that is not used");
                return Err(Error::Conflict(text));
            }
            if client.keys.iter().any(|known| known.public_key == public_key) {
                return Err(Error::Conflict("The client has this key already".into()));
            }
            if kid.is_some() && client.keys.iter().any(|known| known.kid == kid) {
                return Err(Error::Conflict("The client has a key with this kid already".into()));
            }
            let row = ClientPublicKeyRow {
                id,
                client_id: client.key.0,
                name: name.clone(),
                kid: kid.clone(),
                algorithm: public_key.algorithm as i16,
                public_key: public_key.bytes.clone(),
                created_at: now.0,
                expires_at: expires_at.map(|end| end.0),
                last_used_at: None,
            };
            rows::insert(db, &row)?;
            let entry = Entry::new(Action::ClientKeyAdded, &client.id, &client.name).of(space(owner));
            recorder.record(db, entry.with("key_id", id.to_string()).with("key_name", row.name.as_str()))?;
            Ok((client.key, row))
        };
        let forget = |(client, _): &(ClientKey, _)| [Notice::ClientSecretsChanged(*client)];
        let (_, row) = self.write_and_forget(add, forget).await?;
        row.try_into()
    }

    async fn delete_client_key(
        &self,
        owner: Owner,
        caller: &Caller,
        client: &str,
        key: &str,
    ) -> Result<(), Error> {
        let (client, key, recorder) = (client.to_owned(), key.to_owned(), self.recorder(caller));
        let end = move |db: &mut Db| -> Result<ClientKey, Error> {
            let client = owned(db, owner, &client)?;
            let found = client.keys.iter().find(|known| known.id.to_string() == key);
            let found = found.ok_or_else(|| Error::NotFound("The client has no such public key".into()))?;
            if client.keys.len() + client.secrets.len() == 1 {
                let text = "The client has nothing else to prove itself by; give it that first, or delete it";
                return Err(Error::Conflict(text.into()));
            }
            rows::delete(db, found.id.0)?;
            let entry = Entry::new(Action::ClientKeyEnded, &client.id, &client.name).of(space(owner));
            let (id, name) = (found.id.to_string(), found.name.as_str());
            recorder.record(db, entry.with("key_id", id).with("key_name", name))?;
            Ok(client.key)
        };
        self.write_and_forget(end, |key| [Notice::ClientSecretsChanged(*key)]).await?;
        Ok(())
    }
}

/// Puts their public keys to clients that were just loaded.
pub(super) fn with_keys(db: &mut Db, mut clients: Vec<Client>) -> Result<Vec<Client>, Error> {
    let keys: Vec<_> = clients.iter().map(|client| client.key.0).collect();
    let most = i64::try_from(keys.len() * MOST_KEYS).unwrap_or(i64::MAX);
    for row in rows::of_clients(db, &keys, most)? {
        if let Some(client) = clients.iter_mut().find(|client| client.key.0 == row.client_id) {
            client.keys.push(row.try_into()?);
        }
    }
    Ok(clients)
}
