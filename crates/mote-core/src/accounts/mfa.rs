//! Switching the second factor on and off.

use std::fmt;

use mote_store::accounts as rows;
use mote_store::accounts::AccountRow;
use mote_store::{Db, challenges, clients, console_sessions};
use zeroize::Zeroizing;

use super::challenge::{For, Judged};
use crate::audit::{Action, Actor, Entry, Recorder};
use crate::authorization::AccountAccess;
use crate::authorization::table::AccountChange as Right;
use crate::clients::ClientKind;
use crate::keys::{Purpose, TokenSecret};
use crate::mail::Mail;
use crate::mfa::{recovery, totp};
use crate::names::Username;
use crate::notices::Notice;
use crate::passwords::Password;
use crate::tokens::end_all;
use crate::{AccountId, Error, Mote};

/// A second factor that is about to be switched on.
#[derive(Debug)]
pub struct Enrolment {
    /// To be sent along with the first code.
    pub mfa_token: TokenSecret,
    /// The secret, in base32, to type into an app.
    pub secret: Zeroizing<String>,
    /// The same as an address for a QR code.
    pub url: Zeroizing<String>,
}

/// A second factor that is on.
pub struct Enrolled {
    /// Codes for the day the app is lost: the one moment at which they can be seen.
    pub recovery_codes: Vec<String>,
}

impl fmt::Debug for Enrolled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Enrolled(…)")
    }
}

impl Mote {
    /// Begins to switch the second factor on: nothing changes until its first code comes back.
    ///
    /// Whoever is signed in to the console is asked for the password: with a second factor of his own, who finds a browser open
    /// would shut the account's owner out. The clients of the API send none with a token. It is not for the token of a `web`
    /// client, which somebody let act for him and is not himself: then it fails with [`Error::Forbidden`].
    pub async fn begin_mfa(
        &self,
        access: &AccountAccess<Right>,
        password: Option<Password>,
    ) -> Result<Enrolment, Error> {
        let proof = match access.grant().console_session() {
            Some(_) => Some(self.confirm_password(access, password, "password").await?),
            None => None,
        };
        let row = self.account_row(access.account()).await?;
        if row.totp_secret.is_some() {
            return Err(Error::Conflict(
                "The second factor is on already; switch it off first to change the app".into(),
            ));
        }
        let secret = totp::generate();
        let id = access.account();
        let sealed = self.keys().sealer.seal(Purpose::Totp, &id.0.to_be_bytes(), &secret);
        let (mfa_token, challenge, most) = self.new_challenge(For::Enrolment, id, sealed);
        let client = access.grant().client();
        let begin = move |db: &mut Db| -> Result<(), Error> {
            if let Some(proof) = &proof {
                proof.renew(db)?;
            }
            if clients::get(db, client.0)?.is_some_and(|row| row.kind == ClientKind::Web as i16) {
                return Err(Error::Forbidden(
                    "A program that was let act for an account cannot switch its second factor on: sign in yourself for that".into(),
                ));
            }
            Ok(challenges::insert(db, &challenge, most)?)
        };
        self.store().write(begin).await?;
        Ok(Enrolment {
            mfa_token,
            secret: totp::to_base32(&secret),
            url: totp::to_url(&secret, &row.username),
        })
    }

