//! What can be asked of a connected device.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use serde_json::{Map, Value};
use tokio::sync::{mpsc, oneshot};

use crate::blobs::BlobId;
use crate::configurations::Configured;
use crate::environments::Variables;
use crate::{Error, Moment};

/// Commands that wait for a door to take them at most; a device with more is too slow for those who ask.
const QUEUE: usize = 32;
/// How long a device may take to answer: less than a request to the API may.
const PATIENCE: Duration = Duration::from_secs(20);

/// Where the answer to a command goes. Whoever asked may have gone away; then it goes nowhere.
pub type Answer<T> = oneshot::Sender<Result<T, SessionError>>;

/// What a door is told to do with its device.
#[derive(Debug)]
pub enum Command {
    /// Call a function that the device has told of.
    Call {
        /// Its name.
        function: String,
        /// Its argument.
        argument: String,
        /// What it returned.
        answer: Answer<i32>,
    },
    /// Read a variable that the device has told of.
    Read {
        /// Its name.
        variable: String,
        /// Its value: a number, a boolean or text.
        answer: Answer<Value>,
    },
    /// See whether the device answers.
    Ping {
        /// That it did.
        answer: Answer<()>,
    },
    /// Make the device's LED flash, or stop that.
    Signal {
        /// Whether it is to flash.
        on: bool,
        /// That the device has taken it.
        answer: Answer<()>,
    },
    /// Have the device publish its vitals, as the event `spark/device/diagnostics/update`.
    Vitals {
        /// That the device has taken it.
        answer: Answer<()>,
    },
    /// Bring other values into the device's configuration.
    Configure {
        /// Section by section.
        configuration: Map<String, Value>,
        /// Which sections it took.
        answer: Answer<Configured>,
    },
    /// Bring other environment variables onto the device.
    SetEnvironment {
        /// All of them.
        variables: Variables,
        /// That the device has begun to take them; it restarts with them.
        answer: Answer<()>,
    },
    /// Pass on an event that the device has subscribed to. Nobody waits for an answer.
    Push(PushedEvent),
    /// Bring other firmware onto the device.
    Update {
        /// Which.
        update: Update,
        /// That the device has begun to take it; it restarts when it has all.
        answer: Answer<()>,
    },
}

/// An event on its way to a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushedEvent {
    /// Name.
    pub name: Arc<str>,
    /// Data, if it has any.
    pub data: Option<Arc<str>>,
    /// Seconds that it is worth passing on.
    pub ttl: u32,
    /// Published.
    pub published_at: Moment,
}

/// Product firmware that a device is to take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    /// Product firmware version.
    pub version: i32,
    /// Size in bytes.
    pub size: i64,
    /// The binary: [`crate::Mote::open_blob`].
    pub blob: BlobId,
}

/// Why a device did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// Its session ended before it answered.
    #[error("the device's session ended")]
    Ended,
    /// It did not answer in time.
    #[error("the device did not answer in time")]
    TimedOut,
    /// It has more to do already than it gets done.
    #[error("the device is busy")]
    Busy,
    /// It refused; the text says why, in the device's or the door's words.
    #[error("the device refused: {0}")]
    Refused(String),
}

impl From<SessionError> for Error {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::Ended => Self::Offline,
            SessionError::TimedOut => Self::NoAnswer,
            SessionError::Busy => Self::Busy,
            SessionError::Refused(why) => Self::Conflict(format!("The device refused: {why}")),
        }
    }
}

/// The live session of a device. Clones are the same session; it is over once its door has dropped the
/// [`super::Connection`].
#[derive(Clone, Debug)]
pub struct Session {
    commands: mpsc::Sender<Command>,
    pulse: Arc<Pulse>,
}

/// What a session's two ends share besides the commands: the door's end must not hold the other, or it would never see it go.
#[derive(Debug)]
pub(super) struct Pulse {
    /// Tells two sessions of a device apart.
    number: u64,
    last_heard: AtomicI64,
}

impl Pulse {
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    pub(super) fn last_heard(&self) -> Moment {
        Moment(self.last_heard.load(Ordering::Relaxed))
    }

    pub(super) fn hear(&self, now: Moment) {
        self.last_heard.fetch_max(now.0, Ordering::Relaxed);
    }
}

impl Session {
    /// A session, and the commands for its door.
    pub(super) fn open(number: u64, now: Moment) -> (Self, mpsc::Receiver<Command>) {
        let (commands, queue) = mpsc::channel(QUEUE);
        (Self { commands, pulse: Arc::new(Pulse { number, last_heard: AtomicI64::new(now.0) }) }, queue)
    }

    pub(super) fn pulse(&self) -> &Arc<Pulse> {
        &self.pulse
    }

