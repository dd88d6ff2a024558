//! Taking what is due out of the queue: of all spaces, so that none takes what the others would need.

use std::collections::HashMap;

use mote_store::integrations::deliveries::{self, DeliveryRow, PassedOver};
use mote_store::{Db, SpaceKey};

use super::states;
use crate::{Error, Moment};

/// Events at work at once, those that wait for their turn to be sent with them.
pub(super) const AT_ONCE: usize = 512;
/// Those of one space at most,
const PER_SPACE: usize = AT_ONCE / 8;
/// and no more than this part of what is free: so however many spaces are busy, something is free for another.
const SHARE_OF_FREE: usize = 7;
/// Rounds of one write through the queue past those that have their fill.
const ROUNDS: usize = 8;

/// Who takes, and until when nobody else may.
#[derive(Clone, Copy)]
pub(super) struct Taker {
    pub(super) node: i32,
    pub(super) until: Moment,
}

/// How much is at work.
#[derive(Clone, Debug, Default)]
pub(super) struct Load {
    pub(super) integrations: HashMap<i64, usize>,
    pub(super) spaces: HashMap<SpaceKey, usize>,
    /// Whether something waits of a space of which nothing is at work.
    pub(super) newcomers: bool,
}

impl Load {
    /// How much of one space may be at work now.
    fn share(&self) -> usize {
        let free = AT_ONCE.saturating_sub(self.spaces.values().sum());
        (free / SHARE_OF_FREE).clamp(1, PER_SPACE)
    }

    /// Counts one in, if it may be at work.
    fn admit(&mut self, row: &DeliveryRow) -> bool {
        let share = self.share();
        let of_space = self.spaces.entry(row.space()).or_default();
        let of_integration = self.integrations.entry(row.integration_id).or_default();
        let admitted = *of_space < share && *of_integration < states::AT_ONCE;
        *of_space += usize::from(admitted);
        *of_integration += usize::from(admitted);
        admitted
    }

    /// Those that have their fill.
    fn full(&self) -> PassedOver {
        self.more_than(self.share())
    }

    /// All of which something is at work.
    fn busy(&self) -> PassedOver {
        self.more_than(1)
    }

    fn more_than(&self, most: usize) -> PassedOver {
        let full = self.integrations.iter().filter(|(_, count)| **count >= states::AT_ONCE);
        let spaces = self.spaces.iter().filter(|(_, count)| **count >= most);
        PassedOver {
            integrations: full.map(|(id, _)| *id).collect(),
            spaces: spaces.map(|(space, _)| *space).collect(),
        }
    }
}

/// Takes what is due, `room` at most: first of those spaces of which nothing is at work, then oldest first. Also when the
/// next is due that may be taken.
pub(super) fn take(
    db: &mut Db,
    now: Moment,
    by: Taker,
    room: usize,
    mut load: Load,
) -> Result<(Vec<DeliveryRow>, Option<i64>), Error> {
    let mut taken: Vec<DeliveryRow> = Vec::new();
    let newcomers = load.newcomers.then_some(Load::busy as fn(&Load) -> PassedOver);
    for passed_over in newcomers.into_iter().chain([Load::full as fn(&Load) -> PassedOver]) {
        for _ in 0..ROUNDS {
            let left = room - taken.len();
            if left == 0 {
                return Ok((taken, None));
            }
            let due =
                deliveries::due(db, now.0, i64::try_from(left).unwrap_or(i64::MAX), &passed_over(&load))?;
            let (found, before) = (due.len(), taken.len());
            taken.extend(due.into_iter().filter(|row| load.admit(row)));
            let ids: Vec<i64> = taken[before..].iter().map(|row| row.id).collect();
            deliveries::lease(db, &ids, by.until.0, by.node)?;
            if found < left {
                break;
            }
        }
    }
    let next = if taken.len() == room { None } else { deliveries::next_due(db, &load.full())? };
    Ok((taken, next))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(integration: i64, space: SpaceKey) -> DeliveryRow {
        let (space_kind, space_id) = (space.kind(), space.id());
        let (id, event) = (1, String::new());
        let (attempts, due_at, leased, created_at, node) = (0, 0, false, 0, 0);
        let integration_id = integration;
        DeliveryRow {
            id,
            integration_id,
            event,
            attempts,
            due_at,
            leased,
            created_at,
            node,
            space_kind,
            space_id,
        }
    }

    #[test]
    fn however_many_are_busy_there_is_room_for_another() {
        let mut load = Load::default();
        for space in 1..40 {
            let of_space = SpaceKey::Account(space);
            let taken = (0..1000).filter(|at| load.admit(&row(space * 1000 + at, of_space))).count();
            assert!((1..=PER_SPACE).contains(&taken), "{space}: {taken}");
            assert!(space > 1 || taken == PER_SPACE);
        }
        assert!(load.spaces.values().sum::<usize>() < AT_ONCE);
        assert_eq!((load.full().spaces.len(), load.busy().spaces.len()), (39, 39));
    }

    #[test]
    fn one_integration_has_its_bound() {
        let mut load = Load::default();
        let taken = (0..100).filter(|_| load.admit(&row(1, SpaceKey::Product(1)))).count();
        assert_eq!((taken, load.full().integrations), (states::AT_ONCE, vec![1]));
        assert!(load.admit(&row(2, SpaceKey::Product(1))));
    }
}
