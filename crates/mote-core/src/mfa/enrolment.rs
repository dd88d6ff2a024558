//! A second factor that is not switched on yet, looked at again.

use mote_store::{Db, accounts as rows};

use crate::accounts::{Enrolment, For};
use crate::authorization::AccountAccess;
use crate::authorization::table::AccountChange;
use crate::keys::{Purpose, TokenSecret};
use crate::{Error, Mote};

impl Mote {
    /// The second factor that this is the token of, as [`Mote::begin_mfa`] gave it: for whoever typed a wrong first code.
    ///
    /// Fails with [`Error::Invalid`] where it is another account's, or over: after an hour, or five wrong codes.
    pub async fn waiting_mfa(
        &self,
        access: &AccountAccess<AccountChange>,
        mfa_token: &str,
    ) -> Result<Enrolment, Error> {
        let over = || Error::invalid("mfa_token", "is unknown or over; begin again");
        let token = TokenSecret::parse(mfa_token).ok_or_else(over)?;
        let (id, mote, named) = (access.account(), self.clone(), mfa_token.to_owned());
        let find = move |db: &mut Db| -> Result<_, Error> {
            let waiting = mote.find_challenge(db, For::Enrolment, &named)?;
            let waiting = waiting.filter(|row| row.account_id == id.0).ok_or_else(over)?;
            Ok((waiting, rows::get(db, id.0)?.ok_or(Error::InvalidToken)?.username))
        };
        let (waiting, username) = self.store().read(find).await?;
        let secret = self.keys().sealer.open(Purpose::Totp, &id.0.to_be_bytes(), &waiting.payload);
        let secret = secret.map_err(|e| Error::Internal(format!("an enrolment of account {id}: {e}")))?;
        Ok(Enrolment {
            mfa_token: token,
            secret: super::totp::to_base32(&secret),
            url: super::totp::to_url(&secret, &username),
        })
    }
}
