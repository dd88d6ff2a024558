//! User tokens for passwords: the password grant (RFC 6749 section 4.3) and the vendor's grant for a second factor.

use std::net::IpAddr;

use mote_store::{Db, accounts, challenges};

use super::account::no_account;
use super::challenge::{For, Judged};
use super::proof::Proof;
use super::sign_in::{TriedCode, wrong_code};
use crate::audit::Actor;
use crate::authorization::AccountAccess;
use crate::authorization::table::AccountChange;
use crate::clients::{Client, ClientOwner, is_built_in};
use crate::keys::TokenSecret;
use crate::passwords::Password;
use crate::tokens::{Holder, Lifetime, Minted, Seed, insert_for_account};
use crate::{AccountId, ClientKey, Error, Mote, OAuthError};

impl Mote {
    /// A token for a username and password: a user token; or, with a client of a product, one for a customer of that
    /// product. Neither is ever taken for the other.
    ///
    /// Fails with [`OAuthError::MfaRequired`], which holds the token for [`Self::otp_grant`], where the account has a
    /// second factor.
    pub async fn password_grant(
        &self,
        client: &Client,
        username: &str,
        password: Password,
        lifetime: Lifetime,
        address: Option<IpAddr>,
    ) -> Result<Minted, Error> {
        if let ClientOwner::Product(product) = client.owner {
            return self.customer_password_grant(client.key, product, username, password, lifetime).await;
        }
        let proof = self.check_password(username, password).await.map_err(at_token_endpoint)?;
        self.grant_for(client.key, proof, lifetime, address).await.map_err(at_token_endpoint)
    }

    /// What comes of a right password: a token, or the wait for a one-time code.
    pub(super) async fn grant_for(
        &self,
        client: ClientKey,
        proof: Proof,
        lifetime: Lifetime,
        address: Option<IpAddr>,
    ) -> Result<Minted, Error> {
        let account = proof.account();
        if !proof.has_second_factor() {
            let actor = Actor::account(account, address);
            return self.mint_for_account(client, account, lifetime, actor, move |db| proof.renew(db)).await;
        }
        let payload = format!("{client} {}", lifetime.expires_in()).into_bytes();
        let secret = self.wait_for_code(For::SignIn, proof, payload).await?;
        Err(Error::OAuth(OAuthError::MfaRequired(secret)))
    }

    /// Has whoever knew the password come back with a one-time code: what with.
    pub(super) async fn wait_for_code(
        &self,
        what: For,
        proof: Proof,
        payload: Vec<u8>,
    ) -> Result<TokenSecret, Error> {
        let (secret, challenge, most) = self.new_challenge(what, proof.account(), payload);
        let wait = move |db: &mut Db| -> Result<(), Error> {
            proof.renew(db)?;
            Ok(challenges::insert(db, &challenge, most)?)
        };
        self.store().write(wait).await?;
        Ok(secret)
    }

    /// The user token that waits for a one-time code (`grant_type=urn:custom:mfa-otp`).
    pub async fn otp_grant(
        &self,
        client: &Client,
        mfa_token: &str,
        otp: &str,
        address: Option<IpAddr>,
    ) -> Result<Minted, Error> {
        let over = || {
            Error::OAuth(OAuthError::InvalidGrant(
                "The sign-in is over or was not begun; start again with your password".into(),
            ))
        };
        let (mfa_token, otp, mote) = (mfa_token.to_owned(), otp.to_owned(), self.clone());
        let (key, public) = (client.key, client.owner == ClientOwner::BuiltIn);
        let (judged, tried) = self
            .store()
            .write(move |db| -> Result<(Judged<Minted>, TriedCode), Error> {
                let waiting = mote.find_challenge(db, For::SignIn, &mfa_token)?.ok_or_else(over)?;
                let (begun_by, lifetime) = read_payload(&waiting.payload).ok_or_else(over)?;
                // One public client stands for another, since anybody may use any: CLI 3.43 begins as `user` and ends as
                // `CLI2`.
                if begun_by != key && !(public && is_built_in(begun_by)) {
                    return Err(over());
                }
                let account = AccountId(waiting.account_id);
                let tried = mote.spend_code(db, account, &otp)?;
                let minted = if tried.fits {
                    let seed = Seed { client: key, holder: Holder::User(account), lifetime };
                    let (minted, row) = mote.new_grant(seed, mote.now());
                    let recorder = mote.recorder(Actor::account(account, address));
                    insert_for_account(db, &row, account, &recorder)?;
                    Some(minted)
                } else {
                    None
                };
                Ok((Self::judge(db, &waiting, minted)?, tried))
            })
            .await?;
        self.count_code(&tried)?;
        match judged {
            Judged::Right(minted) => Ok(minted),
            Judged::Wrong => Err(Error::OAuth(wrong_code())),
        }
    }

    /// A user token for somebody who is signed in and gives his password.
    pub async fn create_user_token(
        &self,
        access: &AccountAccess<AccountChange>,
        password: Option<Password>,
        lifetime: Lifetime,
    ) -> Result<Minted, Error> {
        let proof = self.confirm_password(access, password, "password").await?;
        let (account, actor) = (proof.account(), access.caller().into());
        let still = move |db: &mut Db| proof.renew(db);
        self.mint_for_account(ClientKey::OPERATOR, account, lifetime, actor, still).await
    }

    /// A user token for an operator, straight on the store.
    pub async fn mint_for_operator(&self, username: &str, lifetime: Lifetime) -> Result<Minted, Error> {
        let account = self.account_by_username(username).await?;
        let still = move |db: &mut Db| accounts::get(db, account.0)?.ok_or_else(no_account);
        self.mint_for_account(ClientKey::OPERATOR, account, lifetime, Actor::operator(), still).await
    }
}

/// A wrong password, as the token endpoint tells it (RFC 6749 section 5.2).
fn at_token_endpoint(error: Error) -> Error {
    match error {
        Error::WrongCredentials => Error::OAuth(OAuthError::wrong_user()),
        other => other,
    }
}

fn read_payload(payload: &[u8]) -> Option<(ClientKey, Lifetime)> {
    let (client, seconds) = std::str::from_utf8(payload).ok()?.split_once(' ')?;
    let lifetime = match seconds.parse().ok()? {
        0 => Lifetime::Never,
        seconds => Lifetime::Seconds(seconds),
    };
    Some((ClientKey(client.parse().ok()?), lifetime))
}
