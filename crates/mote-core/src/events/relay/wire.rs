//! An event as it is on its way.

use serde::{Deserialize, Serialize};

use crate::events::{Event, EventData, EventName, NewEvent, Origin, Source, Ttl};
use crate::fleet_metrics::Traits;
use crate::names::DeviceId;
use crate::{Error, Moment, OrganizationId, OwnerId, ProductId};

#[derive(Serialize, Deserialize)]
struct OnItsWay {
    origin: Origin,
    name: String,
    data: Option<String>,
    ttl: u32,
    published_at: i64,
    device: Option<String>,
    owner: Option<i64>,
    product: Option<i64>,
    organization: Option<i64>,
    firmware: Option<i32>,
    device_os: Option<String>,
    groups: Vec<String>,
}

pub(super) fn write(event: &Event) -> Result<String, Error> {
    let source = &event.source;
    let out = OnItsWay {
        origin: event.origin,
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
    };
    serde_json::to_string(&out).map_err(|error| Error::Internal(error.to_string()))
}

/// None for what no node of this version writes.
pub(super) fn read(text: &str) -> Option<Event> {
    let came: OnItsWay = serde_json::from_str(text).ok()?;
    let device = came.device.map(|id| DeviceId::parse(&id).ok_or(())).transpose().ok()?;
    let traits = Traits {
        product_fw: came.firmware,
        device_os: came.device_os.map(Into::into),
        groups: came.groups.into(),
    };
    let source = Source {
        device,
        owner: came.owner.map(OwnerId::from_key),
        product: came.product.map(ProductId),
        organization: came.organization.map(OrganizationId),
        traits,
    };
    let new = NewEvent {
        origin: came.origin,
        source,
        // Leaves a good name as it is.
        name: EventName::of_server(&came.name),
        data: came.data.map(EventData::parse).transpose().ok()?,
        ttl: Ttl::parse(came.ttl.into()).ok()?,
    };
    Some(Event::new(new, Moment(came.published_at)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AccountId;

    #[test]
    fn an_event_arrives_as_it_left() {
        let source = Source {
            device: DeviceId::parse("e00fce680123456789abcdef"),
            owner: Some(OwnerId::Account(AccountId(7))),
            product: Some(ProductId(1001)),
            organization: None,
            traits: Traits {
                product_fw: Some(3),
                device_os: Some("6.3.0".into()),
                groups: ["a b".to_owned()].into(),
            },
        };
        let new = NewEvent {
            origin: Origin::Hook,
            source,
            name: EventName::of_server("hook-response/température/0"),
            data: Some(EventData::parse("\"\n\u{10ffff}".into()).unwrap()),
            ttl: Ttl::parse(60).unwrap(),
        };
        let event = Event::new(new, Moment(1_234_567));
        let arrived = read(&write(&event).unwrap()).unwrap();
        let shown = |event: &Event| {
            format!(
                "{:?} {:?} {:?} {:?} {:?} {:?}",
                event.origin, event.source, event.name, event.data, event.ttl, event.published_at
            )
        };
        assert_eq!(shown(&arrived), shown(&event));
        for bad in ["", "{}", "null", r#"{"origin":"Moon"}"#] {
            assert!(read(bad).is_none(), "{bad}");
        }
    }
}
