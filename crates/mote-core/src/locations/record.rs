//! A location is recorded as the event that brings it passes.

use mote_store::locations::LocationRow;
use mote_store::{Db, locations as rows};

use super::point::Point;
use crate::events::{Event, Origin, Record};
use crate::products::ProductRef;
use crate::{Error, Mote};

/// The event that brings it.
const EVENT: &str = "loc";

struct NewLocation(LocationRow);

impl Record for NewLocation {
    fn write(&self, db: &mut Db) -> Result<(), Error> {
        rows::put(db, &self.0)?;
        Ok(rows::put_last(db, &self.0.clone().into())?)
    }
}

/// What must be kept of an event, if it brings a location of a device in a product that keeps them. A malformed one is not
/// kept, and is no fault of the event.
pub(crate) async fn record_of(mote: &Mote, event: &Event) -> Result<Option<Box<dyn Record>>, Error> {
    if event.origin != Origin::Device || event.name.as_str() != EVENT {
        return Ok(None);
    }
    let (Some(device), Some(product), Some(data)) = (&event.source.device, event.source.product, &event.data)
    else {
        return Ok(None);
    };
    let point = match Point::parse(data.as_str(), event.published_at) {
        Ok(point) => point,
        Err(why) => {
            tracing::debug!(%device, %why, "a location that a device sent is not kept");
            return Ok(None);
        }
    };
    let keeps =
        mote.find_product(&ProductRef::Id(product)).await?.is_some_and(|p| p.settings.keeps_locations());
    if !keeps || point.at < mote.oldest_history() {
        return Ok(None);
    }
    Ok(Some(Box::new(NewLocation(LocationRow {
        product_id: product.0,
        device_id: device.to_string(),
        at: point.at.0,
        lat: point.lat,
        lon: point.lon,
        gps_lock: point.gps_lock,
        properties: point.properties,
    }))))
}
