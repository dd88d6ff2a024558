//! Sessions of the web console: people who are signed in with a browser.
//!
//! A session is no token: it has a table and a kind of digest of its own, so that neither is ever taken for the other. What it
//! grants is in memory with what tokens grant, as [`Holder::Console`](crate::tokens::Holder::Console), and authorization
//! knows it as a kind of its own.

mod check;
mod list;

pub use list::ConsoleSession;

use mote_store::console_sessions::ConsoleSessionRow;

use crate::keys::{Digest, Purpose, TokenSecret};
use crate::{AccountId, Moment, Mote};

/// Life of a session that is not used: two weeks.
const IDLE_SECONDS: i64 = 14 * 86_400;
/// Life of a session that is: three months.
const LONGEST_SECONDS: i64 = 90 * 86_400;
/// Its use is written down once an hour.
const RENEW_SECONDS: i64 = 3600;
/// Sessions of an account at a time; a new one ends the oldest.
pub(crate) const MOST: i64 = 50;
/// Characters that are kept of what a browser calls itself.
const LONGEST_AGENT: usize = 200;

/// The end of a session that is used now.
fn end(created: Moment, now: Moment) -> Moment {
    now.plus_seconds(IDLE_SECONDS).min(created.plus_seconds(LONGEST_SECONDS))
}

impl Mote {
    /// The secret of a new session, and the row that the store keeps of it.
    pub(crate) fn new_console_session(
        &self,
        account: AccountId,
        agent: &str,
    ) -> (TokenSecret, ConsoleSessionRow) {
        let (now, secret) = (self.now(), TokenSecret::generate());
        let digest = self.keys().digester.digest(Purpose::ConsoleSession, secret.bytes());
        let row = ConsoleSessionRow {
            id: self.new_key(now),
            account_id: account.0,
            digest_key: digest.key,
            digest_rest: digest.rest.to_vec(),
            agent: agent.chars().filter(|c| !c.is_control()).take(LONGEST_AGENT).collect(),
            created_at: now.0,
            used_at: now.0,
            expires_at: end(now, now).0,
        };
        (secret, row)
    }

    /// What a form carries that belongs to whoever has this secret in a cookie: nobody else can make it, and it does not
    /// give the secret away.
    #[must_use]
    pub fn console_form_token(&self, cookie: &TokenSecret) -> String {
        let digest = self.keys().digester.digest(Purpose::ConsoleForm, cookie.bytes());
        digest.to_hex()
    }

    /// Whether what a form carries was made by [`Self::console_form_token`] for whoever has this secret.
    #[must_use]
    pub fn is_console_form_token(&self, cookie: &TokenSecret, shown: &str) -> bool {
        let shown = Digest::from_hex(shown);
        shown.is_some_and(|shown| {
            let keys = self.keys();
            keys.digester.made(Purpose::ConsoleForm, cookie.bytes(), &shown, self.now())
        })
    }
}
