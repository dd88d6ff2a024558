//! Trying an integration out (contract: Integrations-PostV1IntegrationsIntegrationidTest).

use mote_store::integrations::logs;

use super::event::HookEvent;
use super::use_cases::{MOST_LOGS, not_here};
use crate::authorization::SpaceAccess;
use crate::authorization::table::IntegrationsTest;
use crate::events::EventData;
use crate::names::DeviceId;
use crate::{Error, IntegrationId, Mote, SpaceKey};

/// The event that an integration is tried with.
#[derive(Debug, Default)]
pub struct TrialEvent {
    /// Its data; `test-event` where none is given.
    pub data: Option<String>,
    /// The device it is said to come from; `api`, which is none, where none is given.
    pub device: Option<String>,
}

/// What came of a trial.
#[derive(Debug)]
pub struct Trial {
    /// What the receiver answered, if that was a success.
    pub data: Option<String>,
    /// What went wrong, if something did.
    pub error: Option<String>,
}

impl TrialEvent {
    /// The event, as the queue would have it.
    pub(super) fn event(self, mote: &Mote, space: SpaceKey, name: &str) -> Result<HookEvent, Error> {
        let data = EventData::parse(self.data.unwrap_or_else(|| "test-event".into()))?;
        let device = match self.device.as_deref() {
            None | Some("api" | "") => None,
            Some(text) => {
                let wrong =
                    || Error::invalid("device_id", "is neither a device ID, which is 24 hex digits, nor api");
                Some(DeviceId::parse(text).ok_or_else(wrong)?.to_string())
            }
        };
        let now = mote.now();
        let mut event = HookEvent::of_test(mote.new_key(now), name, data.as_str(), device, now);
        match space {
            SpaceKey::Account(id) => event.written.owner = Some(id),
            SpaceKey::Product(id) => event.written.product = Some(id),
            SpaceKey::Organization(id) => event.written.organization = Some(id),
        }
        Ok(event)
    }
}

impl Mote {
    /// Sends one request of an integration, whether it sleeps or is switched off. It is in the integration's log, but no
    /// event tells of it.
    pub async fn test_integration(
        &self,
        access: &SpaceAccess<IntegrationsTest>,
        id: &str,
        event: TrialEvent,
    ) -> Result<Trial, Error> {
        let space = access.space().key();
        let hook = self.hook(IntegrationId::parse(id).ok_or_else(not_here)?).await?;
        let hook = hook.filter(|hook| hook.integration.space == space).ok_or_else(not_here)?;
        let event = event.event(self, space, &hook.integration.event)?;
        let _turn = self.hooks().trials.try_take(access.space().owner_key()).ok_or_else(|| {
            Error::TooMany("Integrations are being tried out already, as many as can be at a time; wait until one has answered".into())
        })?;
        let tried = self.try_hook(&hook, &event, None).await?;
        let tried = tried.ok_or_else(|| Error::Internal("a trial without an end".into()))?;
        let log = self.log_of(&hook, &event, &tried, 1);
        self.store()
            .write(move |db| -> Result<(), Error> {
                logs::insert(db, &log)?;
                Ok(logs::trim(db, log.integration_id, MOST_LOGS)?)
            })
            .await?;
        if let Some(error) = tried.error() {
            return Ok(Trial { data: None, error: Some(error) });
        }
        self.hooks().states.succeeded(hook.integration.id);
        let text = tried.text();
        Ok(Trial { data: (!text.is_empty()).then_some(text), error: None })
    }
}
