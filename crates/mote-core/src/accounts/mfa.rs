//! Switching the second factor on and off.

use mote_store::accounts as rows;
use mote_store::{Db, challenges, console_sessions};
use zeroize::Zeroizing;

use super::challenge::{For, Judged};
use crate::audit::{Action, Entry};
use crate::authorization::AccountAccess;
use crate::authorization::table::AccountChange as Right;
use crate::keys::{Purpose, TokenSecret};
use crate::mfa::{recovery, totp};
use crate::notices::Notice;
use crate::passwords::Password;
use crate::tokens::end_all;
use crate::{Error, Mote};

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
#[derive(Debug)]
pub struct Enrolled {
    /// Codes for the day the app is lost: the one moment at which they can be seen.
    pub recovery_codes: Vec<String>,
}

impl Mote {
    /// Begins to switch the second factor on: nothing changes until its first code comes back.
    pub async fn begin_mfa(&self, access: &AccountAccess<Right>) -> Result<Enrolment, Error> {
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
        self.store().write(move |db| challenges::insert(db, &challenge, most)).await?;
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
            Judged::Right(()) => Ok(Enrolled { recovery_codes: codes }),
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
        self.store()
            .write(move |db| -> Result<(), Error> {
                let mut row = proof.renew(db)?;
                if row.totp_secret.is_some() {
                    let entry = Entry::of_account(db, Action::MfaDisabled, id)?;
                    recorder.record(db, entry)?;
                }
                (row.totp_secret, row.totp_last_step) = (None, None);
                rows::update(db, &row)?;
                Ok(rows::delete_recovery_codes(db, id.0)?)
            })
            .await
    }
}
