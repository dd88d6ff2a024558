//! What an integration is.

use mote_outbound::Guard;
use mote_store::integrations::IntegrationRow;
use serde_json::Value;

use super::webhook::Webhook;
use super::{Kind, NewIntegration, Settings, Target};
use crate::keys::{Purpose, Sealer};
use crate::names::DeviceId;
use crate::{Error, IntegrationId, Moment, SpaceKey};

/// An integration.
#[derive(Clone, Debug)]
pub struct Integration {
    /// Key.
    pub id: IntegrationId,
    /// Whose it is.
    pub space: SpaceKey,
    /// Type.
    pub kind: Kind,
    /// What the names of the events begin with that fire it.
    pub event: String,
    /// What people call it.
    pub name: String,
    /// The one device whose events fire it; none for all.
    pub device: Option<DeviceId>,
    /// Whether it is switched off.
    pub disabled: bool,
    /// What depends on the type.
    pub settings: Settings,
    /// Made.
    pub created_at: Moment,
    /// Changed.
    pub updated_at: Moment,
}

/// An integration, ready for use.
#[derive(Debug)]
pub(super) struct Hook {
    pub(super) integration: Integration,
    pub(super) target: Target,
    /// The secrets that it uses, each with the space that it was chosen in.
    uses: Vec<(SpaceKey, String)>,
}

impl Hook {
    /// One that is new: an address of the server's own network is refused.
    pub(super) fn checked(integration: Integration, guard: &Guard) -> Result<Self, Error> {
        let target = integration.settings.compile(integration.kind, Some(guard))?;
        Ok(Self { integration, target, uses: Vec::new() })
    }

    /// One of the store. Where its address may not be entered any more, its requests fail and say so.
    pub(super) fn known(integration: Integration, uses: Vec<(SpaceKey, String)>) -> Result<Self, Error> {
        let target = integration.settings.compile(integration.kind, None)?;
        Ok(Self { integration, target, uses })
    }

    /// The first secret that it names and has not been given of `owner`, if there is one: that another space has one of the
    /// same name makes no difference.
    pub(super) fn lacks_of(&self, owner: SpaceKey) -> Option<&String> {
        let given = |name: &String| self.uses.iter().any(|(space, used)| *space == owner && used == name);
        self.secrets().iter().find(|name| !given(name))
    }

    /// Names of the secrets that it uses.
    pub(super) fn secrets(&self) -> &[String] {
        match &self.target {
            Target::Webhook(webhook) => &webhook.secrets,
            Target::AzureIotHub(_) | Target::GoogleMaps(_) => &[],
        }
    }
}

impl Integration {
    pub(super) fn new(id: IntegrationId, space: SpaceKey, new: NewIntegration, now: Moment) -> Self {
        let NewIntegration { kind, event, name, device, disabled, settings } = new;
        let name = name.unwrap_or_else(|| usual_name(kind, &event, &settings));
        Self { id, space, kind, event, name, device, disabled, settings, created_at: now, updated_at: now }
    }

    pub(super) fn from_row(row: IntegrationRow, sealer: &Sealer) -> Result<Self, Error> {
        let broken =
            |what: &str| Error::Internal(format!("the {what} of integration {} cannot be read", row.id));
        let space = SpaceKey::from_parts(row.space_kind, row.space_id).ok_or_else(|| broken("space"))?;
        let plain = sealer.open(Purpose::Integration, &row.id.to_be_bytes(), &row.sealed);
        let plain = plain.map_err(|_| broken("settings"))?;
        let settings = serde_json::from_slice(&plain).map_err(|_| broken("settings"))?;
        Ok(Self {
            id: IntegrationId(row.id),
            space,
            kind: Kind::from_store(row.kind)?,
            event: row.event,
            name: row.name,
            device: row.device_id.as_deref().and_then(DeviceId::parse),
            disabled: row.disabled,
            settings: Settings(settings),
            created_at: Moment(row.created_at),
            updated_at: Moment(row.updated_at),
        })
    }

    pub(super) fn to_row(&self, sealer: &Sealer) -> IntegrationRow {
        let plain = Value::Object(self.settings.0.clone()).to_string();
        IntegrationRow {
            id: self.id.0,
            space_kind: self.space.kind(),
            space_id: self.space.id(),
            kind: self.kind as i16,
            event: self.event.clone(),
            name: self.name.clone(),
            device_id: self.device.as_ref().map(ToString::to_string),
            disabled: self.disabled,
            sealed: sealer.seal(Purpose::Integration, &self.id.0.to_be_bytes(), plain.as_bytes()),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        }
    }
}

/// The name of one that is not given any (contract: `{event} for {domain}`, `{event} for {hub_name}`, …).
fn usual_name(kind: Kind, event: &str, settings: &Settings) -> String {
    let text = |name: &str| settings.0.get(name).and_then(Value::as_str).unwrap_or_default();
    let of = match kind {
        Kind::Webhook => Webhook::host_of(text("url")),
        Kind::AzureIotHub => text("hub_name").to_owned(),
        Kind::GoogleMaps => "Google Maps".to_owned(),
    };
    format!("{event} for {of}")
}
