//! What is kept of an event that fires integrations: a row of the queue for each, in the commit before it is acknowledged.

use mote_store::Db;
use mote_store::integrations::deliveries::{self, DeliveryRow};

use super::Outcome;
use super::event::HookEvent;
use crate::events::{Event, Record};
use crate::{Error, IntegrationId, Mote, SpaceKey};

/// The rows of an event.
struct Deliveries(Vec<DeliveryRow>);

impl Record for Deliveries {
    fn write(&self, db: &mut Db) -> Result<(), Error> {
        Ok(deliveries::insert(db, &self.0)?)
    }

    fn written(&self, mote: &Mote) {
        mote.hooks().bell.notify_one();
    }
}

impl Mote {
    /// What is to be kept of an event for the integrations that it fires; nothing where it fires none.
    pub(crate) async fn record_of_hooks(&self, event: &Event) -> Result<Option<Box<dyn Record>>, Error> {
        let mut fired = self.fired_by(event).await?;
        // One that takes no more says so by a count; the event is accepted all the same.
        fired.retain(|(space, id)| self.has_room(*space, *id));
        if fired.is_empty() {
            return Ok(None);
        }
        let kept = HookEvent { id: self.new_key(event.published_at), written: event.into() };
        let text = serde_json::to_string(&kept).map_err(|error| Error::Internal(error.to_string()))?;
        let row = |(space, id): (SpaceKey, IntegrationId)| DeliveryRow {
            id: self.new_key(event.published_at),
            integration_id: id.0,
            event: text.clone(),
            attempts: 0,
            due_at: event.published_at.0,
            leased: false,
            created_at: event.published_at.0,
            node: 0,
            space_kind: space.kind(),
            space_id: space.id(),
        };
        Ok(Some(Box::new(Deliveries(fired.into_iter().map(row).collect()))))
    }

    fn has_room(&self, space: SpaceKey, id: IntegrationId) -> bool {
        let room = self.hooks().states.queue(space, id);
        if !room {
            self.hooks().counts.count(Outcome::Dropped);
            tracing::warn!(integration = id.to_hex(), "an event is not delivered: too many wait already");
        }
        room
    }
}
