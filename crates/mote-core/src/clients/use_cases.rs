//! Making, listing, changing and ending clients, and the check of a client's secret.

use std::sync::Arc;

use mote_store::Db;
use mote_store::client_secrets::ClientSecretRow;
use mote_store::clients as rows;
use mote_store::clients::ClientRow;
use mote_store::{client_secrets, tokens};

use super::built_in::find_built_in;
use super::handing_out::may_hand_out;
use super::redirect::{RegisteredRedirect, checked_redirect};
use super::secrets::{FIRST, with_proofs};
use super::{Client, ClientKind, ClientOwner, ClientScope};
use crate::audit::{Action, Entry};
use crate::authorization::table::{
    AccountClientsCreate, AccountClientsList, AccountClientsRemove, AccountClientsUpdate, ClientsCreate,
    ClientsList, ClientsRemove, ClientsUpdate,
};
use crate::authorization::{AccountAccess, Caller, ProductAccess};
use crate::keys::{Purpose, TokenSecret};
use crate::names::{ClientId, ClientName};
use crate::notices::Notice;
use crate::spaces::still_there;
use crate::uses::Credential;
use crate::{ClientKey, Error, Moment, Mote, OAuthError, SpaceKey};

/// Clients that an account or a product may have: bounds the list, which the API gives whole.
const MOST_CLIENTS: i64 = 500;
/// Tokens that are counted at most.
const MOST_COUNTED: i64 = 1000;
/// Draws of four digits before giving up: at that point the name has nearly used up its ten thousand.
const DRAWS: u32 = 200;

/// What a new client is to be.
#[derive(Debug)]
pub struct NewClient {
    /// What people call it; its ID is made of it.
    pub name: String,
    /// `installed` or `web`.
    pub kind: String,
    /// Needed for `web`, refused elsewhere.
    pub redirect_uri: Option<String>,
    /// What its tokens shall be limited to.
    pub scope: Option<String>,
}

/// What is to be changed of a client.
#[derive(Debug, Default)]
pub struct ClientChange {
    /// New name.
    pub name: Option<String>,
    /// New scope; `none` for no limit.
    pub scope: Option<String>,
    /// What it is, which cannot change: where it is named, the present one.
    pub kind: Option<String>,
    /// Where people are sent from now on, with a client of type `web`.
    pub redirect_uri: Option<String>,
}

/// How many tokens of a client are alive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LivingTokens {
    /// So many.
    Count(usize),
    /// More than this; they are not all counted.
    Beyond(i64),
}

/// A new client and its secret: the one moment at which it can be seen.
#[derive(Debug)]
pub struct CreatedClient {
    /// The client.
    pub client: Client,
    /// Its secret.
    pub secret: TokenSecret,
}

impl Mote {
    /// The account's clients, oldest first.
    pub async fn account_clients(
        &self,
        access: &AccountAccess<AccountClientsList>,
    ) -> Result<Vec<Client>, Error> {
        self.clients_of(rows::Owner::Account(access.account().0)).await
    }

    /// The product's clients, oldest first.
    pub async fn product_clients(&self, access: &ProductAccess<ClientsList>) -> Result<Vec<Client>, Error> {
        self.clients_of(rows::Owner::Product(access.product().id.0)).await
    }

    /// Makes a client of the account.
    pub async fn create_account_client(
        &self,
        access: &AccountAccess<AccountClientsCreate>,
        new: NewClient,
    ) -> Result<CreatedClient, Error> {
        self.create_client(rows::Owner::Account(access.account().0), access.caller(), new).await
    }

    /// Makes a client of the product.
    pub async fn create_product_client(
        &self,
        access: &ProductAccess<ClientsCreate>,
        new: NewClient,
    ) -> Result<CreatedClient, Error> {
        self.create_client(rows::Owner::Product(access.product().id.0), access.caller(), new).await
    }

    /// Changes a client of the account; its tokens follow at once.
    pub async fn update_account_client(
        &self,
        access: &AccountAccess<AccountClientsUpdate>,
        id: &str,
        change: ClientChange,
    ) -> Result<Client, Error> {
        self.update_client(rows::Owner::Account(access.account().0), access.caller(), id, change).await
    }

    /// Changes a client of the product; its tokens follow at once.
    pub async fn update_product_client(
        &self,
        access: &ProductAccess<ClientsUpdate>,
        id: &str,
        change: ClientChange,
    ) -> Result<Client, Error> {
        self.update_client(rows::Owner::Product(access.product().id.0), access.caller(), id, change).await
    }

    /// Ends a client of the account and all of its tokens.
    pub async fn delete_account_client(
        &self,
        access: &AccountAccess<AccountClientsRemove>,
        id: &str,
    ) -> Result<(), Error> {
        self.delete_client(rows::Owner::Account(access.account().0), access.caller(), id).await
    }

    /// Ends a client of the product and all of its tokens.
    pub async fn delete_product_client(
        &self,
        access: &ProductAccess<ClientsRemove>,
        id: &str,
    ) -> Result<(), Error> {
        self.delete_client(rows::Owner::Product(access.product().id.0), access.caller(), id).await
    }

