//! Another address for an account.
//!
//! Whoever gives the account's password asks for it, and a link that is mailed to the new address makes the change, for
//! somebody who is signed in to the account: nobody takes an address that he does not read, and by a slip of the pen nobody
//! gives his account away. What he is answered is the same where the address has an account already, whose owner gets another
//! mail instead: nobody can ask who has one.

use mote_store::accounts::AccountRow;
use mote_store::challenges::ChallengeRow;
use mote_store::{Db, accounts as rows, challenges};

use super::challenge::For;
use super::sign_up::{TOLD_AGAIN, taken};
use crate::audit::{Action, Actor, Entry, Recorder};
use crate::authorization::AccountAccess;
use crate::authorization::table::AccountChange as Right;
use crate::keys::TokenSecret;
use crate::mail::Mail;
use crate::names::Username;
use crate::notices::Notice;
use crate::{AccountId, Error, Moment, Mote};

/// Links that one address gets mails of before it gets one an hour: accounts together are not to fill a mailbox.
const MOST_MAILS: u32 = 3;

/// What a link that was mailed to a new address does when it is followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressChange {
    /// The address of the account by now.
    pub from: String,
    /// The one that it is to have.
    pub to: Username,
    /// The address of the account that looks.
    pub account: String,
}

impl AddressChange {
    /// Whether it is of the account that looks.
    #[must_use]
    pub fn is_mine(&self) -> bool {
        self.from == self.account
    }
}

/// Another address that is about to be asked for.
pub(super) struct AskedAddress {
    from: String,
    to: Username,
    secret: TokenSecret,
    challenge: ChallengeRow,
    most: i64,
}

impl AskedAddress {
    /// Adds what the link is known by; whether somebody has the address. The work is the same, and what is added stays until
    /// it ends, whatever becomes of the mail: the account could count what it may still ask for.
    ///
    /// Fails with [`Error::TooMany`] where so many are out that anybody's mailbox would be filled.
    pub(super) fn insert(&self, db: &mut Db, now: Moment) -> Result<bool, Error> {
        let out = challenges::count(db, self.challenge.account_id, self.challenge.purpose, now.0)?;
        if out >= self.most {
            let text = "Links went to three new addresses already: follow one of them, or ask again when their hour is over";
            return Err(Error::TooMany(text.into()));
        }
        challenges::insert(db, &self.challenge, self.most)?;
        Ok(rows::by_username(db, self.to.as_str())?.is_some())
    }
}

impl Mote {
    /// Prepares to ask for another address. Fails with [`Error::Invalid`] where it is the account's own.
    pub(super) fn ask_address(
        &self,
        whose: AccountId,
        from: &str,
        to: Username,
    ) -> Result<AskedAddress, Error> {
        if to.as_str() == from {
            return Err(Error::invalid("username", "is the account's address already"));
        }
        let (secret, challenge, most) = self.new_challenge(For::Address, whose, to.as_str().into());
        Ok(AskedAddress { from: from.to_owned(), to, secret, challenge, most })
    }

    /// Mails the link, or where somebody has the address, word of it to him: beside the answer, which tells neither that nor
    /// how it went, nor whether so many mails went there that this one did not.
    pub(super) fn mail_address(&self, asked: &AskedAddress, is_taken: bool) {
        let url = &self.settings().public_url;
        let (from, to, token) = (&asked.from, asked.to.clone(), asked.secret.expose());
        if is_taken {
            let text = format!(
                "Somebody wanted to give an account at {url} your address, which yours has.\n\
                 If it was you: an address is one account's, so delete the other, or choose another address. \
                 Otherwise there is nothing to do.\n"
            );
            return self.tell_owner(to, text);
        }
        let now = self.now();
        if self.asked_addresses().look(&to, now).is_err() {
            return tracing::info!(%to, "no other link to this new address was mailed: so many were");
        }
        self.asked_addresses().wrong(to.clone(), now, |mails| (mails >= MOST_MAILS).then_some(TOLD_AGAIN));
        let text = format!(
            "The account {from} at {url} is to have this address. If it is not yours, there is nothing to do.\n\n\
             To make the change within the next hour, follow this link, signed in to the account:\n\n\
             {url}/change-address?token={}\n\n\
             or:\n\n\
             curl -X PUT {url}/v1/user/username -H 'Authorization: Bearer TOKEN-OF-THE-ACCOUNT' -d token={}\n",
            *token, *token
        );
        self.mailer().send_later(Mail { to, subject: "Your new address".into(), text });
    }

