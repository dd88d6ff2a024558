//! Showing tokens to those who hold them.

use mote_store::{organizations, tokens as rows};

use crate::authorization::table::{TokenSee, TokensList};
use crate::authorization::{AccountAccess, TokenAccess};
use crate::clients::built_in_id;
use crate::keys::{Purpose, TokenSecret};
use crate::organizations::{MOST_ORGANIZATIONS, Organization};
use crate::paging::Paging;
use crate::teams::TeamId;
use crate::tokens::{Grant, Holder};
use crate::{AccountId, ClientKey, Error, Moment, Mote, TokenId};

/// A token in its owner's list.
#[derive(Debug)]
pub struct ListedToken {
    /// Key; good for logs.
    pub id: TokenId,
    /// The token itself.
    pub token: TokenSecret,
    /// Made.
    pub created_at: Moment,
    /// Its end; none if it has none.
    pub expires_at: Option<Moment>,
    /// ID of the client it was made with.
    pub client: String,
    /// Last used, to the minute; none if never.
    pub last_used_at: Option<Moment>,
}

/// Which page of an account's tokens is asked for: the first has the newest.
#[derive(Clone, Copy, Debug, Default)]
pub struct TokensAsked {
    /// From 1.
    pub page: Option<i64>,
    /// A thousand at most, and where it is not said.
    pub per_page: Option<i64>,
}

impl TokensAsked {
    /// The page, within its bounds.
    pub(crate) fn paging(self) -> Result<Paging, Error> {
        Paging::asked(self.page, self.per_page, Paging::MOST)
    }
}

/// A page of an account's tokens.
#[derive(Debug)]
pub struct TokenPage {
    /// Oldest first.
    pub tokens: Vec<ListedToken>,
    /// From 1.
    pub page: i64,
    /// Tokens on a full page.
    pub per_page: i64,
    /// Whether there are older ones.
    pub has_more: bool,
}

/// The token in hand.
#[derive(Debug)]
pub struct TokenDescription {
    /// Its end; none if it has none.
    pub expires_at: Option<Moment>,
    /// ID of the client it was made with; none for an API user's, and what one made, for which there is none.
    pub client: Option<String>,
    /// Name of the API user that it belongs to, if it is one's.
    pub api_user: Option<String>,
    /// Scopes that it is limited to; empty for no limit, where it is no API user's.
    pub scopes: Vec<&'static str>,
    /// Organizations that it reaches: those of an account, or the one that an API user works for.
    pub organizations: Vec<Organization>,
}

impl Mote {
    /// The living tokens of the account.
    pub async fn account_tokens(
        &self,
        access: &AccountAccess<TokensList>,
        asked: TokensAsked,
    ) -> Result<TokenPage, Error> {
        self.tokens_of(access.account(), asked.paging()?).await
    }

    /// The living tokens of an account that has just proved itself by its password.
    pub(crate) async fn tokens_of(&self, account: AccountId, paging: Paging) -> Result<TokenPage, Error> {
        let now = self.now();
        let (offset, limit) = (paging.offset(), paging.per_page + 1);
        let found =
            self.store().read(move |db| rows::of_account(db, account.0, now.0, offset, limit)).await?;
        let (rows, has_more) = paging.cut(found);
        let show = |(row, client): (rows::TokenRow, Option<String>)| {
            let sealed = row.sealed.as_deref().unwrap_or_default();
            let plain = self.keys().sealer.open(Purpose::AccessToken, &row.id.to_be_bytes(), sealed);
            let token = plain.ok().and_then(|plain| TokenSecret::from_slice(&plain));
            let token =
                token.ok_or_else(|| Error::Internal(format!("grant {} cannot be unsealed", row.id)))?;
            let client = client.or_else(|| built_in_id(ClientKey(row.client_id)).map(str::to_owned));
            // A client that is gone took its tokens with it; those wait to be swept.
            Ok::<_, Error>(client.map(|client| ListedToken {
                id: TokenId(row.id),
                token,
                created_at: Moment(row.created_at),
                expires_at: row.expires_at.map(Moment),
                client,
                last_used_at: row.last_used_at.map(Moment),
            }))
        };
        let tokens =
            rows.into_iter().rev().filter_map(|row| show(row).transpose()).collect::<Result<_, Error>>()?;
        Ok(TokenPage { tokens, page: paging.page, per_page: paging.per_page, has_more })
    }

    /// What the token in hand is.
    pub async fn describe_token(&self, access: &TokenAccess<TokenSee>) -> Result<TokenDescription, Error> {
        let grant = access.grant();
        let (client, api_user) = match (grant.holder, built_in_id(grant.client)) {
            (Holder::ApiUser(id, _), _) => {
                let row = self.store().read(move |db| mote_store::api_users::get(db, id.0)).await?;
                (None, Some(row.ok_or(Error::InvalidToken)?.username))
            }
            (_, Some(id)) => (Some(id.to_owned()), None),
            // A customer's whom an API user made.
            (_, None) if grant.client == ClientKey::NONE => (None, None),
            (_, None) => {
                let key = grant.client.0;
                let row = self.store().read(move |db| mote_store::clients::get(db, key)).await?;
                (Some(row.ok_or(Error::InvalidToken)?.client_id), None)
            }
        };
        let organizations = self.organizations_of(grant).await?;
        let scopes = grant.limits.names();
        Ok(TokenDescription { expires_at: grant.expires_at, client, api_user, scopes, organizations })
    }

    async fn organizations_of(&self, grant: &Grant) -> Result<Vec<Organization>, Error> {
        let found = match grant.holder {
            Holder::User(account) | Holder::Console(account) => {
                let most = MOST_ORGANIZATIONS;
                self.store().read(move |db| organizations::of_member(db, account.0, 0, most)).await?
            }
            Holder::ApiUser(_, TeamId::Organization(id)) => {
                let row = self.store().read(move |db| organizations::get(db, id.0)).await?;
                row.into_iter().collect()
            }
            Holder::ApiUser(_, TeamId::Product(_)) | Holder::Product(_) | Holder::Customer(..) => Vec::new(),
        };
        Ok(found.into_iter().map(Into::into).collect())
    }
}