    /// A client of the product, and how many living tokens end with it.
    pub async fn product_client(
        &self,
        access: &ProductAccess<ClientsList>,
        id: &str,
    ) -> Result<(Client, LivingTokens), Error> {
        self.client_and_tokens(rows::Owner::Product(access.product().id.0), id).await
    }

    /// The same of a client of the account.
    pub async fn account_client(
        &self,
        access: &AccountAccess<AccountClientsList>,
        id: &str,
    ) -> Result<(Client, LivingTokens), Error> {
        self.client_and_tokens(rows::Owner::Account(access.account().0), id).await
    }

    async fn client_and_tokens(&self, owner: rows::Owner, id: &str) -> Result<(Client, LivingTokens), Error> {
        let (id, now) = (id.to_owned(), self.now());
        self.store()
            .read(move |db| -> Result<_, Error> {
                let client = owned(db, owner, &id)?;
                let count = tokens::count_of_client(db, client.key.0, now.0, MOST_COUNTED + 1)?;
                let beyond = i64::try_from(count).is_ok_and(|count| count > MOST_COUNTED);
                Ok((
                    client,
                    if beyond { LivingTokens::Beyond(MOST_COUNTED) } else { LivingTokens::Count(count) },
                ))
            })
            .await
    }

    /// The client with this ID and secret.
    ///
    /// Fails with [`OAuthError::InvalidClient`], which does not say whether it was the ID or the secret.
    pub async fn authenticate_client(&self, id: &str, secret: &str) -> Result<Arc<Client>, Error> {
        let refused = || Error::OAuth(OAuthError::InvalidClient);
        if let Some((key, known, right)) = find_built_in(id, secret) {
            return if right { Ok(Arc::new(built_in_client(key, known))) } else { Err(refused()) };
        }
        let secret = TokenSecret::parse(secret).ok_or_else(refused)?;
        let client = self.client(id).await?.ok_or_else(refused)?;
        let shown = self.keys().digester.digests(Purpose::ClientSecret, secret.bytes());
        let now = self.now();
        // All are compared, so that the time tells nothing of which.
        let fitting =
            client.secrets.iter().filter(|kept| shown.contains(&kept.digest) && !kept.is_over(now)).last();
        let used = fitting.ok_or_else(refused)?;
        self.uses().note(Credential::Secret(used.id), &used.noted, now);
        Ok(client)
    }

    /// The client of this ID, of an account or product; the caller has not proved to have its secret.
    pub(crate) async fn client(&self, id: &str) -> Result<Option<Arc<Client>>, Error> {
        if let Some(client) = self.clients().get(id) {
            return Ok(Some(client));
        }
        if ClientId::parse(id).is_none() {
            return Ok(None);
        }
        let epoch = self.clients().epoch();
        let id = id.to_owned();
        let found = self.store().read(move |db| -> Result<_, Error> {
            let row = rows::by_client_id(db, &id)?;
            Ok(with_proofs(db, row.map(Client::try_from).transpose()?.into_iter().collect())?.pop())
        });
        let Some(client) = found.await? else { return Ok(None) };
        let client = Arc::new(client);
        self.clients().keep(client.id.clone(), &client, epoch);
        Ok(Some(client))
    }

    async fn clients_of(&self, owner: rows::Owner) -> Result<Vec<Client>, Error> {
        self.store()
            .read(move |db| {
                let found = rows::list(db, owner, 0, MOST_CLIENTS)?;
                with_proofs(db, found.into_iter().map(Client::try_from).collect::<Result<_, _>>()?)
            })
            .await
    }

    async fn create_client(
        &self,
        owner: rows::Owner,
        caller: &Caller,
        new: NewClient,
    ) -> Result<CreatedClient, Error> {
        let name = ClientName::parse(&new.name)?;
        let kind = ClientKind::parse(&new.kind)?;
        let redirect_uri = checked_redirect(kind, new.redirect_uri)?;
        let scope = ClientScope::parse(new.scope.as_deref())?;
        may_hand_out(caller.grant().limits(), scope)?;
        let now = self.now();
        let (account_id, product_id) = match owner {
            rows::Owner::Account(id) => (Some(id), None),
            rows::Owner::Product(id) => (None, Some(id)),
        };
        let (key, recorder) = (self.new_key(now), self.recorder(caller));
        let (secret, secret_row) = self.new_secret(key, FIRST.into(), None);
        let client = self
            .store()
            .write(move |db| -> Result<Client, Error> {
                still_there(db, space(owner))?;
                if rows::count(db, owner)? >= MOST_CLIENTS {
                    return Err(Error::Conflict(format!(
                        "There are {MOST_CLIENTS} clients already; delete unused ones"
                    )));
                }
                let row = ClientRow {
                    id: key,
                    client_id: free_client_id(db, &name)?,
                    account_id,
                    product_id,
                    name: name.to_string(),
                    kind: kind as i16,
                    redirect_uri: redirect_uri.clone(),
                    scope: scope.to_store().map(str::to_owned),
                    created_at: now.0,
                };
                rows::insert(db, &row)?;
                let secret_row = ClientSecretRow { client_id: key, ..secret_row.clone() };
                client_secrets::insert(db, &secret_row)?;
                let entry = Entry::new(Action::ClientCreated, &row.client_id, &row.name).of(space(owner));
                recorder.record(db, entry.with("scope", row.scope.as_deref()))?;
                Ok(Client { secrets: vec![secret_row.try_into()?], ..Client::try_from(row)? })
            })
            .await?;
        Ok(CreatedClient { client, secret })
    }

