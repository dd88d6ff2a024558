//! One open stream.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

use super::hub::Listener;
use super::mailbox::Mail;
use super::standing::Standing;
use super::{EventHub, Place, Topic};
use crate::events::Event;
use crate::nodes::LONGEST_UNHEARD;
use crate::tokens::Grant;
use crate::{Error, Mote};

/// How long a stream is silent at most. Clients give up after 13 to 15 s without a byte.
const LONGEST_SILENCE: Duration = Duration::from_secs(9);

/// What comes out of a stream.
#[derive(Debug)]
pub enum Heard {
    /// An event.
    Event(Arc<Event>),
    /// Nothing, for a while: the reader is to be told that the stream still lives.
    Silence,
}

type Check = Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>;

/// An open stream of events. It ends when its token does, when the right is lost on which it was opened, when its reader
/// is too slow, and when the server stops; dropping it closes it.
pub struct EventStream {
    mote: Mote,
    entry: Entry,
    check: Option<Check>,
    /// When the right was last proved.
    proved: Instant,
    /// An event that waits for the right to be proved.
    held: Option<Arc<Event>>,
    timer: Pin<Box<Sleep>>,
    spoke: Instant,
    /// Whether this is a stream of a product or an organization.
    of_team: bool,
}

impl std::fmt::Debug for EventStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EventStream").field("listener", &self.entry.listener).finish_non_exhaustive()
    }
}

/// A place in the index, given back when it goes.
struct Entry {
    hub: EventHub,
    listener: Arc<Listener>,
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.hub.remove(&self.listener);
    }
}

impl EventStream {
    /// Opens a stream for somebody who has just proved his right to it.
    pub(in crate::events) async fn open(
        mote: &Mote,
        topics: [Option<Topic>; 2],
        prefix: &str,
        grant: &Arc<Grant>,
        place: Place,
    ) -> Result<Self, Error> {
        let of_team = !matches!(place, Place::Owner);
        let standing = Standing { grant: Arc::clone(grant), place };
        let hub = mote.event_hub().clone();
        let listener = hub.add(mote.settings().most_streams, topics, prefix, standing.clone())?;
        let entry = Entry { hub, listener };
        // A revocation between the proof and the entry in the index was not heard of: so the proof is made once more.
        standing.still_holds(mote.clone()).await?;
        let spoke = Instant::now();
        let timer = Box::pin(sleep_until(spoke));
        let mut stream =
            Self { mote: mote.clone(), entry, check: None, proved: spoke, held: None, timer, spoke, of_team };
        stream.set_timer();
        Ok(stream)
    }

    /// Whether it is a product's or an organization's, whose events tell which product they are of.
    #[must_use]
    pub fn is_of_team(&self) -> bool {
        self.of_team
    }

    /// What comes next; none when the stream has ended.
    pub fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Heard>> {
        loop {
            if let Some(check) = &mut self.check {
                let checked = ready!(check.as_mut().poll(context));
                self.check = None;
                if checked.is_err() {
                    return Poll::Ready(None);
                }
                self.proved = Instant::now();
                if let Some(event) = self.held.take() {
                    self.spoke = self.proved;
                    return Poll::Ready(Some(Heard::Event(event)));
                }
            }
            match self.entry.listener.mailbox.poll(context) {
                Poll::Ready(Mail::Event(_)) if self.is_over() => return Poll::Ready(None),
                Poll::Ready(Mail::Event(event)) if self.may_be_revoked() => {
                    self.held = Some(event);
                    self.begin_check();
                }
                Poll::Ready(Mail::Event(event)) => {
                    self.spoke = Instant::now();
                    return Poll::Ready(Some(Heard::Event(event)));
                }
                Poll::Ready(Mail::Recheck) => self.begin_check(),
                Poll::Ready(Mail::Over) => return Poll::Ready(None),
                Poll::Pending => {
                    ready!(self.timer.as_mut().poll(context));
                    if self.is_over() {
                        return Poll::Ready(None);
                    }
                    let silent = self.spoke.elapsed() >= LONGEST_SILENCE;
                    if silent {
                        self.spoke = Instant::now();
                    }
                    self.set_timer();
                    if silent {
                        return Poll::Ready(Some(Heard::Silence));
                    }
                }
            }
        }
    }

    fn begin_check(&mut self) {
        let standing = self.entry.listener.standing.clone();
        self.check = Some(Box::pin(standing.still_holds(self.mote.clone())));
    }

    /// Whether the right may have been taken on another node without this one having heard of it.
    fn may_be_revoked(&self) -> bool {
        !self.mote.hears_others() && self.proved.elapsed() >= LONGEST_UNHEARD
    }

    fn is_over(&self) -> bool {
        self.entry.listener.standing.grant.is_over(self.mote.now())
    }

    /// Sets the timer to what comes first: the end of the token, or that of the longest silence.
    fn set_timer(&mut self) {
        let silence = LONGEST_SILENCE.saturating_sub(self.spoke.elapsed());
        let end = self.entry.listener.standing.grant.expires_at();
        let left = end.map(|end| u64::try_from(end.0.saturating_sub(self.mote.now().0)).unwrap_or(0));
        let pause = left.map_or(silence, |left| silence.min(Duration::from_millis(left)));
        self.timer.as_mut().reset(Instant::now() + pause);
    }
}
