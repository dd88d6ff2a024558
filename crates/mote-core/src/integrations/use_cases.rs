//! Making, listing, seeing, replacing and ending integrations.

use std::sync::Arc;

use mote_store::integrations as rows;
use mote_store::integrations::logs;
use mote_store::secrets::{self, UserKind};
use mote_store::{Db, SpaceKey};
use serde_json::{Map, Value};

use super::integration::{Hook, Integration};
use super::uses::use_secrets;
use super::{Kind, MOST_INTEGRATIONS, NewIntegration, kept};
use crate::audit::{Action, Entry};
use crate::authorization::SpaceAccess;
use crate::authorization::table::{
    IntegrationsCreate, IntegrationsGet, IntegrationsList, IntegrationsRemove, IntegrationsUpdate,
};
use crate::keys::Sealer;
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
        let space = access.space().key();
        let new = NewIntegration { settings: kept::filled(&new, None)?, ..new };
        let integration = Integration::new(IntegrationId(self.new_key(now)), space, new, now);
        let hook = Hook::checked(integration, self.hooks().outbound.guard())?;
        let (mote, caller) = (self.clone(), access.caller().clone());
        let insert = move |db: &mut Db| -> Result<Integration, Error> {
            if rows::count(db, space)? >= MOST_INTEGRATIONS {
                return Err(Error::Conflict(format!(
                    "There are {MOST_INTEGRATIONS} integrations already; delete unused ones"
                )));
            }
            let row = hook.integration.to_row(&mote.keys().sealer);
            rows::insert(db, &row)?;
            mote.recorder(&caller).record(db, entry(Action::IntegrationCreated, &row, space))?;
            use_secrets(db, caller.grant(), &hook, None)?;
            Ok(hook.integration.clone())
        };
        self.write_and_forget(insert, move |_| [Notice::IntegrationMade(space)]).await
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
        let (space, mote, caller) = (access.space().key(), self.clone(), access.caller().clone());
        let replace = move |db: &mut Db, before: &Integration| -> Result<Integration, Error> {
            let new = NewIntegration::parse_over(fields.clone(), before)?;
            let after = Integration {
                created_at: before.created_at,
                ..Integration::new(before.id, space, new, mote.now())
            };
            let hook = Hook::checked(after, mote.hooks().outbound.guard())?;
            use_secrets(db, caller.grant(), &hook, Some(&before.settings))?;
            Ok(hook.integration)
        };
        self.change_integration(access, id, only, replace).await
    }

    /// Switches an integration off or on: everything else stays as it is.
    pub async fn switch_integration(
        &self,
        access: &SpaceAccess<IntegrationsUpdate>,
        id: &str,
        disabled: bool,
    ) -> Result<Integration, Error> {
        let mote = self.clone();
        let switch = move |_: &mut Db, before: &Integration| -> Result<Integration, Error> {
            // Whatever it is, it can be switched off.
            if !disabled {
                before.settings.compile(before.kind, Some(mote.hooks().outbound.guard()))?;
            }
            Ok(Integration { disabled, updated_at: mote.now(), ..before.clone() })
        };
        self.change_integration(access, id, None, switch).await
    }

    /// Puts what `change` makes of an integration in its place, in the one write that reads what it is.
    async fn change_integration(
        &self,
        access: &SpaceAccess<IntegrationsUpdate>,
        id: &str,
        only: Option<Kind>,
        change: impl Fn(&mut Db, &Integration) -> Result<Integration, Error> + Send + 'static,
    ) -> Result<Integration, Error> {
        let (space, id) = (access.space().key(), IntegrationId::parse(id).ok_or_else(not_here)?);
        let (mote, caller) = (self.clone(), access.caller().clone());
        let replace = move |db: &mut Db| -> Result<Integration, Error> {
            let before = here(db, &mote.keys().sealer, space, id, only)?;
            let after = change(db, &before)?;
            let row = after.to_row(&mote.keys().sealer);
            rows::replace(db, &row)?;
            mote.recorder(&caller).record(db, entry(Action::IntegrationUpdated, &row, space))?;
            Ok(after)
        };
        self.write_and_forget(replace, move |_| [Notice::IntegrationChanged(space, id)]).await
    }

    /// Ends an integration: it fires no more. What is queued for it is dropped.
    pub async fn delete_integration(
        &self,
        access: &SpaceAccess<IntegrationsRemove>,
        id: &str,
        only: Option<Kind>,
    ) -> Result<(), Error> {
        let space = access.space().key();
        let id = self.integration_of(space, id, only).await?.id;
        let recorder = self.recorder(access.caller());
        let delete = move |db: &mut Db| -> Result<(), Error> {
            let row = rows::get(db, id.0)?.ok_or_else(not_here)?;
            recorder.record(db, entry(Action::IntegrationDeleted, &row, space))?;
            rows::delete(db, id.0)?;
            logs::delete_of(db, id.0)?;
            secrets::set_uses(db, space, (UserKind::Integration, id.0), "", &[])?;
            Ok(())
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
        let (id, mote) = (IntegrationId::parse(id).ok_or_else(not_here)?, self.clone());
        self.store().read(move |db| here(db, &mote.keys().sealer, space, id, only)).await
    }

    /// An integration, ready for use; none where it is gone.
    pub(super) async fn hook(&self, id: IntegrationId) -> Result<Option<Arc<Hook>>, Error> {
        let kept = &self.hooks().kept;
        if let Some(hook) = kept.get(&id) {
            return Ok(Some(hook));
        }
        let epoch = kept.epoch();
        let read = move |db: &mut Db| -> Result<_, Error> {
            let Some(row) = rows::get(db, id.0)? else { return Ok(None) };
            Ok(Some((row, secrets::uses_of(db, (UserKind::Integration, id.0))?)))
        };
        let Some((row, uses)) = self.store().read(read).await? else { return Ok(None) };
        let integration = Integration::from_row(row, &self.keys().sealer)?;
        let hook = Arc::new(Hook::known(integration, uses)?);
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

/// The integration of this ID, if it is one of the space and of the type that is asked for.
fn here(
    db: &mut Db,
    sealer: &Sealer,
    space: SpaceKey,
    id: IntegrationId,
    only: Option<Kind>,
) -> Result<Integration, Error> {
    let integration = Integration::from_row(rows::get(db, id.0)?.ok_or_else(not_here)?, sealer)?;
    let here = integration.space == space && only.is_none_or(|kind| kind == integration.kind);
    if here { Ok(integration) } else { Err(not_here()) }
}

pub(super) fn not_here() -> Error {
    Error::NotFound("There is no such integration here".into())
}

/// Ends all that a space's integrations use of secrets: those of its former owner.
pub(crate) fn leave_secrets(db: &mut Db, space: SpaceKey) -> Result<(), Error> {
    for row in rows::list(db, space, MOST_INTEGRATIONS)? {
        secrets::set_uses(db, space, (UserKind::Integration, row.id), "", &[])?;
    }
    Ok(())
}

/// Removes the integrations of a space that ends.
pub(crate) fn delete_of_space(db: &mut Db, space: SpaceKey) -> Result<(), Error> {
    for id in rows::delete_of_space(db, space)? {
        logs::delete_of(db, id)?;
        secrets::set_uses(db, space, (UserKind::Integration, id), "", &[])?;
    }
    Ok(())
}
