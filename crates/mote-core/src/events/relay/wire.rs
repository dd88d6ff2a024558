//! An event as it is on its way.

use serde::{Deserialize, Serialize};

use crate::events::{Event, EventData, EventName, NewEvent, Origin, Source, Ttl, WrittenEvent};
use crate::names::DeviceId;
use crate::{Error, Moment};

#[derive(Serialize, Deserialize)]
struct OnItsWay {
    origin: Origin,
    #[serde(flatten)]
    event: WrittenEvent,
}

pub(super) fn write(event: &Event) -> Result<String, Error> {
    let out = OnItsWay { origin: event.origin, event: event.into() };
    serde_json::to_string(&out).map_err(|error| Error::Internal(error.to_string()))
}

/// None for what no node of this version writes.
pub(super) fn read(text: &str) -> Option<Event> {
    let OnItsWay { origin, event: came } = serde_json::from_str(text).ok()?;
    let device = came.device.as_ref().map(|id| DeviceId::parse(id).ok_or(())).transpose().ok()?;
    let source = Source { device, ..came.source_but_device() };
    let new = NewEvent {
        origin,
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
    use crate::fleet_metrics::Traits;
    use crate::{AccountId, OwnerId, ProductId};

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
