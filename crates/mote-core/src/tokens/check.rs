//! Checking an access token: from memory, or once from the store.

use std::sync::Arc;

use mote_store::Db;
use mote_store::api_users::ApiUserRow;
use mote_store::tokens as rows;
use mote_store::tokens::TokenRow;
use mote_store::{api_users, customers};

use super::find::by_access;
use super::{Grant, Holder};
use crate::authorization::{Limits, Scopes};
use crate::clients::{ClientScope, is_built_in};
use crate::keys::{Digest, Purpose, TokenSecret};
use crate::teams::TeamId;
use crate::uses::{Credential, Noted};
use crate::{ClientKey, Error, Moment, Mote, TokenId};

impl Mote {
    /// What a token that came with a request grants.
    ///
    /// Fails with [`Error::InvalidToken`] where it is malformed, unknown, revoked or expired, or its client is gone.
    pub async fn authenticate(&self, token: &str) -> Result<Arc<Grant>, Error> {
        let secret = TokenSecret::parse(token).ok_or(Error::InvalidToken)?;
        let in_memory = self.memory().digest(Purpose::AccessToken, secret.bytes());
        if let Some(grant) = self.grants().get(&in_memory) {
            return self.living(grant);
        }
        let digests = self.keys().digester.digests(Purpose::AccessToken, secret.bytes());
        let grant = self.load_grant(in_memory, digests).await?;
        self.living(grant)
    }

    /// The same grant, if it still lives, as it is now.
    pub(crate) async fn still_living_grant(&self, known: &Grant) -> Result<Arc<Grant>, Error> {
        let grant = match self.grants().get(&known.in_memory) {
            Some(grant) => grant,
            None => self.load_grant(known.in_memory, vec![known.digest]).await?,
        };
        self.living(grant)
    }

    fn living(&self, grant: Arc<Grant>) -> Result<Arc<Grant>, Error> {
        let now = self.now();
        if grant.is_over(now) {
            return Err(Error::InvalidToken);
        }
        // Sessions of the console keep count by themselves.
        if grant.console_session().is_none() {
            self.uses().note(Credential::Token(grant.id), &grant.noted, now);
        }
        Ok(grant)
    }

    async fn load_grant(&self, in_memory: Digest, digests: Vec<Digest>) -> Result<Arc<Grant>, Error> {
        let epoch = self.grants().epoch();
        let found = self
            .store()
            .read(move |db| -> Result<_, Error> {
                let Some(row) = by_access(db, &digests)? else { return Ok(None) };
                living(db, row)
            })
            .await?;
        let (row, team, limits) = found.ok_or(Error::InvalidToken)?;
        let grant = Arc::new(grant_of(in_memory, &row, team, limits)?);
        let now = self.now();
        if grant.is_over(now) {
            return Err(Error::InvalidToken);
        }
        // The first use of a successor tells that the answer which carried it was not lost (see `refresh`).
        if row.parent.is_some() && row.used_at.is_none() {
            self.store().write(move |db| rows::mark_used(db, row.id, now.0)).await?;
        }
        self.grants().keep(in_memory, &grant, epoch);
        Ok(grant)
    }
}

/// The row of a grant, the team of the API user that it belongs to, if it is one's, and what it is limited to.
pub(super) type Loaded = (TokenRow, Option<TeamId>, Limits);

/// A grant with what it rests on; none where that is gone: its client, its customer or its API user.
pub(super) fn living(db: &mut Db, row: TokenRow) -> Result<Option<Loaded>, Error> {
    if let Some(api_user) = row.api_user_id {
        let api_user = api_users::get(db, api_user)?;
        return api_user.map(|api_user| of_api_user(row, &api_user)).transpose();
    }
    if let Some(customer) = row.customer_id {
        return of_customer(db, row, customer);
    }
    if is_built_in(ClientKey(row.client_id)) {
        return Ok(Some((row, None, Limits::None)));
    }
    let client = mote_store::clients::get(db, row.client_id)?;
    let limits = |scope: Option<&str>| ClientScope::from_store(scope).limits();
    Ok(client.map(|client| (row, None, limits(client.scope.as_deref()))))
}

/// A customer's grant lives as long as he and his product do, and the client. What that is limited to is what itself may do
/// for the product, and no matter of its customers.
fn of_customer(db: &mut Db, row: TokenRow, customer: i64) -> Result<Option<Loaded>, Error> {
    let client = ClientKey(row.client_id);
    let unbound = is_built_in(client) || client == ClientKey::NONE;
    let lives = customers::get(db, customer)?.is_some()
        && (unbound || mote_store::clients::get(db, client.0)?.is_some());
    Ok(lives.then_some((row, None, Limits::None)))
}

fn of_api_user(row: TokenRow, api_user: &ApiUserRow) -> Result<Loaded, Error> {
    let team = TeamId::of_api_user(api_user)?;
    Ok((row, Some(team), Limits::Only(Scopes::from_store(&api_user.scopes))))
}

fn grant_of(in_memory: Digest, row: &TokenRow, team: Option<TeamId>, limits: Limits) -> Result<Grant, Error> {
    let digest = Digest::from_parts(row.access_key, &row.access_rest)
        .ok_or_else(|| Error::Internal(format!("the digest of grant {} is no digest", row.id)))?;
    let holder = Holder::of_row(row, team)
        .ok_or_else(|| Error::Internal(format!("grant {} speaks for nobody", row.id)))?;
    Ok(Grant {
        id: TokenId(row.id),
        in_memory,
        digest,
        family: TokenId(row.family.unwrap_or(row.id)),
        holder,
        client: ClientKey(row.client_id),
        limits,
        expires_at: row.expires_at.map(Moment),
        noted: Noted::at(row.last_used_at),
    })
}