    /// When the device last gave a sign of life.
    #[must_use]
    pub fn last_heard(&self) -> Moment {
        self.pulse.last_heard()
    }

    /// Calls a function: what it returned.
    pub async fn call(&self, function: String, argument: String) -> Result<i32, SessionError> {
        self.ask(|answer| Command::Call { function, argument, answer }).await
    }

    /// Reads a variable: its value.
    pub async fn read(&self, variable: String) -> Result<Value, SessionError> {
        self.ask(|answer| Command::Read { variable, answer }).await
    }

    /// Sees whether the device answers.
    pub async fn ping(&self) -> Result<(), SessionError> {
        self.ask(|answer| Command::Ping { answer }).await
    }

    /// Makes the device's LED flash, or stops that.
    pub async fn signal(&self, on: bool) -> Result<(), SessionError> {
        self.ask(|answer| Command::Signal { on, answer }).await
    }

    /// Has the device publish its vitals; returns when it has been told to.
    pub async fn refresh_vitals(&self) -> Result<(), SessionError> {
        self.ask(|answer| Command::Vitals { answer }).await
    }

    /// Has the device take other firmware; returns when it has begun to.
    pub async fn update(&self, update: Update) -> Result<(), SessionError> {
        self.ask(|answer| Command::Update { update, answer }).await
    }

    /// Brings other values into the device's configuration: which sections it took.
    pub async fn configure(&self, configuration: Map<String, Value>) -> Result<Configured, SessionError> {
        self.ask(|answer| Command::Configure { configuration, answer }).await
    }

    /// Has the device take other environment variables; returns when it has begun to.
    pub async fn set_environment(&self, variables: Variables) -> Result<(), SessionError> {
        self.ask(|answer| Command::SetEnvironment { variables, answer }).await
    }

    /// Passes an event on to the device, which may be too busy for it.
    pub fn push(&self, event: PushedEvent) -> Result<(), SessionError> {
        self.send(Command::Push(event))
    }

    async fn ask<T>(&self, command: impl FnOnce(Answer<T>) -> Command) -> Result<T, SessionError> {
        let (answer, answered) = oneshot::channel();
        self.send(command(answer))?;
        match tokio::time::timeout(PATIENCE, answered).await {
            Ok(Ok(answer)) => answer,
            // The door dropped the place for the answer: it is gone, or does not do such things.
            Ok(Err(_)) => Err(SessionError::Ended),
            Err(_) => Err(SessionError::TimedOut),
        }
    }

    fn send(&self, command: Command) -> Result<(), SessionError> {
        self.commands.try_send(command).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => SessionError::Busy,
            mpsc::error::TrySendError::Closed(_) => SessionError::Ended,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open() -> (Session, mpsc::Receiver<Command>) {
        Session::open(1, Moment(0))
    }

    #[tokio::test]
    async fn what_is_asked_is_answered() {
        let (session, mut queue) = open();
        let door = async {
            let Some(Command::Call { function, argument, answer }) = queue.recv().await else { panic!() };
            assert_eq!((function.as_str(), argument.as_str()), ("gong", "loud"));
            answer.send(Ok(7)).unwrap();
            let Some(Command::Read { variable, answer }) = queue.recv().await else { panic!() };
            assert_eq!(variable, "gongs");
            answer.send(Err(SessionError::Refused("not now".into()))).unwrap();
        };
        let asker = async {
            assert_eq!(session.call("gong".into(), "loud".into()).await, Ok(7));
            let refused = session.read("gongs".into()).await;
            assert_eq!(refused, Err(SessionError::Refused("not now".into())));
        };
        tokio::join!(door, asker);
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_device_is_not_waited_for_forever() {
        let (session, _queue) = open();
        let began = tokio::time::Instant::now();
        assert_eq!(session.ping().await, Err(SessionError::TimedOut));
        assert_eq!(began.elapsed(), PATIENCE);
    }

    #[tokio::test]
    async fn a_session_that_ends_answers_nobody() {
        let (session, mut queue) = open();
        let door = async {
            drop(queue.recv().await);
            drop(queue);
        };
        let ((), asked) = tokio::join!(door, session.signal(true));
        assert_eq!(asked, Err(SessionError::Ended));
        assert_eq!(session.ping().await, Err(SessionError::Ended));
    }

    #[tokio::test]
    async fn a_queue_that_is_full_is_no_place_to_wait() {
        let (session, _queue) = open();
        let event = PushedEvent { name: "a".into(), data: None, ttl: 60, published_at: Moment(0) };
        for _ in 0..QUEUE {
            session.push(event.clone()).unwrap();
        }
        assert_eq!(session.push(event), Err(SessionError::Busy));
        assert_eq!(session.ping().await, Err(SessionError::Busy));
    }
}
