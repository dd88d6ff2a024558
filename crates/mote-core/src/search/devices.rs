//! Looking for devices.

use std::collections::HashSet;

use mote_store::Db;
use mote_store::search as rows;
use mote_store::search::{FoundDevice, Within};

use super::{MOST_NAMES, MOST_OF_KIND, MOST_READ};
use crate::Error;

/// Rows read of one identifier, of which there is one device as a rule.
const MOST_WITH_IDENTIFIER: i64 = 10;
/// Hex digits of a device ID.
const ID_DIGITS: usize = 24;

/// Devices that `text` stands for, the surest first: those that it identifies, those whose ID or name it begins, those of
/// whose name it is a part. One more than are shown at most.
pub(super) fn look(db: &mut Db, within: &[Within], text: &str) -> Result<Vec<FoundDevice>, Error> {
    let mut found = Distinct::default();
    let reaches = |device: &FoundDevice| {
        within.iter().any(|within| match within {
            Within::Owner(owner) => device.owner_id == Some(*owner),
            Within::Product(product) => device.product_id == Some(*product),
        })
    };
    let identified = rows::devices_by_identifier(db, text, MOST_WITH_IDENTIFIER)?;
    found.add(identified.into_iter().filter(reaches));

    let folded = text.to_ascii_lowercase();
    if folded.len() <= ID_DIGITS && folded.bytes().all(|b| b.is_ascii_hexdigit()) {
        found.add_of_each(within, |within| Ok(rows::devices_by_id(db, within, &folded, MOST_READ)?))?;
    }
    found.add_of_each(within, |within| Ok(rows::devices_by_name(db, within, &folded, MOST_READ)?))?;

    let (folded, mut left) = (text.to_lowercase(), MOST_NAMES);
    found.add_of_each(within, |within| {
        if left <= 0 {
            return Ok(Vec::new());
        }
        let names = rows::device_names(db, within, left)?;
        left -= i64::try_from(names.len()).unwrap_or(left);
        let matching = names.into_iter().filter(|(name, _)| name.to_lowercase().contains(&folded));
        let mut devices = Vec::new();
        for (_, id) in matching.take(MOST_OF_KIND + 1) {
            devices.extend(rows::device(db, &id)?);
        }
        Ok(devices)
    })?;
    Ok(found.devices)
}

/// Devices, each once.
#[derive(Default)]
struct Distinct {
    devices: Vec<FoundDevice>,
    ids: HashSet<String>,
}

impl Distinct {
    fn add(&mut self, more: impl IntoIterator<Item = FoundDevice>) {
        for device in more {
            if !self.is_full() && self.ids.insert(device.id.clone()) {
                self.devices.push(device);
            }
        }
    }

    /// Adds what `look` finds in each place, as long as there are too few.
    fn add_of_each(
        &mut self,
        within: &[Within],
        mut look: impl FnMut(Within) -> Result<Vec<FoundDevice>, Error>,
    ) -> Result<(), Error> {
        for within in within {
            if self.is_full() {
                break;
            }
            self.add(look(*within)?);
        }
        Ok(())
    }

    fn is_full(&self) -> bool {
        self.devices.len() > MOST_OF_KIND
    }
}
