//! Whether a card is connected: a question for its carrier, answered in two steps (contract:
//! Diagnostics-getCellularNetworkStatus). No carrier is connected, so the answer is that.

use mote_store::sims as rows;

use super::sim::{find, owner_of};
use crate::authorization::SpaceAccess;
use crate::authorization::table::SimsStatus;
use crate::{Error, Moment, Mote};

/// Seconds that an answer holds for; the next question after them is a new one.
const EXPIRES_IN: i64 = 180;
/// Seconds after which to ask again.
const CHECK_AGAIN_IN: i64 = 2;

/// How far a question has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskState {
    /// It was just asked.
    Pending,
    /// It was answered: no carrier is connected.
    Complete,
}

/// The question for the state of the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NetworkStatus {
    /// Names it.
    pub task: i64,
    /// How far it has come.
    pub state: TaskState,
    /// Asked.
    pub created_at: Moment,
    /// Its answer holds until then.
    pub expires_at: Moment,
    /// When to ask again.
    pub check_again_after: Moment,
}

impl NetworkStatus {
    fn new(task: i64, state: TaskState, created_at: Moment) -> Self {
        Self {
            task,
            state,
            created_at,
            expires_at: created_at.plus_seconds(EXPIRES_IN),
            check_again_after: created_at.plus_seconds(CHECK_AGAIN_IN),
        }
    }
}

impl Mote {
    /// Asks for the state of the network of a card, or how far the last question has come, if that still holds.
    pub async fn network_status(
        &self,
        access: &SpaceAccess<SimsStatus>,
        iccid: &str,
    ) -> Result<NetworkStatus, Error> {
        let (owner, iccid, now) = (owner_of(access.space())?, iccid.to_owned(), self.now());
        let asked = {
            let iccid = iccid.clone();
            self.store().read(move |db| find(db, owner, &iccid)).await?
        };
        if let (Some(task), Some(at)) = (asked.status_task, asked.status_asked_at)
            && Moment(at).plus_seconds(EXPIRES_IN) > now
        {
            return Ok(NetworkStatus::new(task, TaskState::Complete, Moment(at)));
        }
        let task = self.new_key(now);
        self.store()
            .write(move |db| -> Result<(), Error> {
                let mut row = find(db, owner, &iccid)?;
                (row.status_task, row.status_asked_at) = (Some(task), Some(now.0));
                Ok(rows::update(db, &row)?)
            })
            .await?;
        Ok(NetworkStatus::new(task, TaskState::Pending, now))
    }
}
