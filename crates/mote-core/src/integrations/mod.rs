//! Integrations: requests to servers elsewhere that events fire.
//!
//! An event that fires some is not acknowledged before a row for each of them is in the store ([`Mote::emit`]): the queue.
//! Workers take what is due, send it ([`mote_outbound`], which does not enter the server's own network), make events of what
//! came back, and try again what failed. What is due when the server dies is sent after its next start; what was being sent
//! then is sent again: at least once.

mod azure;
mod claims;
mod deliver;
mod event;
mod fields;
#[cfg(feature = "fuzzing")]
mod fuzz;
mod health;
mod hidden;
mod hooks;
mod integration;
mod kept;
mod log;
mod maps;
mod preview;
mod queue;
mod record;
mod redaction;
mod send;
mod settings;
mod states;
mod take;
mod tell;
mod template;
mod trial;
mod triggers;
mod turns;
mod use_cases;
mod uses;
mod webhook;

#[cfg(test)]
mod tests;

#[cfg(feature = "fuzzing")]
pub use {fuzz::fuzz_integration, template::fuzz as fuzz_template};

pub use claims::Missing;
pub use health::{IntegrationHealth, LastDelivery};
pub use hooks::{DeliveryCounts, HookSettings, Hooks, Outcome};
pub use integration::Integration;
pub use preview::ShownRequest;
pub use settings::{LONGEST_NAME, MASK, NewIntegration, Settings};
pub use trial::{Trial, TrialEvent};
pub use use_cases::IntegrationDetail;

pub(crate) use queue::sweep;
pub(crate) use use_cases::{delete_of_space, leave_secrets};

use crate::Error;

/// Integrations of one space at most: bounds the list, which the API gives whole.
const MOST_INTEGRATIONS: i64 = 1000;

#[cfg(doc)]
use crate::Mote;

/// The types of integrations; their numbers are in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A request to any address.
    Webhook = 1,
    /// A message to Azure IoT Hub.
    AzureIotHub = 2,
    /// A question to Google's Geolocation API.
    GoogleMaps = 4,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Webhook, Self::AzureIotHub, Self::GoogleMaps];

    /// Reads the name that the API has for it.
    pub fn parse(name: &str) -> Result<Self, Error> {
        if name == "GoogleCloudPubSub" {
            return Err(Error::invalid(
                "integration_type",
                "GoogleCloudPubSub cannot be had here: Google takes messages from service accounts only, for which the \
                 vendor's cloud has one that a topic's owner lets in, and this server has none. Publish to the topic with \
                 a Webhook to a function or gateway of yours at Google instead",
            ));
        }
        Self::ALL
            .into_iter()
            .find(|kind| kind.name() == name)
            .ok_or_else(|| Error::invalid("integration_type", "is Webhook, AzureIotHub or GoogleMaps"))
    }

    /// As the API names it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Webhook => "Webhook",
            Self::AzureIotHub => "AzureIotHub",
            Self::GoogleMaps => "GoogleMaps",
        }
    }

    fn from_store(number: i16) -> Result<Self, Error> {
        let known = Self::ALL.into_iter().find(|kind| *kind as i16 == number);
        known.ok_or_else(|| Error::Internal(format!("there is no type {number} of integrations")))
    }
}

/// What an integration does, ready for use: templates parsed once.
#[derive(Debug)]
enum Target {
    Webhook(Box<webhook::Webhook>),
    AzureIotHub(Box<azure::AzureIotHub>),
    GoogleMaps(maps::GoogleMaps),
}
