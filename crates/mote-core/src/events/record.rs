//! What must be in the store before an event is acknowledged.

use std::sync::Arc;

use mote_store::Db;

use super::Event;
use crate::{Error, Mote, diagnostics, locations};

/// Something that a room keeps of an event: deliveries that are due, a location, vitals.
///
/// A record is made by asking memory only, so that an event nobody keeps costs no query and no write.
pub trait Record: Send + Sync + 'static {
    /// Writes it. All records of an event are one transaction, which may run twice: keys and times are made before.
    fn write(&self, db: &mut Db) -> Result<(), Error>;

    /// After the commit: wakes whoever works on it.
    fn written(&self, mote: &Mote) {
        let _ = mote;
    }
}

impl Mote {
    /// Asks each room what it must keep of the event. **A room that keeps something adds its line here.**
    pub(super) async fn records_of(&self, event: &Arc<Event>) -> Result<Vec<Box<dyn Record>>, Error> {
        let mut records = Vec::new();
        records.extend(self.record_of_hooks(event).await?);
        records.extend(diagnostics::record_of(self, event));
        records.extend(locations::record_of(self, event).await?);
        Ok(records)
    }

    /// Writes what must be kept of an event. When this returns `Ok`, it survives a power cut.
    pub(super) async fn write_records(&self, records: &Arc<Vec<Box<dyn Record>>>) -> Result<(), Error> {
        let records = Arc::clone(records);
        let write = move |db: &mut Db| records.iter().try_for_each(|record| record.write(db));
        self.store().write(write).await
    }
}
