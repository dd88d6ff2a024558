//! What an integration can be told, as the API has it: checked, in one form, and without its secrets for who only looks.

use mote_outbound::Guard;
use serde_json::{Map, Value};

use super::azure::AzureIotHub;
use super::fields::Fields;
use super::integration::Integration;
use super::maps::GoogleMaps;
use super::webhook::Webhook;
use super::{Kind, Target, hidden, kept};
use crate::Error;
use crate::names::DeviceId;

/// Bytes of all the settings as JSON at most.
pub(super) const LARGEST: usize = 16 * 1024;
/// Bytes of an event's name, of which a trigger is the beginning, at most.
const LONGEST_EVENT: usize = 64;
/// Bytes of an integration's name at most.
pub const LONGEST_NAME: usize = 200;
/// What stands where a secret is not shown. Sent back, it means that the secret stays, where it does not go elsewhere.
pub const MASK: &str = "[[SENSITIVE]]";

/// Fields of every type.
const COMMON: [&str; 5] = ["integration_type", "event", "name", "deviceID", "disabled"];
/// The names under which clients know the event.
const EVENT: [&str; 2] = ["event", "eventName"];
/// Settings that an integration of its type cannot be without.
const NEEDED: [&str; 6] = ["url", "requestType", "hub_name", "policy_name", "policy_key", "api_key"];
/// What answers have beside settings, or clients send beside them: left aside.
const ASIDE: [&str; 13] = [
    "access_token",
    "created_at",
    "hookUrl",
    "id",
    "integrationUrl",
    "logs",
    "mydevices",
    "ok",
    "sleeping_until",
    "state",
    "updated_at",
    "webhookUrl",
    "product_id",
];

/// What an integration is to be.
#[derive(Clone, Debug)]
pub struct NewIntegration {
    pub(super) kind: Kind,
    pub(super) event: String,
    pub(super) name: Option<String>,
    pub(super) device: Option<DeviceId>,
    pub(super) disabled: bool,
    pub(super) settings: Settings,
}

/// The settings that depend on the type, each under the name that the API has for it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings(pub(super) Map<String, Value>);

impl NewIntegration {
    /// Reads what a client sent. `usual` is the type where it does not say, or the only one that it may say.
    pub fn parse(fields: Map<String, Value>, usual: Option<Kind>) -> Result<Self, Error> {
        let mut fields = Fields::new(fields);
        fields.ignore(&ASIDE);
        let kind = match (fields.text("integration_type", 40)?, usual) {
            (None, usual) => usual.unwrap_or(Kind::Webhook),
            (Some(name), usual) => {
                let kind = Kind::parse(&name)?;
                if usual.is_some_and(|usual| usual != kind) {
                    let text = "cannot be another one here, and does not change afterwards";
                    return Err(Error::invalid("integration_type", text));
                }
                kind
            }
        };
        let event = one_of(&mut fields, "event", &EVENT)?;
        let event = checked_event(event.unwrap_or_default())?;
        let name = fields.text("name", LONGEST_NAME)?.map(|name| name.trim().to_owned());
        let name = name.filter(|name| !name.is_empty());
        if name.as_ref().is_some_and(|name| name.chars().any(char::is_control)) {
            return Err(Error::invalid("name", "is one line of text"));
        }
        let device = one_of(&mut fields, "deviceID", &["deviceID", "deviceId", "deviceid"])?;
        let device = device.filter(|device| !device.trim().is_empty());
        let device = device.map(|device| DeviceId::of_field("deviceID", &device)).transpose()?;
        let disabled = fields.flag("disabled")?.unwrap_or(false);
        let settings = read(kind, &mut fields)?;
        let known: Vec<&str> = COMMON.iter().chain(known_of(kind)).copied().collect();
        fields.end(&known)?;
        if Value::Object(settings.clone()).to_string().len() > LARGEST {
            return Err(Error::invalid(
                "integration",
                format!("has settings of {LARGEST} bytes of JSON at most"),
            ));
        }
        Ok(Self { kind, event, name, device, disabled, settings: Settings(settings) })
    }
}