    /// What the link that this token came from does; `None` where it is unknown, used or over. It stays as good as it is.
    pub async fn address_change(
        &self,
        access: &AccountAccess<Right>,
        token: &str,
    ) -> Result<Option<AddressChange>, Error> {
        let (id, token, mote) = (access.account(), token.to_owned(), self.clone());
        let read = move |db: &mut Db| -> Result<_, Error> {
            let account = rows::get(db, id.0)?.ok_or(Error::InvalidToken)?.username;
            let found = mote.find_address(db, &token)?;
            Ok(found.map(|(row, to)| AddressChange { from: row.username, to, account }))
        };
        self.store().read(read).await
    }

    /// Gives an account the address that the link with this token went to. Links that reset the password end; whoever reads
    /// the mail of the old address hears of it.
    ///
    /// Fails with [`Error::Invalid`] where the link is unknown, used or over, with [`Error::Forbidden`] where it is another
    /// account's, and with [`Error::Conflict`] where somebody else has got the address meanwhile: whoever holds the link reads
    /// its mail, and may know.
    pub async fn confirm_address(
        &self,
        access: &AccountAccess<Right>,
        token: &str,
    ) -> Result<Username, Error> {
        let (id, token, mote) = (access.account(), token.to_owned(), self.clone());
        let recorder = self.recorder(access.caller());
        let change = move |db: &mut Db| {
            let over = || Error::invalid("token", "is unknown, used or over; ask for the change once more");
            let (row, to) = mote.find_address(db, &token)?.ok_or_else(over)?;
            if row.id != id.0 {
                let text = format!(
                    "This link is for the account {}: sign in to that one to follow it",
                    row.username
                );
                return Err(Error::Forbidden(text));
            }
            mote.set_address(db, row, to, &recorder)
        };
        let Moved { from, to, .. } = self.write_address(change).await?;
        match Username::parse(&from) {
            Ok(old) => self.tell_of_address(old, &to),
            Err(error) => tracing::error!(%error, "nobody was told of a new address"),
        }
        Ok(to)
    }

    /// Changes an account's address for an operator; its tokens, sessions and password stay, and nobody gets a mail.
    ///
    /// Fails with [`Error::NotFound`] where there is no such account, and with [`Error::Conflict`] where another has the address:
    /// that one has to be deleted, or get another address, first.
    pub async fn change_address_for_operator(&self, from: &str, to: &str) -> Result<(), Error> {
        let (id, to) = (self.account_by_username(from).await?, Username::parse(to)?);
        let (mote, recorder) = (self.clone(), self.recorder(Actor::operator()));
        let change = move |db: &mut Db| {
            let row = rows::get(db, id.0)?.ok_or(Error::InvalidToken)?;
            mote.set_address(db, row, to.clone(), &recorder)
        };
        self.write_address(change).await.map(drop)
    }

    fn find_address(&self, db: &mut Db, token: &str) -> Result<Option<(AccountRow, Username)>, Error> {
        let Some(waiting) = self.find_challenge(db, For::Address, token)? else { return Ok(None) };
        let to = std::str::from_utf8(&waiting.payload).ok().map(Username::parse).transpose()?;
        let to = to.ok_or_else(|| Error::Internal("a link to a new address holds none".into()))?;
        Ok(rows::get(db, waiting.account_id)?.map(|row| (row, to)))
    }

    /// The addresses that the account had and has.
    fn set_address(
        &self,
        db: &mut Db,
        mut row: AccountRow,
        to: Username,
        recorder: &Recorder,
    ) -> Result<Moved, Error> {
        let account = AccountId(row.id);
        let entry = Entry::of_account(db, Action::AccountRenamed, account)?;
        recorder.record(db, entry.with("username", to.as_str()))?;
        let from = std::mem::replace(&mut row.username, to.as_str().to_owned());
        row.updated_at = self.now().0;
        rows::update(db, &row).map_err(taken)?;
        // Who reads the mail of the old address must not set a password by a link that went there.
        challenges::delete_of_account(db, row.id)?;
        Ok(Moved { account, from, to })
    }

    async fn write_address(
        &self,
        change: impl FnMut(&mut Db) -> Result<Moved, Error> + Send + 'static,
    ) -> Result<Moved, Error> {
        // Products show their owner's address.
        let forget = |moved: &Moved| [Notice::ProductsOfOwnerChanged(moved.account)];
        self.write_and_forget(change, forget).await
    }

    /// Mails who had an account by its old address: it may not have been him.
    fn tell_of_address(&self, old: Username, new: &Username) {
        let url = &self.settings().public_url;
        let text = format!(
            "Your account at {url} has another address now: {new}. Sign in with that one.\n\n\
             If it was not you, somebody else has been at your account: ask the server's operator, who can give it its address \
             back (mote user change-address).\n"
        );
        self.mailer().send_later(Mail { to: old, subject: "Your account has another address".into(), text });
    }
}

/// An account that got another address.
struct Moved {
    account: AccountId,
    from: String,
    to: Username,
}
