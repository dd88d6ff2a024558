//! What a right password proves, and for how long.

use mote_store::Db;
use mote_store::accounts as rows;
use mote_store::accounts::AccountRow;

use crate::{AccountId, Error};

/// That somebody knew the password of an account when it was looked up.
///
/// A password takes a while to look at. What was done meanwhile to shut somebody out, another password, a second factor, the
/// account's end, must hold for him too: so whatever is written for whoever knew the password begins with
/// [`Self::renew`], in the same transaction.
#[must_use]
pub(super) struct Proof {
    /// As it was when it was looked up.
    row: AccountRow,
    asked: Asked,
}

#[derive(Clone, Copy)]
enum Asked {
    /// Of somebody who signs in.
    AtSignIn,
    /// Of somebody who is signed in, once more.
    Again,
}

impl Proof {
    /// Of somebody who signs in.
    pub(super) fn at_sign_in(row: AccountRow) -> Self {
        Self { row, asked: Asked::AtSignIn }
    }

    /// Of somebody who is signed in.
    pub(super) fn again(row: AccountRow) -> Self {
        Self { row, asked: Asked::Again }
    }

    /// Whose password it was.
    pub(super) fn account(&self) -> AccountId {
        AccountId(self.row.id)
    }

    /// The address of that account.
    pub(super) fn username(&self) -> &str {
        &self.row.username
    }

    /// Whether a password alone is not enough.
    pub(super) fn has_second_factor(&self) -> bool {
        self.row.totp_secret.is_some()
    }

    /// The account as it is by now, for the transaction that works for whoever knew its password.
    ///
    /// Fails where it is gone, has another password, or has got a second factor or lost it: as a wrong password does at a
    /// sign-in, and with [`Error::Conflict`] for somebody who is signed in.
    pub(super) fn renew(&self, db: &mut Db) -> Result<AccountRow, Error> {
        let same = |now: &AccountRow| {
            now.password_hash == self.row.password_hash
                && now.totp_secret.is_some() == self.row.totp_secret.is_some()
        };
        rows::get(db, self.row.id)?.filter(same).ok_or_else(|| match self.asked {
            Asked::AtSignIn => Error::WrongCredentials,
            Asked::Again => Error::Conflict(
                "The account's password or second factor was changed while this was looked at; try again"
                    .into(),
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::challenge::For;
    use super::*;
    use crate::passwords::Password;
    use crate::testing::{PASSWORD, World};
    use crate::{ClientKey, Mote, OAuthError, tokens::Lifetime};

    const NAME: &str = "me@example.com";

    /// What may happen to an account while its password is looked at.
    #[derive(Clone, Copy, Debug)]
    enum Meanwhile {
        NewPassword,
        SecondFactor(bool),
        End,
    }

    async fn happens(mote: &Mote, account: AccountId, what: Meanwhile) {
        if matches!(what, Meanwhile::NewPassword) {
            let another = Password::new("another long one 99".into());
            return mote.set_password_for_operator(NAME, another).await.unwrap();
        }
        let change = move |db: &mut Db| -> Result<(), Error> {
            let mut row = rows::get(db, account.0)?.unwrap();
            match what {
                Meanwhile::SecondFactor(on) => row.totp_secret = on.then(|| vec![7]),
                Meanwhile::End | Meanwhile::NewPassword => return Ok(rows::delete(db, account.0)?),
            }
            Ok(rows::update(db, &row)?)
        };
        mote.store().write(change).await.unwrap();
    }

    async fn proof(mote: &Mote) -> Proof {
        mote.check_password(NAME, Password::new(PASSWORD.into())).await.unwrap()
    }

    async fn tokens(mote: &Mote) -> i64 {
        mote.store().read(mote_store::tokens::count).await.unwrap()
    }

    #[tokio::test]
    async fn what_was_done_while_a_password_was_looked_at_holds() {
        for what in [Meanwhile::NewPassword, Meanwhile::SecondFactor(true), Meanwhile::End] {
            let world = World::new().await;
            let (mote, account) = (&world.mote, world.account(NAME).await);
            let proof = proof(mote).await;
            happens(mote, account, what).await;
            let refused = mote.grant_for(ClientKey::OPERATOR, proof, Lifetime::Never, None).await;
            assert!(matches!(refused, Err(Error::WrongCredentials)), "{what:?}: {refused:?}");
            assert_eq!(tokens(mote).await, 0, "{what:?}");
        }
    }

    #[tokio::test]
    async fn nobody_is_asked_for_a_code_whose_password_is_over() {
        for what in [Meanwhile::NewPassword, Meanwhile::SecondFactor(false), Meanwhile::End] {
            let world = World::new().await;
            let (mote, account) = (&world.mote, world.account(NAME).await);
            happens(mote, account, Meanwhile::SecondFactor(true)).await;
            let proof = proof(mote).await;
            happens(mote, account, what).await;
            let refused = mote.wait_for_code(For::SignIn, proof, Vec::new()).await;
            assert!(matches!(refused, Err(Error::WrongCredentials)), "{what:?}: {refused:?}");
        }
    }

    #[tokio::test]
    async fn a_password_that_still_holds_is_worth_a_token_or_a_wait() {
        let world = World::new().await;
        let (mote, account) = (&world.mote, world.account(NAME).await);
        let first = proof(mote).await;
        assert!(mote.grant_for(ClientKey::OPERATOR, first, Lifetime::Never, None).await.is_ok());
        assert_eq!(tokens(mote).await, 1);
        happens(mote, account, Meanwhile::SecondFactor(true)).await;
        let second = proof(mote).await;
        let waits = mote.grant_for(ClientKey::OPERATOR, second, Lifetime::Never, None).await;
        assert!(matches!(waits, Err(Error::OAuth(OAuthError::MfaRequired(_)))), "{waits:?}");
        assert_eq!(tokens(mote).await, 1);
    }

    #[tokio::test]
    async fn whoever_is_signed_in_is_told_to_try_again() {
        let world = World::new().await;
        let (mote, account) = (&world.mote, world.account(NAME).await);
        let row = mote.account_row(account).await.unwrap();
        happens(mote, account, Meanwhile::NewPassword).await;
        let proof = Proof::again(row);
        let renewed = mote.store().write(move |db| proof.renew(db).map(drop)).await;
        assert!(matches!(renewed, Err(Error::Conflict(_))), "{renewed:?}");
    }
}
