//! Another address for an account.
//!
//! Whoever gives the account's password asks for it, and a link that is mailed to the new address makes the change: nobody
//! takes an address that he does not read, or locks himself out by a slip of the pen. What he is answered is the same where
//! the address has an account already, whose owner gets another mail instead: nobody can ask who has one.

use std::net::IpAddr;

use mote_store::accounts::AccountRow;
use mote_store::challenges::ChallengeRow;
use mote_store::{Db, accounts as rows, challenges};

use super::challenge::For;
use super::sign_up::taken;
use crate::audit::{Action, Actor, Entry, Recorder};
use crate::keys::TokenSecret;
use crate::mail::Mail;
use crate::names::Username;
use crate::notices::Notice;
use crate::{AccountId, Error, Mote};

/// Mails with such links that one address gets before it gets one an hour.
const MOST_MAILS: u32 = 3;

/// What a link that was mailed to a new address does when it is followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressChange {
    /// The address of the account by now.
    pub from: String,
    /// The one that it is to have.
    pub to: Username,
}

/// Another address that is about to be asked for.
pub(super) struct AskedAddress {
    to: Username,
    secret: TokenSecret,
    challenge: ChallengeRow,
    most: i64,
}

impl AskedAddress {
    /// Adds what the link is known by; whether somebody has the address. The work is the same.
    pub(super) fn insert(&self, db: &mut Db) -> Result<bool, Error> {
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
        Ok(AskedAddress { to, secret, challenge, most })
    }

    /// Mails the link, or where somebody has the address, word of it to him: beside the answer, which tells neither that nor
    /// how it went.
    pub(super) fn mail_address(&self, asked: &AskedAddress, is_taken: bool) {
        let url = &self.settings().public_url;
        let (to, key, token) = (asked.to.clone(), asked.challenge.digest_key, asked.secret.expose());
        if is_taken {
            let text = format!(
                "Somebody wanted to give an account at {url} your address, which yours has.\n\
                 If it was you: an address is one account's, so delete the other, or choose another address. \
                 Otherwise there is nothing to do.\n"
            );
            return self.tell_owner(to, text);
        }
        let now = self.now();
        if self.unasked_mails().look(&to, now).is_err() {
            return tracing::info!("no other link to a new address was mailed to it: so many were");
        }
        self.unasked_mails()
            .wrong(to.clone(), now, |mails| (mails >= MOST_MAILS).then_some(super::TOLD_AGAIN));
        let text = format!(
            "An account at {url} is to have this address. If it is not yours, there is nothing to do.\n\n\
             To make the change within the next hour, follow this link:\n\n\
             {url}/change-address?token={}\n\n\
             or:\n\n\
             curl -X PUT {url}/v1/user/username -d token={}\n",
            *token, *token
        );
        let (mote, mail) = (self.clone(), Mail { to, subject: "Your new address".into(), text });
        tokio::spawn(async move {
            if let Err(error) = mote.mail_link(key, mail).await {
                tracing::error!(%error, "the link to a new address was not sent");
            }
        });
    }

    /// What the link that this token came from does; `None` where it is unknown, used or over. It stays as good as it is.
    pub async fn address_change(&self, token: &str) -> Result<Option<AddressChange>, Error> {
        let (token, mote) = (token.to_owned(), self.clone());
        let read = move |db: &mut Db| -> Result<_, Error> {
            let Some((row, to)) = mote.find_address(db, &token)? else { return Ok(None) };
            Ok(Some(AddressChange { from: row.username, to }))
        };
        self.store().read(read).await
    }

    /// Gives an account the address that the link with this token went to. Links that reset the password end; whoever reads
    /// the mail of the old address hears of it.
    ///
    /// Fails with [`Error::Invalid`] where the link is unknown, used or over, and with [`Error::Conflict`] where somebody else
    /// has got the address meanwhile: whoever holds the link reads its mail, and may know.
    pub async fn confirm_address(&self, token: &str, address: Option<IpAddr>) -> Result<Username, Error> {
        let (token, mote) = (token.to_owned(), self.clone());
        let change = move |db: &mut Db| {
            let over = || Error::invalid("token", "is unknown, used or over; ask for the change once more");
            let (row, to) = mote.find_address(db, &token)?.ok_or_else(over)?;
            let recorder = mote.recorder(Actor::account(AccountId(row.id), address));
            mote.set_address(db, row, to, &recorder)
        };
        let Moved { from, to, .. } = self.write_address(change).await?;
        self.unasked_mails().forget(&to);
        match Username::parse(&from) {
            Ok(old) => self.tell_of_address(old, &to),
            Err(error) => tracing::error!(%error, "nobody was told of a new address"),
        }
        Ok(to)
    }

    /// Changes an account's address for an operator; its tokens, sessions and password stay.
    ///
    /// Fails with [`Error::NotFound`] where there is no such account, and with [`Error::Conflict`] where another has the address.
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
