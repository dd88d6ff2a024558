//! Hearing what others do, for as long as the server runs.

use std::net::IpAddr;
use std::sync::atomic::Ordering;
use std::thread::sleep;
use std::time::{Duration, Instant};

use mote_store::{StoreError, Wire, nodes, notices};

use crate::notices::Heard;
use crate::{Error, Mote};

/// Pause between two looks on PostgreSQL at most: some of these fit into [`super::LONGEST_UNHEARD`], so that one look that
/// takes long is none that is missed.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// Pause between two looks on SQLite, where only the operator's commands write beside this process.
const LOOK_ALONE_EVERY: Duration = Duration::from_secs(1);
/// Pause between two questions to the connection whether something came: while there is something going on,
const SHORT_PAUSE: Duration = Duration::from_millis(2);
/// and at other times.
const LONG_PAUSE: Duration = Duration::from_millis(10);
/// How long something is taken to go on after it was heard of.
const LIVELY: Duration = Duration::from_millis(500);
/// The pause before a lost connection is opened anew.
const AFTER_FAULT: Duration = Duration::from_millis(100);
/// Who has heard nothing for so long may have missed what is not there to be read any more, and forgets everything instead.
/// By a clock of his own: notices are kept twice as long.
const TOO_LONG: Duration = Duration::from_mins(10);

/// A server that is about to hear.
pub struct Hearing {
    mote: Mote,
    heard: Heard,
    ear: Option<Ear>,
}

impl Mote {
    /// Begins to hear what others on the store do, and lets them know of this server. To be called before anybody is
    /// answered, and [`Hearing::go_on`] at once after it.
    pub async fn begin_hearing(&self) -> Result<Hearing, Error> {
        let mote = self.clone();
        let begin = move || -> Result<Hearing, StoreError> {
            let mut ear = Ear::open(&mote)?;
            let began = Instant::now();
            let heard = Heard::until_now(ear.wire.db())?;
            ear.meet(&mote)?;
            mote.nodes().trust().knows_all_until(began);
            Ok(Hearing { mote, heard, ear: Some(ear) })
        };
        let hearing = if self.store().is_shared() {
            tokio::task::spawn_blocking(begin).await.map_err(|_| StoreError::Panicked)??
        } else {
            Hearing { mote: self.clone(), heard: self.heard_until_now().await?, ear: None }
        };
        self.nodes().serving.store(true, Ordering::Relaxed);
        Ok(hearing)
    }
}

impl Mote {
    /// Waits until the other nodes know of this one, if there are any, so that it misses none of their events. To be called
    /// while it hears already, before anybody is answered.
    pub async fn until_known_to_others(&self) {
        if self.nodes().are_there_others() {
            tokio::time::sleep(LOOK_EVERY + LOOK_EVERY / 2).await;
        }
    }
}

impl Hearing {
    /// Goes on for as long as the server runs. `unlocked` is given the network addresses that an operator lets guess again.
    pub fn go_on(self, unlocked: impl Fn(IpAddr) + Send + 'static) {
        if self.mote.store().is_shared() {
            // A thread, since the connection's calls block; and of its own, since requests may have all others.
            let thread = std::thread::Builder::new().name("mote-listener".into());
            if let Err(error) = thread.spawn(move || self.listen(&unlocked)) {
                tracing::error!(%error, "no thread hears of other nodes: everything is asked of the database");
            }
        } else {
            tokio::spawn(self.look_now_and_then(unlocked));
        }
    }

    async fn look_now_and_then(mut self, unlocked: impl Fn(IpAddr)) {
        let mut faults = Faults::default();
        loop {
            tokio::time::sleep(LOOK_ALONE_EVERY).await;
            match self.mote.hear_notices(&mut self.heard).await {
                Ok(addresses) => {
                    faults.over();
                    addresses.into_iter().for_each(&unlocked);
                }
                Err(error) => faults.met(&error),
            }
        }
    }

