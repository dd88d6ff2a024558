//! Making, listing, seeing, replacing and ending integrations.

use std::sync::Arc;

use mote_store::integrations as rows;
use mote_store::integrations::logs;
use mote_store::secrets::{self, UserKind};
use mote_store::{Db, SpaceKey};
use serde_json::{Map, Value};

use super::integration::{Hook, Integration};
use super::{Kind, MOST_INTEGRATIONS, NewIntegration};
use crate::audit::{Action, Entry};
use crate::authorization::SpaceAccess;
use crate::authorization::table::{
    IntegrationsCreate, IntegrationsGet, IntegrationsList, IntegrationsRemove, IntegrationsUpdate,
};
use crate::notices::Notice;
use crate::{Error, IntegrationId, Moment, Mote};

/// Requests of an integration that are shown (contract: Integrations-Get-Integration).
pub(super) const MOST_LOGS: i64 = 10;

/// An integration, and how it has been doing.
#[derive(Debug)]
pub struct IntegrationDetail {
    /// The integration.
    pub integration: Integration,
    /// Its latest requests and what came of them, newest first.
    pub logs: Vec<Value>,
    /// Until when it sleeps after many failures, if it does.
    pub sleeping_until: Option<Moment>,
}

/// That something was done to an integration.
fn entry(action: Action, row: &rows::IntegrationRow, space: SpaceKey) -> Entry {
    Entry::new(action, IntegrationId(row.id).to_hex(), &row.name).of(space)
}

impl Mote {
    /// Makes an integration.
    pub async fn create_integration(
        &self,
        access: &SpaceAccess<IntegrationsCreate>,
        new: NewIntegration,
    ) -> Result<Integration, Error> {
        let now = self.now();
        let (space, owner) = (access.space().key(), access.space().owner_key());
        let integration = Integration::new(IntegrationId(self.new_key(now)), space, new, now);
        let hook = Hook::checked(integration, self.hooks().outbound.guard())?;
        let names = hook.secrets().to_vec();
        let row = hook.integration.to_row(&self.keys().sealer);
        let recorder = self.recorder(access.caller());
        let insert = move |db: &mut Db| -> Result<(), Error> {
            if rows::count(db, space)? >= MOST_INTEGRATIONS {
                return Err(Error::Conflict(format!(
                    "There are {MOST_INTEGRATIONS} integrations already; delete unused ones"
                )));
            }
            rows::insert(db, &row)?;
            recorder.record(db, entry(Action::IntegrationCreated, &row, space))?;
            use_secrets(db, owner, row.id, &row.name, &names)
        };
        self.write_and_forget(insert, move |()| [Notice::IntegrationMade(space)]).await?;
        Ok(hook.integration)
    }

    /// The integrations of the space, oldest first; those of one type only, if one is asked for.
    pub async fn list_integrations(
        &self,
        access: &SpaceAccess<IntegrationsList>,
        only: Option<Kind>,
    ) -> Result<Vec<Integration>, Error> {
        let space = access.space().key();
        let found = self.store().read(move |db| rows::list(db, space, MOST_INTEGRATIONS)).await?;
        let read = found.into_iter().map(|row| Integration::from_row(row, &self.keys().sealer));
        let all = read.collect::<Result<Vec<_>, _>>()?;
        Ok(all.into_iter().filter(|one| only.is_none_or(|kind| one.kind == kind)).collect())
    }

    /// An integration, and how it has been doing.
    pub async fn get_integration(
        &self,
        access: &SpaceAccess<IntegrationsGet>,
        id: &str,
        only: Option<Kind>,
    ) -> Result<IntegrationDetail, Error> {
        let integration = self.integration_of(access.space().key(), id, only).await?;
        let id = integration.id;
        let logs = self.store().read(move |db| logs::list(db, id.0, MOST_LOGS)).await?;
        let logs = logs.iter().filter_map(|row| serde_json::from_str(&row.entry).ok()).collect();
        let sleeping_until = self.hooks().states.sleeps_until(id, self.now());
        Ok(IntegrationDetail { integration, logs, sleeping_until })
    }

    /// Puts what a client sent in the place of an integration. Only what an integration cannot be without stays where it is
    /// not named (contract: the examples of Integrations-PutV1IntegrationsIntegrationid, which name one field and answer
    /// them all); everything else is as if it were made new.
    pub async fn replace_integration(
        &self,
        access: &SpaceAccess<IntegrationsUpdate>,
        id: &str,
        fields: Map<String, Value>,
        only: Option<Kind>,
    ) -> Result<Integration, Error> {
        let space = access.space().key();
        let before = self.integration_of(space, id, only).await?;
        let new = NewIntegration::parse_over(fields, &before)?;
        let after = Integration {
            created_at: before.created_at,
            ..Integration::new(before.id, space, new, self.now())
        };
        self.put_integration(access, Hook::checked(after, self.hooks().outbound.guard())?).await
    }

    /// Switches an integration off or on: everything else stays as it is.
    pub async fn switch_integration(
        &self,
        access: &SpaceAccess<IntegrationsUpdate>,
        id: &str,
        disabled: bool,
    ) -> Result<Integration, Error> {
        let before = self.integration_of(access.space().key(), id, None).await?;
        let after = Integration { disabled, updated_at: self.now(), ..before };
        // Whatever it is, it can be switched off.
        let hook =
            if disabled { Hook::known(after)? } else { Hook::checked(after, self.hooks().outbound.guard())? };
        self.put_integration(access, hook).await
    }