    /// Switches the second factor on, with a first code of the app; ends every token of the account where asked to.
    pub async fn confirm_mfa(
        &self,
        access: &AccountAccess<Right>,
        mfa_token: &str,
        otp: &str,
        end_tokens: bool,
    ) -> Result<Enrolled, Error> {
        let over =
            || Error::invalid("mfa_token", "is unknown or over; begin again with GET /v1/user/mfa-enable");
        let codes: Vec<String> = (0..recovery::COUNT).map(|_| recovery::generate()).collect();
        let digests: Vec<_> = codes
            .iter()
            .filter_map(|code| recovery::normalize(code))
            .map(|code| self.keys().digester.digest(Purpose::RecoveryCode, code.as_bytes()))
            .collect();
        let (in_hand, recorder) = (access.grant().console_session(), self.recorder(access.caller()));
        let (id, mfa_token, otp, mote) =
            (access.account(), mfa_token.to_owned(), otp.to_owned(), self.clone());
        let confirm = move |db: &mut Db| -> Result<Judged<()>, Error> {
            let waiting =
                mote.find_challenge(db, For::Enrolment, &mfa_token)?.filter(|row| row.account_id == id.0);
            let waiting = waiting.ok_or_else(over)?;
            let mut row = rows::get(db, id.0)?.ok_or(Error::InvalidToken)?;
            let secret = mote.keys().sealer.open(Purpose::Totp, &id.0.to_be_bytes(), &waiting.payload);
            let secret = secret.map_err(|e| Error::Internal(format!("an enrolment of account {id}: {e}")))?;
            let Some(step) = totp::check(&secret, otp.trim(), mote.now(), None)? else {
                return Self::judge(db, &waiting, None);
            };
            row.totp_secret = Some(mote.keys().sealer.seal(Purpose::Totp, &id.0.to_be_bytes(), &secret));
            row.totp_last_step = Some(step);
            rows::update(db, &row)?;
            rows::delete_recovery_codes(db, id.0)?;
            for digest in &digests {
                rows::insert_recovery_code(db, id.0, digest.key, &digest.rest)?;
            }
            let entry = Entry::of_account(db, Action::MfaEnabled, id)?;
            recorder.record(db, entry)?;
            if end_tokens {
                end_all(db, id, &recorder)?;
                console_sessions::delete_of_account(db, id.0, in_hand)?;
            }
            Self::judge(db, &waiting, Some(()))
        };
        let forget = move |judged: &Judged<()>| {
            let signed_out = end_tokens && matches!(judged, Judged::Right(()));
            signed_out.then_some(Notice::AccountSignedOut(id))
        };
        match self.write_and_forget(confirm, forget).await? {
            Judged::Right(()) => {
                self.tell_of_mfa(id, "on").await;
                Ok(Enrolled { recovery_codes: codes })
            }
            Judged::Wrong => Err(Error::invalid("otp", "is not the code that the app shows now")),
        }
    }

    /// Switches the second factor off, for whoever is signed in and knows the password.
    pub async fn disable_mfa(
        &self,
        access: &AccountAccess<Right>,
        password: Option<Password>,
    ) -> Result<(), Error> {
        let proof = self.confirm_password(access, password, "current_password").await?;
        let (id, recorder) = (access.account(), self.recorder(access.caller()));
        let disable = move |db: &mut Db| -> Result<bool, Error> {
            let row = proof.renew(db)?;
            switch_off(db, row, &recorder)
        };
        if self.store().write(disable).await? {
            self.tell_of_mfa(id, "off").await;
        }
        Ok(())
    }

    /// Switches the second factor off for an operator, at the word of an owner who lost the app and the recovery codes, or whom
    /// somebody else's second factor shuts out; tokens and sessions of the account end.
    ///
    /// Fails with [`Error::NotFound`] where there is no such account, and with [`Error::Conflict`] where it has none.
    pub async fn disable_mfa_for_operator(&self, username: &str) -> Result<(), Error> {
        let id = self.account_by_username(username).await?;
        let recorder = self.recorder(Actor::operator());
        let disable = move |db: &mut Db| -> Result<(), Error> {
            let row = rows::get(db, id.0)?.ok_or(Error::InvalidToken)?;
            if !switch_off(db, row, &recorder)? {
                return Err(Error::Conflict("This account has no second factor".into()));
            }
            challenges::delete_of_account(db, id.0)?;
            end_all(db, id, &recorder)?;
            console_sessions::delete_of_account(db, id.0, None)?;
            Ok(())
        };
        self.write_and_forget(disable, move |()| [Notice::AccountSignedOut(id)]).await
    }

    /// Mails an account's owner that its second factor is on or off now: it may not have been him. That it is stays done
    /// whatever becomes of the mail.
    async fn tell_of_mfa(&self, account: AccountId, now: &str) {
        let to = match self.account_row(account).await {
            Ok(row) => Username::parse(&row.username),
            Err(error) => Err(error),
        };
        let to = match to {
            Ok(to) => to,
            Err(error) => return tracing::error!(%error, "nobody was told of a second factor"),
        };
        let url = &self.settings().public_url;
        let text = format!(
            "The second factor of your account at {url} was switched {now}.\n\n\
             If it was not you, somebody else has been at your account: set a new password at {url}/forgotten-password, and \
             ask the server's operator (mote user disable-mfa) where a second factor that is not yours keeps you out.\n"
        );
        self.mailer().send_later(Mail { to, subject: format!("Your second factor is {now}"), text });
    }
}

/// Switches the second factor of an account off, with an entry of it; whether it was on.
fn switch_off(db: &mut Db, mut row: AccountRow, recorder: &Recorder) -> Result<bool, Error> {
    let was_on = row.totp_secret.is_some();
    if was_on {
        let entry = Entry::of_account(db, Action::MfaDisabled, AccountId(row.id))?;
        recorder.record(db, entry)?;
    }
    (row.totp_secret, row.totp_last_step) = (None, None);
    rows::update(db, &row)?;
    rows::delete_recovery_codes(db, row.id)?;
    Ok(was_on)
}
