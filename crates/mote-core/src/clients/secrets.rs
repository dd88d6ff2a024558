//! The secrets of a client: several live at a time, so that a new one can take the place of an old one without a pause.

use mote_store::Db;
use mote_store::client_secrets as rows;
use mote_store::client_secrets::ClientSecretRow;
use mote_store::clients as client_rows;

use super::Client;
use super::handing_out::may_hand_out;
use super::keys::with_keys;
use super::use_cases::{owned, space};
use crate::audit::{Action, Entry};
use crate::authorization::table::{AccountClientsList, AccountClientsUpdate, ClientsList, ClientsUpdate};
use crate::authorization::{AccountAccess, Caller, ProductAccess};
use crate::keys::{Digest, Purpose, TokenSecret};
use crate::names::ClientName;
use crate::notices::Notice;
use crate::tokens::{LONGEST_SECONDS, Lifetime};
use crate::uses::Noted;
use crate::{ClientKey, ClientSecretId, Error, Moment, Mote};

/// Secrets that a client has at a time: one in use, one that takes its place, and a few forgotten ones.
pub(super) const MOST_SECRETS: usize = 5;
/// What the secret is called that a client is made with.
pub(super) const FIRST: &str = "first";

/// A client's secret, without itself: of that only a digest is kept.
#[derive(Clone, Debug)]
pub struct ClientSecret {
    /// Key; good for logs.
    pub id: ClientSecretId,
    /// What people call it.
    pub name: String,
    /// Made.
    pub created_at: Moment,
    /// Its end; none if it has none.
    pub expires_at: Option<Moment>,
    /// Last used, to the minute; none if never.
    pub last_used_at: Option<Moment>,
    pub(super) digest: Digest,
    pub(super) noted: Noted,
}

impl ClientSecret {
    pub(super) fn is_over(&self, now: Moment) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }
}

impl TryFrom<ClientSecretRow> for ClientSecret {
    type Error = Error;

    fn try_from(row: ClientSecretRow) -> Result<Self, Error> {
        let digest = Digest::from_parts(row.digest_key, &row.digest_rest)
            .ok_or_else(|| Error::Internal(format!("the row of secret {} makes no sense", row.id)))?;
        Ok(Self {
            id: ClientSecretId(row.id),
            name: row.name,
            created_at: Moment(row.created_at),
            expires_at: row.expires_at.map(Moment),
            last_used_at: row.last_used_at.map(Moment),
            digest,
            noted: Noted::at(row.last_used_at),
        })
    }
}

/// What another secret is to be.
#[derive(Debug)]
pub struct NewSecret {
    /// What people call it.
    pub name: String,
    /// Its life in seconds, ten years at most; none or 0 for no end.
    pub expires_in: Option<i64>,
}

/// The life of a secret or a public key.
pub(super) fn lifetime(expires_in: Option<i64>) -> Result<Lifetime, Error> {
    match expires_in {
        None | Some(0) => Ok(Lifetime::Never),
        Some(seconds @ 1..=LONGEST_SECONDS) => Ok(Lifetime::Seconds(seconds)),
        Some(_) => {
            let why = format!("is a number of seconds from 1 to {LONGEST_SECONDS}, or 0 for no end");
            Err(Error::invalid("expires_in", why))
        }
    }
}

/// A new secret: the one moment at which it can be seen.
#[derive(Debug)]
pub struct CreatedSecret {
    /// Whose it is.
    pub client: Client,
    /// What is kept of it.
    pub kept: ClientSecret,
    /// Itself.
    pub secret: TokenSecret,
}

impl Mote {
    /// Makes another secret for a client of the account; those that it has stay good.
    pub async fn create_account_client_secret(
        &self,
        access: &AccountAccess<AccountClientsUpdate>,
        client: &str,
        new: NewSecret,
    ) -> Result<CreatedSecret, Error> {
        self.create_client_secret(
            client_rows::Owner::Account(access.account().0),
            access.caller(),
            client,
            new,
        )
        .await
    }

    /// Makes another secret for a client of the product; those that it has stay good.
    pub async fn create_product_client_secret(
        &self,
        access: &ProductAccess<ClientsUpdate>,
        client: &str,
        new: NewSecret,
    ) -> Result<CreatedSecret, Error> {
        self.create_client_secret(
            client_rows::Owner::Product(access.product().id.0),
            access.caller(),
            client,
            new,
        )
        .await
    }

    /// Ends a secret of a client of the account; tokens that were made with it live on.
    pub async fn delete_account_client_secret(
        &self,
        access: &AccountAccess<AccountClientsUpdate>,
        client: &str,
        secret: &str,
    ) -> Result<(), Error> {
        self.delete_client_secret(
            client_rows::Owner::Account(access.account().0),
            access.caller(),
            client,
            secret,
        )
        .await
    }

