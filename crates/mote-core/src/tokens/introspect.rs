//! Token introspection (RFC 7662): a service that was sent a token asks what it is worth.

use mote_store::tokens::TokenRow;
use mote_store::{Db, accounts, api_users, clients, customers};

use super::Holder;
use super::check::living;
use super::find::{Either, TokenUse};
use crate::authorization::Limits;
use crate::clients::{Client, ClientOwner, built_in_id};
use crate::teams::TeamId;
use crate::{ClientKey, Error, Moment, Mote, OAuthError};

/// A living token, as its introspection tells it (RFC 7662 section 2.2).
#[derive(Debug)]
pub struct Introspection {
    /// Which of a grant's two it is.
    pub token_use: TokenUse,
    /// ID of the client it was made with; none for what an API user has or made.
    pub client: Option<String>,
    /// Address of the account or name of the customer or API user that it speaks for; none for a product's own.
    pub username: Option<String>,
    /// Whom it speaks for.
    pub holder: Holder,
    /// Scopes that it is limited to; empty for no limit, where it is no API user's.
    pub scopes: Vec<&'static str>,
    /// Made.
    pub issued_at: Moment,
    /// Its end; none if it has none.
    pub expires_at: Option<Moment>,
}

impl Mote {
    /// What a token is worth; none where it is unknown, over, or none of this client's business.
    ///
    /// A product's client sees what opens its product: its tokens, its customers' and its API users'. A client of an account
    /// sees the tokens that were made with it. Public clients, which anybody can be, see nothing:
    /// [`OAuthError::UnauthorizedClient`].
    pub async fn introspect(&self, client: &Client, token: &str) -> Result<Option<Introspection>, Error> {
        if client.owner == ClientOwner::BuiltIn {
            let text = "Introspection takes a client that keeps a secret: one of a product or of an account";
            return Err(OAuthError::UnauthorizedClient(text.into()).into());
        }
        let Some(either) = Either::parse(token, &self.keys().digester) else { return Ok(None) };
        let (owner, key, now) = (client.owner, client.key, self.now());
        self.store()
            .read(move |db| -> Result<_, Error> {
                let Some((row, token_use)) = either.find(db)? else { return Ok(None) };
                let over = match token_use {
                    TokenUse::Access => row.expires_at.is_some_and(|end| end <= now.0),
                    TokenUse::Refresh => row.refresh_spent_at.is_some() || row.refresh_expires_at <= now.0,
                };
                let Some((row, team, limits)) = living(db, row)? else { return Ok(None) };
                let Some(holder) = Holder::of_row(&row, team) else { return Ok(None) };
                if over || !concerns(owner, key, &row, holder) {
                    return Ok(None);
                }
                describe(db, &row, holder, token_use, limits).map(Some)
            })
            .await
    }
}

/// Whether a token is the business of a client of this owner.
fn concerns(owner: ClientOwner, client: ClientKey, row: &TokenRow, holder: Holder) -> bool {
    match (owner, holder) {
        (ClientOwner::Product(own), Holder::Product(product) | Holder::Customer(_, product)) => {
            own == product
        }
        (ClientOwner::Product(own), Holder::ApiUser(_, team)) => team == TeamId::Product(own),
        (ClientOwner::Account(_), _) => row.client_id == client.0,
        (ClientOwner::Product(_) | ClientOwner::BuiltIn, _) => false,
    }
}

fn describe(
    db: &mut Db,
    row: &TokenRow,
    holder: Holder,
    token_use: TokenUse,
    limits: Limits,
) -> Result<Introspection, Error> {
    let key = ClientKey(row.client_id);
    let client = match built_in_id(key) {
        Some(id) => Some(id.to_owned()),
        None => clients::get(db, key.0)?.map(|client| client.client_id),
    };
    let username = match holder {
        Holder::User(account) | Holder::Console(account) => {
            accounts::get(db, account.0)?.map(|account| account.username)
        }
        Holder::Customer(customer, _) => customers::get(db, customer.0)?.map(|customer| customer.username),
        Holder::ApiUser(api_user, _) => api_users::get(db, api_user.0)?.map(|api_user| api_user.username),
        Holder::Product(_) => None,
    };
    let expires_at = match token_use {
        TokenUse::Access => row.expires_at,
        TokenUse::Refresh => Some(row.refresh_expires_at),
    };
    Ok(Introspection {
        token_use,
        client,
        username,
        holder,
        scopes: limits.names(),
        issued_at: Moment(row.created_at),
        expires_at: expires_at.map(Moment),
    })
}
