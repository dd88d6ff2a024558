//! The queue: taking what is due, a bounded number at a time, and keeping what came of it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use mote_store::Db;
use mote_store::integrations::deliveries::{self, DeliveryRow, PassedOver};
use mote_store::integrations::logs;
use tokio::task::JoinSet;

use super::deliver::Done;
use super::take::{AT_ONCE, Taker, take};
use super::use_cases::MOST_LOGS;
use crate::{Error, IntegrationId, Moment, Mote};

/// How long what was taken is nobody else's, in seconds: longer than the longest request with its redirects takes,
const LEASE: i64 = 120;
/// and this long before the end nothing is begun any more.
const LAST_START: i64 = 45;
/// The longest pause between looks at the queue: another node's rows ring no bell here.
const LONGEST_PAUSE: Duration = Duration::from_secs(15);
/// The pause after a fault of the store.
const AFTER_FAULT: Duration = Duration::from_secs(1);
/// How long what is due waits at most, in seconds: an event of yesterday is none.
const STALE: i64 = 24 * 60 * 60;

/// What was taken, and when the next is due.
struct Taken {
    rows: Vec<DeliveryRow>,
    until: Moment,
    next: Option<i64>,
}

type Work = JoinSet<Option<Done>>;

impl Mote {
    /// Works on the queue for as long as the server runs.
    pub async fn run_deliveries(&self) {
        while let Err(error) = self.begin_deliveries().await {
            tracing::error!(%error, "the queue of integrations cannot be opened");
            tokio::time::sleep(AFTER_FAULT).await;
        }
        let mut work = Work::new();
        let mut done: Vec<Done> = Vec::new();
        let mut pause = Duration::ZERO;
        loop {
            tokio::select! {
                Some(one) = work.join_next() => done.extend(one.ok().flatten()),
                () = self.hooks().bell.notified(), if work.len() < AT_ONCE => {}
                () = tokio::time::sleep(pause) => {}
            }
            // Whatever else has come in meanwhile shares the write.
            while let Some(one) = work.try_join_next() {
                done.extend(one.ok().flatten());
            }
            let finished: Arc<[Done]> = std::mem::take(&mut done).into();
            match self.exchange(Arc::clone(&finished), AT_ONCE - work.len()).await {
                Ok(taken) => {
                    pause = self.pause_until(taken.next);
                    self.start(taken, &mut work);
                }
                Err(error) => {
                    tracing::error!(%error, "the queue of integrations does not go on");
                    done = finished.to_vec();
                    pause = AFTER_FAULT;
                    tokio::time::sleep(AFTER_FAULT).await;
                }
            }
        }
    }

    /// Works on all that is due now, and no more: how many there were. For those who do not let [`Self::run_deliveries`] run.
    pub async fn deliver_due(&self) -> Result<usize, Error> {
        let mut finished: Arc<[Done]> = Arc::new([]);
        let mut all = 0;
        loop {
            let taken = self.exchange(finished, AT_ONCE).await?;
            if taken.rows.is_empty() {
                return Ok(all);
            }
            all += taken.rows.len();
            let mut work = Work::new();
            self.start(taken, &mut work);
            let mut done = Vec::new();
            while let Some(one) = work.join_next().await {
                done.extend(one.ok().flatten());
            }
            finished = done.into();
        }
    }

    async fn begin_deliveries(&self) -> Result<(), Error> {
        // Nobody else can be at work on the rows of a file of this process's own.
        if !self.store().is_shared() {
            let now = self.now().0;
            self.store().write(move |db| deliveries::release(db, now)).await?;
        }
        self.count_queue_of_hooks().await
    }

    /// Counts what waits anew: on PostgreSQL other nodes put into the queue and take from it too.
    pub(crate) async fn count_queue_of_hooks(&self) -> Result<(), Error> {
        let counts = self.store().read(deliveries::counts).await?;
        self.hooks().states.recount(&counts);
        Ok(())
    }

    fn pause_until(&self, next: Option<i64>) -> Duration {
        let wait = next.map_or(i64::MAX, |next| next.saturating_sub(self.now().0));
        u64::try_from(wait).map_or(Duration::ZERO, Duration::from_millis).min(LONGEST_PAUSE)
    }

    fn start(&self, taken: Taken, work: &mut Work) {
        let last_start = taken.until.plus_seconds(-LAST_START);
        for row in taken.rows {
            let (mote, at_work) =
                (self.clone(), self.hooks().states.begin(row.space(), IntegrationId(row.integration_id)));
            work.spawn(async move {
                let done = mote.deliver(row, last_start).await;
                drop(at_work);
                done
            });
        }
    }

    /// Keeps what was done and takes what is due, in one write.
    async fn exchange(&self, done: Arc<[Done]>, room: usize) -> Result<Taken, Error> {
        let now = self.now();
        let until = now.plus_seconds(LEASE);
        let (load, node) = (self.hooks().states.load(), self.nodes().number());
        if done.is_empty() {
            // Most looks at the queue find nothing, and need no write.
            let next = self.store().read(|db| deliveries::next_due(db, &PassedOver::default())).await?;
            if room == 0 || next.is_none_or(|next| next > now.0) {
                return Ok(Taken { rows: Vec::new(), until, next });
            }
        }
        let finished = Arc::clone(&done);
        let (rows, next) = self
            .store()
            .write(move |db| -> Result<_, Error> {
                keep(db, &finished)?;
                let by = Taker { node, until };
                take(db, now, by, room, load.clone())
            })
            .await?;
        for one in done.iter().filter(|one| one.again.is_none()) {
            self.hooks().states.unqueue(one.space, one.integration);
        }
        Ok(Taken { rows, until, next })
    }
}

/// Removes a batch of what nobody will ask for any more; how much.
pub(crate) fn sweep(db: &mut Db, now: Moment, oldest: Moment, batch: i64) -> Result<usize, Error> {
    let (stale, old) = (now.plus_seconds(-STALE).0, oldest.0);
    Ok(deliveries::sweep(db, stale, batch)? + logs::sweep(db, old, batch)?)
}

fn keep(db: &mut Db, done: &[Done]) -> Result<(), Error> {
    let over: Vec<i64> = done.iter().filter(|one| one.again.is_none()).map(|one| one.id).collect();
    deliveries::delete(db, &over)?;
    for one in done {
        if let Some((attempts, due)) = one.again {
            deliveries::put_back(db, one.id, attempts, due.0)?;
        }
    }
    // Of each integration the newest few, which is all that is kept.
    let mut newest: HashMap<i64, Vec<&logs::LogRow>> = HashMap::new();
    for log in done.iter().rev().filter_map(|one| one.log.as_ref()) {
        let of = newest.entry(log.integration_id).or_default();
        if i64::try_from(of.len()).is_ok_and(|length| length < MOST_LOGS) {
            of.push(log);
        }
    }
    for (integration, rows) in newest {
        for row in rows {
            logs::insert(db, row)?;
        }
        logs::trim(db, integration, MOST_LOGS)?;
    }
    Ok(())
}
