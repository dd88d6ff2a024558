//! Tokens.

use mote_core::tokens::{ListedToken, Minted, TokenDescription};
use serde::Serialize;
use utoipa::ToSchema;

/// New tokens (RFC 6749 section 5.1).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TokenAnswer {
    /// Always `bearer`.
    token_type: &'static str,
    /// 40 hex digits.
    access_token: String,
    /// Life of the access token in seconds; 0 for never-ending.
    expires_in: i64,
    /// 40 hex digits, good for one trade within 14 days.
    refresh_token: String,
}

impl From<Minted> for TokenAnswer {
    fn from(minted: Minted) -> Self {
        Self {
            token_type: "bearer",
            access_token: minted.access.expose().to_string(),
            expires_in: minted.lifetime.expires_in(),
            refresh_token: minted.refresh.expose().to_string(),
        }
    }
}

/// A token in its owner's list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ListedTokenView {
    token: String,
    /// ISO 8601; null for never.
    expires_at: Option<String>,
    /// ID of the client it was made with.
    client: String,
}

impl From<ListedToken> for ListedTokenView {
    fn from(listed: ListedToken) -> Self {
        Self {
            token: listed.token.expose().to_string(),
            expires_at: listed.expires_at.map(mote_core::Moment::to_iso),
            client: listed.client,
        }
    }
}

/// The token in hand.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TokenView {
    /// ISO 8601; null for never.
    expires_at: Option<String>,
    /// ID of the client it was made with; null for an API user's, which was made with none.
    client: Option<String>,
    /// The same, as newer clients read it.
    client_id: Option<String>,
    /// Name of the API user that it belongs to, if it is one's.
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    /// Scopes that it is limited to; empty for no limit, or for an API user that has none.
    scopes: Vec<&'static str>,
    /// Organizations that it reaches.
    orgs: Vec<TokenOrganization>,
}

/// An organization that a token reaches, as particle-api-js declares it.
#[derive(Debug, Serialize, ToSchema)]
struct TokenOrganization {
    id: String,
    slug: String,
}

impl From<TokenDescription> for TokenView {
    fn from(token: TokenDescription) -> Self {
        Self {
            expires_at: token.expires_at.map(mote_core::Moment::to_iso),
            client_id: token.client.clone(),
            client: token.client,
            username: token.api_user,
            scopes: token.scopes,
            orgs: token
                .organizations
                .into_iter()
                .map(|organization| TokenOrganization {
                    id: organization.id.to_hex(),
                    slug: organization.slug,
                })
                .collect(),
        }
    }
}