impl NewIntegration {
    /// Reads what a client sent to be put in the place of `before`. What an integration cannot be without is taken over where
    /// it is not named.
    pub(super) fn parse_over(mut fields: Map<String, Value>, before: &Integration) -> Result<Self, Error> {
        fields.retain(|_, value| !value.is_null());
        if !EVENT.iter().any(|name| fields.contains_key(*name)) {
            fields.insert("event".into(), before.event.as_str().into());
        }
        fields.entry("name").or_insert_with(|| before.name.as_str().into());
        let shown = before.settings.masked(before.kind);
        for name in NEEDED {
            if let Some(value) = shown.get(name) {
                fields.entry(name).or_insert_with(|| value.clone());
            }
        }
        let new = Self::parse(fields, Some(before.kind))?;
        Ok(Self { settings: kept::filled(&new, Some(before))?, ..new })
    }
}

/// A field under several names, of which clients of different ages know one each; twice is refused.
fn one_of(fields: &mut Fields, field: &'static str, names: &[&'static str]) -> Result<Option<String>, Error> {
    let mut found = None;
    for name in names {
        match (fields.text(name, 256)?, &found) {
            (None, _) => {}
            (Some(_), Some(_)) => return Err(Error::invalid(field, "comes twice, under two names")),
            (Some(text), None) => found = Some(text),
        }
    }
    Ok(found)
}

fn checked_event(event: String) -> Result<String, Error> {
    let printable = |byte: u8| byte.is_ascii_graphic() || byte == b' ';
    if (1..=LONGEST_EVENT).contains(&event.len()) && event.bytes().all(printable) {
        Ok(event)
    } else {
        let why = format!(
            "is what the names of the events begin with: 1 to {LONGEST_EVENT} printable ASCII characters"
        );
        Err(Error::invalid("event", why))
    }
}

pub(super) fn known_of(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Webhook => &super::webhook::KNOWN,
        Kind::AzureIotHub => &super::azure::KNOWN,
        Kind::GoogleMaps => &super::maps::KNOWN,
    }
}

fn read(kind: Kind, fields: &mut Fields) -> Result<Map<String, Value>, Error> {
    match kind {
        Kind::Webhook => super::webhook::read(fields),
        Kind::AzureIotHub => super::azure::read(fields),
        Kind::GoogleMaps => super::maps::read(fields),
    }
}

impl Settings {
    /// The settings as they are shown to who makes or changes them.
    #[must_use]
    pub fn as_json(&self) -> &Map<String, Value> {
        &self.0
    }

    /// The settings as they are shown later: without passwords and keys.
    #[must_use]
    pub fn masked(&self, kind: Kind) -> Map<String, Value> {
        let mut shown = self.0.clone();
        for place in hidden::places(kind, &self.0) {
            if let Some(secret) = place.of(&mut shown) {
                *secret = MASK.into();
            }
        }
        shown
    }

    /// Whether they are the same but for which secrets they name: so nothing else can become of those that stay.
    pub(super) fn same_but_secrets(&self, other: &Self) -> bool {
        let rest = |settings: &Self| {
            let mut all = settings.0.clone();
            all.remove("secrets");
            all
        };
        rest(self) == rest(other)
    }

    /// What they say, ready for use.
    pub(super) fn compile(&self, kind: Kind, guard: Option<&Guard>) -> Result<Target, Error> {
        match kind {
            Kind::Webhook => Ok(Target::Webhook(Box::new(Webhook::compile(&self.0, guard)?))),
            Kind::AzureIotHub => Ok(Target::AzureIotHub(Box::new(AzureIotHub::compile(&self.0)?))),
            Kind::GoogleMaps => Ok(Target::GoogleMaps(GoogleMaps::new(&self.0))),
        }
    }
}