    async fn update_client(
        &self,
        owner: rows::Owner,
        caller: &Caller,
        id: &str,
        change: ClientChange,
    ) -> Result<Client, Error> {
        let name = change.name.as_deref().map(ClientName::parse).transpose()?;
        let scope = change.scope.as_deref().map(|scope| ClientScope::parse(Some(scope))).transpose()?;
        scope.map_or(Ok(()), |scope| may_hand_out(caller.grant().limits(), scope))?;
        let kind = change.kind.as_deref().map(ClientKind::parse).transpose()?;
        let limits = caller.grant().limits();
        let (id, recorder, redirect_uri) = (id.to_owned(), self.recorder(caller), change.redirect_uri);
        let change = move |db: &mut Db| -> Result<Client, Error> {
            let mut client = owned(db, owner, &id)?;
            if let Some(name) = &name {
                client.name = name.to_string();
            }
            client.scope = scope.unwrap_or(client.scope);
            if kind.is_some_and(|kind| kind != client.kind) {
                return Err(Error::invalid("type", "of a client stays what it is: make another client"));
            }
            let mut entry = Entry::new(Action::ClientUpdated, &client.id, &client.name).of(space(owner));
            if let Some(uri) = &redirect_uri {
                // Where a client leads is worth what it opens.
                may_hand_out(limits, client.scope)?;
                let uri = checked_redirect(client.kind, Some(uri.clone()))?;
                entry = entry.with("redirect_uri", uri.as_deref());
                client.redirect_uri = uri.map(RegisteredRedirect::of_store);
            }
            let redirect_uri = client.redirect_uri.as_ref().map(RegisteredRedirect::as_str);
            rows::update(db, client.key.0, &client.name, client.scope.to_store(), redirect_uri)?;
            recorder.record(db, entry.with("scope", client.scope.to_store()))?;
            Ok(client)
        };
        self.write_and_forget(change, |client| [Notice::ClientChanged(client.key)]).await
    }

    async fn delete_client(&self, owner: rows::Owner, caller: &Caller, id: &str) -> Result<(), Error> {
        let (id, recorder) = (id.to_owned(), self.recorder(caller));
        let delete = move |db: &mut Db| -> Result<ClientKey, Error> {
            let client = owned(db, owner, &id)?;
            let entry = Entry::new(Action::ClientDeleted, &client.id, &client.name).of(space(owner));
            recorder.record(db, entry)?;
            rows::delete(db, client.key.0)?;
            Ok(client.key)
        };
        self.write_and_forget(delete, |key| [Notice::ClientChanged(*key)]).await?;
        Ok(())
    }

    /// Drops what memory holds of a client and its grants; after the commit that changed or ended it.
    pub(crate) fn forget_client(&self, key: ClientKey) {
        self.clients().drop_where(|client| client.key == key);
        self.forget_grants_of_client(key);
    }
}

/// Whom a client's entries concern.
pub(super) fn space(owner: rows::Owner) -> SpaceKey {
    match owner {
        rows::Owner::Account(id) => SpaceKey::Account(id),
        rows::Owner::Product(id) => SpaceKey::Product(id),
    }
}

fn built_in_client(key: ClientKey, id: &str) -> Client {
    Client {
        key,
        id: id.to_owned(),
        name: id.to_owned(),
        kind: ClientKind::Installed,
        owner: ClientOwner::BuiltIn,
        redirect_uri: None,
        scope: ClientScope::None,
        created_at: Moment(0),
        secrets: Vec::new(),
        keys: Vec::new(),
    }
}

pub(super) fn owned(db: &mut Db, owner: rows::Owner, id: &str) -> Result<Client, Error> {
    let row = rows::by_client_id(db, id)?.filter(|row| match owner {
        rows::Owner::Account(account) => row.account_id == Some(account),
        rows::Owner::Product(product) => row.product_id == Some(product),
    });
    let unknown = || Error::NotFound("There is no such OAuth client here".into());
    let client = Client::try_from(row.ok_or_else(unknown)?)?;
    with_proofs(db, vec![client])?.pop().ok_or_else(unknown)
}

fn free_client_id(db: &mut Db, name: &ClientName) -> Result<String, Error> {
    for _ in 0..DRAWS {
        let id = ClientId::new(name, crate::mote::random_u16()).to_string();
        if rows::by_client_id(db, &id)?.is_none() {
            return Ok(id);
        }
    }
    Err(Error::Conflict("Too many clients have this name; choose another".into()))
}
