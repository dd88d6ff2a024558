//! Vitals are recorded as the event that brings them passes.

use mote_store::vitals::VitalsRow;
use mote_store::{Db, vitals as rows};

use super::vitals::Vitals;
use crate::events::{Event, Origin, Record};
use crate::{Error, Mote, OwnerId};

/// The event that brings them (contract: Diagnostics-deviceVitals).
const EVENT: &str = "spark/device/diagnostics/update";
/// Records of a device at most: one every ten minutes for a month, and some.
const MOST_OF_DEVICE: i64 = 5000;
/// Records beyond that which one write removes.
const TRIMMED: i64 = 100;

struct NewVitals(VitalsRow);

impl Record for NewVitals {
    fn write(&self, db: &mut Db) -> Result<(), Error> {
        rows::insert(db, &self.0)?;
        Ok(rows::trim(db, &self.0.device_id, MOST_OF_DEVICE, TRIMMED)?)
    }
}

/// What must be kept of an event, if it brings vitals. Malformed ones are not kept, and are no fault of the event.
pub(crate) fn record_of(mote: &Mote, event: &Event) -> Option<Box<dyn Record>> {
    if event.origin != Origin::Device || event.name.as_str() != EVENT {
        return None;
    }
    let device = event.source.device.as_ref()?;
    let data = event.data.as_ref()?;
    let payload = Vitals::parse(data.as_str())
        .inspect_err(|why| tracing::debug!(%device, %why, "vitals that a device sent are not kept"))
        .ok()?;
    let row = VitalsRow {
        id: mote.new_key(event.published_at),
        device_id: device.to_string(),
        at: event.published_at.0,
        product_id: event.source.product.map(|product| product.0),
        owner_id: event.source.owner.map(OwnerId::key),
        payload: payload.into_json(),
    };
    Some(Box::new(NewVitals(row)))
}
