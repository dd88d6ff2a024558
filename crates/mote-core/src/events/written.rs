//! An event in writing, as the queue of integrations keeps it and other nodes are sent it.

use serde::{Deserialize, Serialize};

use super::{Event, Source};
use crate::fleet_metrics::Traits;
use crate::{OrganizationId, OwnerId, ProductId};

/// What is written of an event. Stored rows have these names: a field that comes later has a default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct WrittenEvent {
    pub(crate) name: String,
    pub(crate) data: Option<String>,
    /// Seconds.
    pub(crate) ttl: u32,
    /// Milliseconds since 1970.
    pub(crate) published_at: i64,
    pub(crate) device: Option<String>,
    pub(crate) owner: Option<i64>,
    pub(crate) product: Option<i64>,
    pub(crate) organization: Option<i64>,
    /// What the device runs, and its groups: what is counted is counted by them.
    pub(crate) firmware: Option<i32>,
    pub(crate) device_os: Option<String>,
    pub(crate) groups: Vec<String>,
}

impl From<&Event> for WrittenEvent {
    fn from(event: &Event) -> Self {
        let source = &event.source;
        Self {
            name: event.name.as_str().to_owned(),
            data: event.data.as_ref().map(|data| data.as_str().to_owned()),
            ttl: event.ttl.seconds(),
            published_at: event.published_at.0,
            device: source.device.as_ref().map(ToString::to_string),
            owner: source.owner.map(OwnerId::key),
            product: source.product.map(|product| product.0),
            organization: source.organization.map(|organization| organization.0),
            firmware: source.traits.product_fw,
            device_os: source.traits.device_os.as_deref().map(str::to_owned),
            groups: source.traits.groups.to_vec(),
        }
    }
}

impl WrittenEvent {
    /// Where it came from, but for the device.
    pub(crate) fn source_but_device(&self) -> Source {
        Source {
            device: None,
            owner: self.owner.map(OwnerId::from_key),
            product: self.product.map(ProductId),
            organization: self.organization.map(OrganizationId),
            traits: self.traits(),
        }
    }

    /// What it is counted by.
    pub(crate) fn traits(&self) -> Traits {
        Traits {
            product_fw: self.firmware,
            device_os: self.device_os.as_deref().map(Into::into),
            groups: self.groups.clone().into(),
        }
    }
}