    /// Puts an integration in the place of what it was.
    async fn put_integration(
        &self,
        access: &SpaceAccess<IntegrationsUpdate>,
        hook: Hook,
    ) -> Result<Integration, Error> {
        let (space, owner, id) = (access.space().key(), access.space().owner_key(), hook.integration.id);
        let names = hook.secrets().to_vec();
        let row = hook.integration.to_row(&self.keys().sealer);
        let recorder = self.recorder(access.caller());
        let replace = move |db: &mut Db| -> Result<(), Error> {
            rows::get(db, row.id)?.ok_or_else(not_here)?;
            rows::replace(db, &row)?;
            recorder.record(db, entry(Action::IntegrationUpdated, &row, space))?;
            use_secrets(db, owner, row.id, &row.name, &names)
        };
        self.write_and_forget(replace, move |()| [Notice::IntegrationChanged(space, id)]).await?;
        Ok(hook.integration)
    }

    /// Ends an integration: it fires no more. What is queued for it is dropped.
    pub async fn delete_integration(
        &self,
        access: &SpaceAccess<IntegrationsRemove>,
        id: &str,
        only: Option<Kind>,
    ) -> Result<(), Error> {
        let (space, owner) = (access.space().key(), access.space().owner_key());
        let id = self.integration_of(space, id, only).await?.id;
        let recorder = self.recorder(access.caller());
        let delete = move |db: &mut Db| -> Result<(), Error> {
            let row = rows::get(db, id.0)?.ok_or_else(not_here)?;
            recorder.record(db, entry(Action::IntegrationDeleted, &row, space))?;
            rows::delete(db, id.0)?;
            logs::delete_of(db, id.0)?;
            use_secrets(db, owner, id.0, "", &[])
        };
        self.write_and_forget(delete, move |()| [Notice::IntegrationChanged(space, id)]).await
    }

    /// The integration of this ID in the space; one of another type than asked for is none.
    pub(super) async fn integration_of(
        &self,
        space: SpaceKey,
        id: &str,
        only: Option<Kind>,
    ) -> Result<Integration, Error> {
        let id = IntegrationId::parse(id).ok_or_else(not_here)?;
        let row = self.store().read(move |db| rows::get(db, id.0)).await?.ok_or_else(not_here)?;
        let integration = Integration::from_row(row, &self.keys().sealer)?;
        let here = integration.space == space && only.is_none_or(|kind| kind == integration.kind);
        if here { Ok(integration) } else { Err(not_here()) }
    }

    /// An integration, ready for use; none where it is gone.
    pub(super) async fn hook(&self, id: IntegrationId) -> Result<Option<Arc<Hook>>, Error> {
        let kept = &self.hooks().kept;
        if let Some(hook) = kept.get(&id) {
            return Ok(Some(hook));
        }
        let epoch = kept.epoch();
        let Some(row) = self.store().read(move |db| rows::get(db, id.0)).await? else { return Ok(None) };
        let integration = Integration::from_row(row, &self.keys().sealer)?;
        let hook = Arc::new(Hook::known(integration)?);
        kept.keep(id, &hook, epoch);
        Ok(Some(hook))
    }

    /// Drops what memory holds of what fires integrations of a space; after the commit that made one.
    pub(crate) fn forget_triggers(&self, space: SpaceKey) {
        self.hooks().triggers.drop_one(&space);
    }

    /// Drops what memory holds of an integration; after the commit that changed or ended it.
    pub(crate) fn forget_integration(&self, space: SpaceKey, id: IntegrationId) {
        self.forget_triggers(space);
        self.hooks().kept.drop_one(&id);
        self.hooks().states.wake(id);
    }

    /// Drops what memory holds of a space's integrations; after the commit that ended it.
    pub(crate) fn forget_integrations_of(&self, space: SpaceKey) {
        self.forget_triggers(space);
        self.hooks().kept.drop_where(|hook| hook.integration.space == space);
    }
}

fn not_here() -> Error {
    Error::NotFound("There is no such integration here".into())
}

/// Notes which secrets an integration uses; one that is not there is refused.
fn use_secrets(
    db: &mut Db,
    owner: SpaceKey,
    integration: i64,
    called: &str,
    names: &[String],
) -> Result<(), Error> {
    for name in names {
        if secrets::get(db, owner, name)?.is_none() {
            let text =
                format!("names {name}, and there is no such secret; make it first (PUT /v1/secrets/{name})");
            return Err(Error::invalid("secrets", text));
        }
    }
    Ok(secrets::set_uses(db, owner, (UserKind::Integration, integration), called, names)?)
}

/// Removes the integrations of a space that ends.
pub(crate) fn delete_of_space(db: &mut Db, space: SpaceKey) -> Result<(), Error> {
    for id in rows::delete_of_space(db, space)? {
        logs::delete_of(db, id)?;
        secrets::set_uses(db, space, (UserKind::Integration, id), "", &[])?;
    }
    Ok(())
}
