//! Proving to be an account's owner: password, and second factor where it is on.

use mote_store::Db;
use mote_store::accounts as rows;
use mote_store::accounts::AccountRow;

use super::guesses::Tried;
use super::proof::Proof;
use crate::authorization::AccountAccess;
use crate::authorization::table::AccountChange;
use crate::keys::Purpose;
use crate::mfa::{recovery, totp};
use crate::names::Username;
use crate::passwords::Password;
use crate::tokens::{TokenPage, TokensAsked};
use crate::{AccountId, Error, Mote, OAuthError};

impl Mote {
    /// The account of this address and password; its second factor is not yet looked at.
    ///
    /// Fails with [`Error::WrongCredentials`] after the same work whether or not there is such an account.
    pub(super) async fn check_password(&self, username: &str, password: Password) -> Result<Proof, Error> {
        let Ok(username) = Username::parse(username) else {
            // As much work as for an address that could be somebody's.
            self.hasher().verify(password, None).await?;
            return Err(Error::WrongCredentials);
        };
        let tried = Tried::from(&username);
        self.guesses().look(&tried, self.now())?;
        let row = self.store().read(move |db| rows::by_username(db, username.as_str())).await?;
        let hash = row.as_ref().map(|row| row.password_hash.clone());
        let fits = self.guess(&tried, password, hash).await?;
        let row = row.filter(|_| fits).ok_or(Error::WrongCredentials)?;
        // With a second factor the sign-in is not yet over.
        if row.totp_secret.is_none() {
            self.guesses().right(&tried);
        }
        Ok(Proof::at_sign_in(row))
    }

    /// Asks the owner of an account, who is signed in, for the password once more. Fails with [`Error::WrongPassword`].
    pub(super) async fn confirm_password(
        &self,
        access: &AccountAccess<AccountChange>,
        password: Option<Password>,
        field: &'static str,
    ) -> Result<Proof, Error> {
        let password = password
            .ok_or_else(|| Error::invalid(field, "is needed for this: the account's present password"))?;
        let row = self.account_row(access.account()).await?;
        let fits =
            self.guess(&Tried::stored(&row.username), password, Some(row.password_hash.clone())).await?;
        if fits { Ok(Proof::again(row)) } else { Err(Error::WrongPassword(field)) }
    }

    /// A page of the living tokens of an account, for whoever knows its password (and one-time code, where it has a second factor).
    pub async fn list_tokens(
        &self,
        username: &str,
        password: Password,
        otp: Option<String>,
        asked: TokensAsked,
    ) -> Result<TokenPage, Error> {
        // Before a code is spent.
        let paging = asked.paging()?;
        let proof = self.check_password(username, password).await?;
        let id = proof.account();
        if proof.has_second_factor() {
            let Some(code) = otp else { return Err(Error::OtpNeeded) };
            let mote = self.clone();
            let spend = move |db: &mut Db| {
                proof.renew(db)?;
                mote.spend_code(db, id, &code)
            };
            let tried = self.store().write(spend).await?;
            if !self.count_code(&tried)? {
                return Err(Error::WrongCode);
            }
        }
        self.tokens_of(id, paging).await
    }

    /// Looks whether this is a code of the account's second factor, or one of its recovery codes; if so it is spent. Once
    /// that is written, [`Self::count_code`] says which: the write may be tried again, and the guess is one.
    ///
    /// Fails with [`Error::Locked`], and spends nothing, also where the lock came while it was looked at.
    pub(super) fn spend_code(&self, db: &mut Db, account: AccountId, code: &str) -> Result<TriedCode, Error> {
        let row = rows::get(db, account.0)?.ok_or(Error::WrongCredentials)?;
        let of = Tried::stored(&row.username);
        self.guesses().look(&of, self.now())?;
        let fits = self.spend_code_of(db, row, code)?;
        self.guesses().look(&of, self.now())?;
        Ok(TriedCode { of, fits })
    }

    /// Counts a code that was tried; whether it fitted. Of wrong ones that come at once no more are told about than of those
    /// that come in a row: fails with [`Error::Locked`] where others brought a lock. What a right one did is done.
    pub(super) fn count_code(&self, tried: &TriedCode) -> Result<bool, Error> {
        if tried.fits {
            self.guesses().right(&tried.of);
        } else {
            self.guesses().look(&tried.of, self.now())?;
            self.guesses().wrong(tried.of.clone(), self.now());
        }
        Ok(tried.fits)
    }

    fn spend_code_of(&self, db: &mut Db, mut row: AccountRow, code: &str) -> Result<bool, Error> {
        let account = AccountId(row.id);
        let Some(secret) = self.totp_secret(&row)? else { return Ok(false) };
        if let Some(step) = totp::check(&secret, code.trim(), self.now(), row.totp_last_step)? {
            row.totp_last_step = Some(step);
            rows::update(db, &row)?;
            return Ok(true);
        }
        let Some(code) = recovery::normalize(code) else { return Ok(false) };
        for digest in self.keys().digester.digests(Purpose::RecoveryCode, code.as_bytes()) {
            let kept = rows::recovery_code(db, account.0, digest.key)?;
            if kept.is_some_and(|rest| digest.rest_is(&rest)) {
                rows::delete_recovery_code(db, account.0, digest.key)?;
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// A one-time or recovery code that was tried, to be counted.
#[must_use]
pub(super) struct TriedCode {
    of: Tried,
    /// Whether it is one, and spent.
    pub(super) fits: bool,
}

pub(super) fn wrong_code() -> OAuthError {
    OAuthError::InvalidGrant("The one-time code is wrong, or was used before; wait for the next one".into())
}
