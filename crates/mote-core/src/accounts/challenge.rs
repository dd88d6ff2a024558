//! Secrets that are handed out to be brought back once and soon.

use mote_store::Db;
use mote_store::challenges as rows;
use mote_store::challenges::ChallengeRow;

use crate::keys::{Purpose, TokenSecret};
use crate::mail::Mail;
use crate::{Error, Moment, Mote, OwnerId};

/// What a challenge is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum For {
    /// A forgotten password: an hour.
    Reset = 1,
    /// A sign-in that waits for a one-time code: ten minutes, and five guesses.
    SignIn = 2,
    /// Switching on a second factor: an hour.
    Enrolment = 3,
    /// A customer's forgotten password: an hour.
    CustomerReset = 4,
    /// A sign-in to the web console that waits for a one-time code: as with [`Self::SignIn`], and never taken for one.
    ConsoleSignIn = 5,
    /// An authorization code: two minutes.
    Code = 6,
    /// Another address: an hour.
    Address = 7,
}

impl For {
    const fn seconds(self) -> i64 {
        match self {
            Self::SignIn | Self::ConsoleSignIn => 600,
            Self::Code => 120,
            Self::Reset | Self::Enrolment | Self::CustomerReset | Self::Address => 3600,
        }
    }

    /// Wrong answers that end it.
    const ATTEMPTS: i16 = 5;

    /// How many an account or customer has at a time; a new one ends the oldest, but for links that anybody may ask
    /// for ([`Mote::insert_link`]).
    const fn most(self) -> i64 {
        match self {
            Self::Enrolment => 1,
            Self::Reset | Self::CustomerReset | Self::Address => 3,
            Self::SignIn | Self::ConsoleSignIn | Self::Code => 10,
        }
    }
}

/// What a challenge comes to when it is brought back with an answer.
pub(super) enum Judged<T> {
    /// It was right; the challenge is spent.
    Right(T),
    /// It was wrong; there may be more tries.
    Wrong,
}

impl Mote {
    /// Makes a challenge, to be inserted with [`rows::insert`].
    pub(crate) fn new_challenge(
        &self,
        what: For,
        whose: impl Into<OwnerId>,
        payload: Vec<u8>,
    ) -> (TokenSecret, ChallengeRow, i64) {
        let secret = TokenSecret::generate();
        let digest = self.keys().digester.digest(Purpose::Challenge, secret.bytes());
        let row = ChallengeRow {
            digest_key: digest.key,
            digest_rest: digest.rest.to_vec(),
            purpose: what as i16,
            account_id: whose.into().key(),
            payload,
            attempts_left: For::ATTEMPTS,
            expires_at: self.now().plus_seconds(what.seconds()).0,
        };
        (secret, row, what.most())
    }

    /// Adds a challenge that a stranger may have asked for, and whose secret is to be mailed; whether there was room.
    ///
    /// Those that live stay, and beyond [`For::most`] none is made: anybody may ask for them, and would otherwise end the link
    /// that somebody is about to follow, and fill his mailbox.
    pub(crate) fn insert_link(&self, db: &mut Db, row: &ChallengeRow, most: i64) -> Result<bool, Error> {
        let has_room = rows::count(db, row.account_id, row.purpose, self.now().0)? < most;
        if has_room {
            rows::insert(db, row, most)?;
        } else {
            tracing::info!(most, "no other link to a new password was mailed: so many are out");
        }
        Ok(has_room)
    }

    /// Mails the secret of a challenge. One that surely was not mailed is nobody's, and leaves its place to another.
    pub(crate) async fn mail_link(&self, digest_key: i64, mail: Mail) -> Result<(), Error> {
        let Err(unsent) = self.mailer().send(mail).await else { return Ok(()) };
        if unsent.is_sure() {
            self.store().write(move |db| rows::delete(db, digest_key)).await?;
        }
        Err(unsent.into())
    }

    /// The living challenge that this secret stands for.
    pub(crate) fn find_challenge(
        &self,
        db: &mut Db,
        what: For,
        secret: &str,
    ) -> Result<Option<ChallengeRow>, Error> {
        let Some(secret) = TokenSecret::parse(secret) else { return Ok(None) };
        for digest in self.keys().digester.digests(Purpose::Challenge, secret.bytes()) {
            let row = rows::get(db, digest.key)?.filter(|row| digest.rest_is(&row.digest_rest));
            if let Some(row) = row {
                let lives = row.purpose == what as i16 && Moment(row.expires_at) > self.now();
                return Ok(lives.then_some(row));
            }
        }
        Ok(None)
    }

    /// Takes note of the answer to a challenge: a right one spends it, a wrong one costs a try, the last ends it.
    pub(super) fn judge<T>(db: &mut Db, row: &ChallengeRow, answer: Option<T>) -> Result<Judged<T>, Error> {
        match answer {
            Some(right) => {
                rows::delete(db, row.digest_key)?;
                Ok(Judged::Right(right))
            }
            None if row.attempts_left <= 1 => {
                rows::delete(db, row.digest_key)?;
                Ok(Judged::Wrong)
            }
            None => {
                rows::set_attempts_left(db, row.digest_key, row.attempts_left - 1)?;
                Ok(Judged::Wrong)
            }
        }
    }
}
