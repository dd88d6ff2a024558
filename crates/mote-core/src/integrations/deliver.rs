//! Working on one event that is due at an integration.

use mote_store::integrations::deliveries::DeliveryRow;
use mote_store::integrations::logs::LogRow;
use serde_json::Value;

use super::event::HookEvent;
use super::integration::Hook;
use super::send::{Fault, Tried};
use super::tell::ASLEEP;
use super::{Outcome, log};
use crate::fleet_metrics::{Counted, DeliveryOutcome};
use crate::{Error, IntegrationId, Moment, Mote, ProductId, SpaceKey};

/// The pauses before what failed or was skipped is tried again, in seconds ("retried after 30 seconds and 1 minute before
/// being dropped", Webhook reference, "Limits").
const AGAIN_AFTER: [i64; 2] = [30, 60];
/// The pause after a fault of our own, in seconds.
const AFTER_OWN_FAULT: i64 = 10;

/// What came of a row of the queue, for the store.
#[derive(Clone, Debug)]
pub(super) struct Done {
    pub(super) id: i64,
    pub(super) space: SpaceKey,
    pub(super) integration: IntegrationId,
    /// How often it was tried and when it is due again; none where it is over.
    pub(super) again: Option<(i16, Moment)>,
    pub(super) log: Option<LogRow>,
}

impl Done {
    fn new(row: &DeliveryRow) -> Self {
        let integration = IntegrationId(row.integration_id);
        Self { id: row.id, space: row.space(), integration, again: None, log: None }
    }
}

/// When what was tried `attempts` times already and failed once more is tried again, if it is.
fn again(attempts: i16, now: Moment) -> Option<(i16, Moment)> {
    let pause = AGAIN_AFTER.get(usize::try_from(attempts).ok()?)?;
    Some((attempts.saturating_add(1), now.plus_seconds(*pause)))
}

impl Mote {
    /// Sends what is due and tells what came of it. None where there was no time left for it before `until`, from when on
    /// others may take it.
    pub(super) async fn deliver(&self, row: DeliveryRow, until: Moment) -> Option<Done> {
        match self.try_to_deliver(&row, until).await {
            Ok(done) => done,
            Err(error) => {
                tracing::error!(%error, integration = row.integration_id, "an integration cannot be worked on");
                let again = Some((row.attempts, self.now().plus_seconds(AFTER_OWN_FAULT)));
                Some(Done { again, ..Done::new(&row) })
            }
        }
    }

    async fn try_to_deliver(&self, row: &DeliveryRow, until: Moment) -> Result<Option<Done>, Error> {
        let id = IntegrationId(row.integration_id);
        let hook = self.hook(id).await?.filter(|hook| !hook.integration.disabled);
        let (Some(hook), Ok(event)) = (hook, serde_json::from_str::<HookEvent>(&row.event)) else {
            self.hooks().counts.count(Outcome::Dropped);
            return Ok(Some(Done::new(row)));
        };
        if !self.hooks().states.may_send(id, self.now()) {
            self.tell_error(&hook, &event, ASLEEP).await;
            let again = again(row.attempts, self.now());
            self.count_delivery(&event, again.map_or(Outcome::Asleep, |_| Outcome::Again));
            return Ok(Some(Done { again, ..Done::new(row) }));
        }
        let Some(tried) = self.try_hook(&hook, &event, Some(until)).await? else { return Ok(None) };
        let again = match &tried.fault {
            None => {
                self.hooks().states.succeeded(id);
                self.tell_sent(&hook, &event).await;
                self.tell_answer(&hook, &event, &tried).await;
                self.count_delivery(&event, Outcome::Success);
                None
            }
            Some(fault) => self.failed(&hook, &event, &tried, fault, row.attempts).await,
        };
        let log = Some(self.log_of(&hook, &event, &tried, row.attempts + 1));
        Ok(Some(Done { again, log, ..Done::new(row) }))
    }

    async fn failed(
        &self,
        hook: &Hook,
        event: &HookEvent,
        tried: &Tried,
        fault: &Fault,
        attempts: i16,
    ) -> Option<(i16, Moment)> {
        let (id, now) = (hook.integration.id, self.now());
        // What cannot be made a request says nothing of the receiver.
        let slept = !matches!(fault, Fault::Build(_)) && self.hooks().states.failed(id, now);
        if tried.answer.is_some() {
            self.tell_sent(hook, event).await;
        }
        self.tell_error(hook, event, &tried.error().unwrap_or_default()).await;
        if slept {
            tracing::info!(integration = id.to_hex(), "an integration sleeps after many failures");
            self.tell_error(hook, event, ASLEEP).await;
        }
        let again = again(attempts, now).filter(|_| fault.may_pass());
        self.count_delivery(event, again.map_or(Outcome::Failure, |_| Outcome::Again));
        again
    }

    fn count_delivery(&self, event: &HookEvent, outcome: Outcome) {
        self.hooks().counts.count(outcome);
        let counted = match outcome {
            Outcome::Success => DeliveryOutcome::Success,
            Outcome::Failure => DeliveryOutcome::Failure,
            Outcome::Asleep => DeliveryOutcome::Sleep,
            Outcome::Again | Outcome::Dropped => return,
        };
        if let Some(product) = event.written.product {
            self.count(ProductId(product), &event.written.traits(), Counted::Integration(counted));
        }
    }

    pub(super) fn log_of(&self, hook: &Hook, event: &HookEvent, tried: &Tried, attempt: i16) -> LogRow {
        let now = self.now();
        let response = tried.answer.as_ref().map_or(Value::Null, |answer| log::answer(answer, &tried.text()));
        let error = tried.error();
        let entry = log::entry(event, attempt, now, &tried.request, &response, error.as_deref());
        LogRow {
            id: self.new_key(now),
            integration_id: hook.integration.id.0,
            entry: entry.to_string(),
            created_at: now.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_is_tried_again_after_30_seconds_and_a_minute() {
        let now = Moment(1_000_000);
        assert_eq!(again(0, now), Some((1, now.plus_seconds(30))));
        assert_eq!(again(1, now), Some((2, now.plus_seconds(60))));
        for over in [2, 3, i16::MAX, -1] {
            assert_eq!(again(over, now), None);
        }
    }
}
