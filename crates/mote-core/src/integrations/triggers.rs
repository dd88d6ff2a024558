//! Which integrations an event fires: known by memory, so that an event that fires none costs nothing.

use std::collections::HashMap;
use std::sync::Arc;

use mote_store::integrations as rows;
use mote_store::integrations::TriggerRow;

use super::MOST_INTEGRATIONS;
use crate::events::{Event, Origin};
use crate::names::DeviceId;
use crate::{Error, IntegrationId, Mote, OwnerId, SpaceKey};

/// What fires the integrations of one space, by what the names of the events begin with.
#[derive(Debug, Default)]
pub(super) struct Triggers {
    /// The lengths that beginnings have here, each once.
    lengths: Vec<usize>,
    by_beginning: HashMap<String, Vec<Trigger>>,
}

#[derive(Debug)]
struct Trigger {
    id: IntegrationId,
    device: Option<DeviceId>,
}

impl Triggers {
    fn new(rows: Vec<TriggerRow>) -> Self {
        let mut by_beginning: HashMap<String, Vec<Trigger>> = HashMap::new();
        for row in rows {
            let device = row.device_id.as_deref().and_then(DeviceId::parse);
            let trigger = Trigger { id: IntegrationId(row.id), device };
            by_beginning.entry(row.event).or_default().push(trigger);
        }
        let mut lengths: Vec<usize> = by_beginning.keys().map(String::len).collect();
        lengths.sort_unstable();
        lengths.dedup();
        Self { lengths, by_beginning }
    }

    /// Those that an event of this name and device fires.
    fn fired(&self, name: &str, device: Option<&DeviceId>) -> impl Iterator<Item = IntegrationId> {
        let beginnings = self.lengths.iter().filter_map(|length| name.get(..*length));
        let all = beginnings.filter_map(|beginning| self.by_beginning.get(beginning)).flatten();
        all.filter(move |trigger| trigger.device.is_none() || trigger.device.as_ref() == device)
            .map(|trigger| trigger.id)
    }
}

impl Mote {
    /// The integrations that an event fires: those of its owner's account, of its product, and of its organization. What
    /// integrations themselves say fires none, so that no two of them call each other for ever.
    pub(super) async fn fired_by(&self, event: &Event) -> Result<Vec<(SpaceKey, IntegrationId)>, Error> {
        if event.origin == Origin::Hook {
            return Ok(Vec::new());
        }
        let source = &event.source;
        let account = match source.owner {
            Some(OwnerId::Account(account)) => Some(SpaceKey::Account(account.0)),
            // Customers have no integrations.
            Some(OwnerId::Customer(_)) | None => None,
        };
        let spaces = [
            account,
            source.product.map(|product| SpaceKey::Product(product.0)),
            source.organization.map(|organization| SpaceKey::Organization(organization.0)),
        ];
        let mut fired = Vec::new();
        for space in spaces.into_iter().flatten() {
            let triggers = match self.hooks().triggers.get(&space) {
                Some(triggers) => triggers,
                None => self.load_triggers(space).await?,
            };
            let own = triggers.fired(event.name.as_str(), source.device.as_ref());
            fired.extend(own.map(|id| (space, id)));
        }
        Ok(fired)
    }

    async fn load_triggers(&self, space: SpaceKey) -> Result<Arc<Triggers>, Error> {
        let epoch = self.hooks().triggers.epoch();
        let found = self.store().read(move |db| rows::triggers(db, space, MOST_INTEGRATIONS)).await?;
        let triggers = Arc::new(Triggers::new(found));
        self.hooks().triggers.keep(space, &triggers, epoch);
        Ok(triggers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn triggers(rows: &[(i64, &str, Option<&str>)]) -> Triggers {
        let row = |(id, event, device): &(i64, &str, Option<&str>)| TriggerRow {
            id: *id,
            event: (*event).to_owned(),
            device_id: device.map(str::to_owned),
        };
        Triggers::new(rows.iter().map(row).collect())
    }

    #[test]
    fn the_beginning_of_the_name_and_the_device_count() {
        let device = DeviceId::parse("e00fce680123456789abcdef");
        let own = device.as_ref().map(DeviceId::as_str);
        let all =
            triggers(&[(1, "temp", None), (2, "temp", own), (3, "temperature", None), (4, "Temp", None)]);
        let fired = |name: &str, device: Option<&DeviceId>| {
            let mut found: Vec<i64> = all.fired(name, device).map(|id| id.0).collect();
            found.sort_unstable();
            found
        };
        assert_eq!(fired("temp", device.as_ref()), [1, 2]);
        assert_eq!(fired("temp", None), [1]);
        assert_eq!(fired("temperature/basement", None), [1, 3]);
        assert_eq!(fired("high_temp", None), [0; 0]);
        assert_eq!(fired("te", None), [0; 0]);
        assert_eq!(fired("Temp", DeviceId::parse(&"0".repeat(24)).as_ref()), [4]);
    }

    proptest::proptest! {
        #[test]
        fn what_fires_is_what_the_name_begins_with(
            rows in proptest::collection::vec("[ab]{1,4}", 0..20), name in "[ab]{0,6}"
        ) {
            let numbered: Vec<_> = (0..).zip(&rows).map(|(id, event)| (id, event.as_str(), None)).collect();
            let mut fired: Vec<i64> = triggers(&numbered).fired(&name, None).map(|id| id.0).collect();
            fired.sort_unstable();
            let expected: Vec<i64> =
                numbered.iter().filter(|(_, event, _)| name.starts_with(event)).map(|(id, ..)| *id).collect();
            proptest::prop_assert_eq!(fired, expected);
        }
    }
}