    /// Ends a secret of a client of the product; tokens that were made with it live on.
    pub async fn delete_product_client_secret(
        &self,
        access: &ProductAccess<ClientsUpdate>,
        client: &str,
        secret: &str,
    ) -> Result<(), Error> {
        self.delete_client_secret(
            client_rows::Owner::Product(access.product().id.0),
            access.caller(),
            client,
            secret,
        )
        .await
    }

    /// The secrets of a client of the account, oldest first.
    pub async fn account_client_secrets(
        &self,
        access: &AccountAccess<AccountClientsList>,
        client: &str,
    ) -> Result<Vec<ClientSecret>, Error> {
        Ok(self.account_client(access, client).await?.0.secrets)
    }

    /// The secrets of a client of the product, oldest first.
    pub async fn product_client_secrets(
        &self,
        access: &ProductAccess<ClientsList>,
        client: &str,
    ) -> Result<Vec<ClientSecret>, Error> {
        Ok(self.product_client(access, client).await?.0.secrets)
    }

    async fn create_client_secret(
        &self,
        owner: client_rows::Owner,
        caller: &Caller,
        client: &str,
        new: NewSecret,
    ) -> Result<CreatedSecret, Error> {
        let name = ClientName::parse(&new.name)?.to_string();
        let now = self.now();
        let expires_at = lifetime(new.expires_in)?.end(now);
        let (secret, row) = self.new_secret(self.new_key(now), name, expires_at);
        let (client, recorder) = (client.to_owned(), self.recorder(caller));
        let limits = caller.grant().limits();
        let add = move |db: &mut Db| -> Result<(Client, ClientSecretRow), Error> {
            let client = owned(db, owner, &client)?;
            may_hand_out(limits, client.scope)?;
            if client.secrets.len() >= MOST_SECRETS {
                let text = format!("The client has {MOST_SECRETS} secrets already; end one that is not used");
                return Err(Error::Conflict(text));
            }
            let row = ClientSecretRow { client_id: client.key.0, ..row.clone() };
            rows::insert(db, &row)?;
            let entry = Entry::new(Action::ClientSecretCreated, &client.id, &client.name).of(space(owner));
            recorder.record(
                db,
                entry.with("secret_id", row.id.to_string()).with("secret_name", row.name.as_str()),
            )?;
            Ok((client, row))
        };
        let forget = |(client, _): &(Client, _)| [Notice::ClientSecretsChanged(client.key)];
        let (client, row) = self.write_and_forget(add, forget).await?;
        Ok(CreatedSecret { client, kept: row.try_into()?, secret })
    }

    async fn delete_client_secret(
        &self,
        owner: client_rows::Owner,
        caller: &Caller,
        client: &str,
        secret: &str,
    ) -> Result<(), Error> {
        let (client, secret, recorder) = (client.to_owned(), secret.to_owned(), self.recorder(caller));
        let end = move |db: &mut Db| -> Result<ClientKey, Error> {
            let client = owned(db, owner, &client)?;
            let found = client.secrets.iter().find(|kept| kept.id.to_string() == secret);
            let found = found.ok_or_else(|| Error::NotFound("The client has no such secret".into()))?;
            if client.secrets.len() + client.keys.len() == 1 {
                let text = "This is the client's only secret; make another one first, or delete the client";
                return Err(Error::Conflict(text.into()));
            }
            rows::delete(db, found.id.0)?;
            let entry = Entry::new(Action::ClientSecretEnded, &client.id, &client.name).of(space(owner));
            let (id, name) = (found.id.to_string(), found.name.as_str());
            recorder.record(db, entry.with("secret_id", id).with("secret_name", name))?;
            Ok(client.key)
        };
        self.write_and_forget(end, |key| [Notice::ClientSecretsChanged(*key)]).await?;
        Ok(())
    }

    /// A new secret, and its row, which lacks the client's key.
    pub(super) fn new_secret(
        &self,
        id: i64,
        name: String,
        expires_at: Option<Moment>,
    ) -> (TokenSecret, ClientSecretRow) {
        let secret = TokenSecret::generate();
        let digest = self.keys().digester.digest(Purpose::ClientSecret, secret.bytes());
        let row = ClientSecretRow {
            id,
            client_id: 0,
            name,
            digest_key: digest.key,
            digest_rest: digest.rest.to_vec(),
            created_at: self.now().0,
            expires_at: expires_at.map(|end| end.0),
            last_used_at: None,
        };
        (secret, row)
    }
}

/// Puts what they prove themselves by to clients that were just loaded.
pub(super) fn with_proofs(db: &mut Db, mut clients: Vec<Client>) -> Result<Vec<Client>, Error> {
    let keys: Vec<_> = clients.iter().map(|client| client.key.0).collect();
    let most = i64::try_from(keys.len() * MOST_SECRETS).unwrap_or(i64::MAX);
    for row in rows::of_clients(db, &keys, most)? {
        if let Some(client) = clients.iter_mut().find(|client| client.key.0 == row.client_id) {
            client.secrets.push(row.try_into()?);
        }
    }
    with_keys(db, clients)
}