    fn listen(self, unlocked: &dyn Fn(IpAddr)) {
        let Self { mote, mut heard, mut ear } = self;
        let living = mote.while_it_lives();
        drop(mote);
        let (mut last, mut faults) = (Instant::now(), Faults::default());
        while let Some(mote) = living() {
            let looked = match ear.as_mut() {
                Some(open) => open.look(&mote, &mut heard, &mut last, unlocked),
                None => match Ear::open(&mote) {
                    Ok(opened) => {
                        ear = Some(opened);
                        continue;
                    }
                    Err(error) => Err(error),
                },
            };
            match looked {
                Ok(()) => faults.over(),
                Err(error) => {
                    faults.met(&error);
                    mote.nodes().leads.store(false, Ordering::Relaxed);
                    ear = None;
                    drop(mote);
                    sleep(AFTER_FAULT);
                }
            }
        }
    }
}

/// The connection on which a node hears of the others, and by which they know that it lives.
#[derive(Debug)]
struct Ear {
    wire: Wire,
    joined: bool,
    on_nats: bool,
    leads: bool,
    lively_until: Instant,
}

impl Ear {
    fn open(mote: &Mote) -> Result<Self, StoreError> {
        let mut wire = mote.store().wire()?;
        wire.listen(notices::CHANNEL)?;
        wire.listen(nodes::EVENTS)?;
        nodes::in_haste(wire.db())?;
        Ok(Self { wire, joined: false, on_nats: false, leads: false, lively_until: Instant::now() })
    }

    /// Looks at what others did, and then waits for the time of the next look, or for word that there is something.
    fn look(
        &mut self,
        mote: &Mote,
        heard: &mut Heard,
        last: &mut Instant,
        unlocked: &dyn Fn(IpAddr),
    ) -> Result<(), StoreError> {
        let began = Instant::now();
        if last.elapsed() > TOO_LONG {
            *heard = Heard::until_now(self.wire.db())?;
            mote.forget_everything();
        } else {
            let news = heard.news(self.wire.db())?;
            mote.take_news(heard, &news).into_iter().for_each(unlocked);
        }
        mote.nodes().trust().knows_all_until(began);
        *last = began;
        self.meet(mote)?;
        self.wait(mote, began + LOOK_EVERY)
    }

    /// Sees who is there, and takes the lead where nobody has it.
    fn meet(&mut self, mote: &Mote) -> Result<(), StoreError> {
        let (nodes, db) = (mote.nodes(), self.wire.db());
        if !self.joined {
            // Not before the end of a connection that was lost has reached the database.
            self.joined = nodes::join(db, nodes.number())?;
            // The others look at once, and see who has come.
            notices::ring(db)?;
        }
        let on_nats = mote.event_relay().is_on_nats();
        if on_nats && !self.on_nats {
            self.on_nats = nodes::join_nats(db, nodes.number())?;
        } else if !on_nats && self.on_nats {
            nodes::leave_nats(db, nodes.number())?;
            self.on_nats = false;
        }
        if !self.leads {
            self.leads = nodes::lead(db)?;
            nodes.leads.store(self.leads, Ordering::Relaxed);
        }
        nodes.met(nodes::living(db)?.into_iter().filter(|node| node.number != nodes.number()).collect());
        Ok(())
    }

    fn wait(&mut self, mote: &Mote, until: Instant) -> Result<(), StoreError> {
        loop {
            let mut is_news = false;
            for message in self.wire.heard()? {
                self.lively_until = Instant::now() + LIVELY;
                if message.channel == nodes::EVENTS {
                    mote.receive_event(&message.text);
                } else {
                    is_news = true;
                }
            }
            let nodes = mote.nodes();
            if nodes.are_there_others() && nodes.tells.swap(false, Ordering::Relaxed) {
                notices::ring(self.wire.db())?;
            }
            let now = Instant::now();
            if is_news || now >= until {
                return Ok(());
            }
            sleep(if now < self.lively_until { SHORT_PAUSE } else { LONG_PAUSE });
        }
    }
}

/// Tells of faults once, however long they go on.
#[derive(Debug, Default)]
struct Faults {
    told: bool,
}

impl Faults {
    fn met(&mut self, error: &dyn std::fmt::Display) {
        if !self.told {
            self.told = true;
            tracing::error!(%error, "what others on the database do is not heard of; it is tried again, and nothing is believed from memory meanwhile");
        }
    }

    fn over(&mut self) {
        if self.told {
            self.told = false;
            tracing::info!("what others on the database do is heard of again");
        }
    }
}
