//! What an event is.

use std::any::Any;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};

use super::EventName;
use crate::fleet_metrics::Traits;
use crate::names::DeviceId;
use crate::products::Product;
use crate::{AccountId, Error, Moment, OrganizationId, OwnerId, ProductId};

/// Bytes of an event's data at most (Device OS reference, "Limits - Publish": since Device OS 6.3.0).
pub const LARGEST_DATA: usize = 16_384;
/// The longest life of an event, in seconds: what fits the 24 bits that it has in the devices' protocol.
pub const LONGEST_TTL: u32 = 16_777_215;
/// The life of an event of which nobody says how long it is.
pub const DEFAULT_TTL: Ttl = Ttl(60);

/// The data of an event: text, often JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventData(String);

impl EventData {
    /// Reads text of at most [`LARGEST_DATA`] bytes without NUL, which not every store and receiver can hold.
    pub fn parse(text: String) -> Result<Self, Error> {
        if text.len() > LARGEST_DATA {
            return Err(Error::invalid("data", format!("is {LARGEST_DATA} bytes of text at most")));
        }
        if text.contains('\0') {
            return Err(Error::invalid("data", "is text, in which a NUL character has no place"));
        }
        Ok(Self(text))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How long an event is of interest, in seconds. Passed on to those who hear of it; nothing here depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ttl(u32);

impl Ttl {
    /// Reads seconds, from 0 to [`LONGEST_TTL`].
    pub fn parse(seconds: i64) -> Result<Self, Error> {
        let seconds = u32::try_from(seconds).ok().filter(|seconds| *seconds <= LONGEST_TTL);
        let wrong = || Error::invalid("ttl", format!("is seconds, from 0 to {LONGEST_TTL}"));
        seconds.map(Self).ok_or_else(wrong)
    }

    /// Seconds.
    #[must_use]
    pub const fn seconds(self) -> u32 {
        self.0
    }
}

/// Who made an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Origin {
    /// A device, or a program that speaks for one.
    Device,
    /// A program, by the API.
    Program,
    /// This server: `spark/status`, ….
    Server,
    /// An integration, through this server: `hook-sent/…`, `hook-response/…`. Fires no other.
    Hook,
}

/// What an event is about: decides who may hear of it, and which hooks are due.
#[derive(Clone, Debug, Default)]
pub struct Source {
    /// The device that it comes from; none where a program published it for itself.
    pub device: Option<DeviceId>,
    /// Whose device it is, or the account that published: hears of it among its own events.
    pub owner: Option<OwnerId>,
    /// The product that the device is in, or that the event was published to: its streams have it.
    pub product: Option<ProductId>,
    /// The organization of that product, or that the event was published to: its streams have it. What is published to an
    /// organization alone is heard by the streams of each of its products too, unless an integration says it.
    pub organization: Option<OrganizationId>,
    /// What the device runs and which groups it is in; nothing where there is no device.
    pub traits: Traits,
}

impl Source {
    /// A program that publishes for an account.
    #[must_use]
    pub fn of_account(account: AccountId) -> Self {
        Self { owner: Some(account.into()), ..Self::default() }
    }

    /// A program that publishes for a product.
    #[must_use]
    pub fn of_product(product: &Product) -> Self {
        let organization = product.organization.as_ref().map(|organization| organization.id);
        Self { product: Some(product.id), organization, ..Self::default() }
    }

    /// A program that publishes for an organization.
    #[must_use]
    pub fn of_organization(organization: OrganizationId) -> Self {
        Self { organization: Some(organization), ..Self::default() }
    }
}

/// An event that is to be.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// Who makes it.
    pub origin: Origin,
    /// What it is about.
    pub source: Source,
    /// Name.
    pub name: EventName,
    /// Data.
    pub data: Option<EventData>,
    /// How long it is of interest.
    pub ttl: Ttl,
}

/// An event that is.
#[derive(Debug)]
pub struct Event {
    /// Who made it.
    pub origin: Origin,
    /// What it is about.
    pub source: Source,
    /// Name.
    pub name: EventName,
    /// Data.
    pub data: Option<EventData>,
    /// How long it is of interest.
    pub ttl: Ttl,
    /// When the server got it.
    pub published_at: Moment,
    rendered: OnceLock<Arc<dyn Any + Send + Sync>>,
    /// Where its bytes are counted while it is in memory.
    weighs_on: OnceLock<Arc<AtomicUsize>>,
}

impl Drop for Event {
    fn drop(&mut self) {
        if let Some(sum) = self.weighs_on.get() {
            sum.fetch_sub(self.weight(), Ordering::Relaxed);
        }
    }
}

impl Event {
    pub(super) fn new(new: NewEvent, published_at: Moment) -> Self {
        let NewEvent { origin, source, name, data, ttl } = new;
        Self {
            origin,
            source,
            name,
            data,
            ttl,
            published_at,
            rendered: OnceLock::new(),
            weighs_on: OnceLock::new(),
        }
    }

    /// The device's ID as streams and hooks show it; where no device is behind the event, `api` for a program's and
    /// `particle-internal` for the server's own (Cloud API reference, "Special webhook events").
    #[must_use]
    pub fn core_id(&self) -> &str {
        let nobody = if self.origin == Origin::Program { "api" } else { "particle-internal" };
        self.source.device.as_ref().map_or(nobody, DeviceId::as_str)
    }

    /// About how many bytes of memory it takes, rendered too.
    pub(super) fn weight(&self) -> usize {
        512 + 2 * self.data.as_ref().map_or(0, |data| data.as_str().len())
    }

    /// Counts its bytes in `sum` until it is gone; once, however often this is called.
    pub(super) fn weigh_on(&self, sum: &Arc<AtomicUsize>) {
        self.weighs_on.get_or_init(|| {
            sum.fetch_add(self.weight(), Ordering::Relaxed);
            Arc::clone(sum)
        });
    }

    /// What a door makes of the event, made once and shared by all who hear of it. One door only uses this: the HTTP API,
    /// for the bytes of its streams.
    pub fn rendered<T: Send + Sync + 'static>(&self, make: impl Fn(&Self) -> T) -> Arc<T> {
        let kept = self.rendered.get_or_init(|| Arc::new(make(self)));
        Arc::clone(kept).downcast().unwrap_or_else(|_| Arc::new(make(self)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_and_life_have_bounds() {
        assert!(EventData::parse("é".repeat(LARGEST_DATA / 2)).is_ok());
        assert!(EventData::parse("x".repeat(LARGEST_DATA + 1)).is_err());
        assert!(EventData::parse("a\0b".into()).is_err());
        assert_eq!(Ttl::parse(16_777_215).unwrap().seconds(), LONGEST_TTL);
        for bad in [-1, 16_777_216, i64::MAX, i64::MIN] {
            assert!(Ttl::parse(bad).is_err(), "{bad}");
        }
    }
}
