//! Listing and ending tokens.

use axum::Json;
use axum::extract::{FromRequestParts, State};
use http::request::Parts;
use mote_core::Mote;
use mote_core::authorization::AccountAccess;
use mote_core::authorization::table::{TokenEnd, TokenSee, TokensEnd, TokensList};
use mote_core::tokens::TokensAsked;
use serde::Deserialize;

use super::pages::{Page, next_page};
use crate::ApiError;
use crate::access::{Basic, OfAccount, OfToken};
use crate::body::{Path, Query, lenient};
use crate::frame::CallerAddress;
use crate::views::{Done, ListedTokenView, TokenView};

/// Whose tokens are to be listed: whoever proves it by password, or by a token of his.
pub(super) enum Lister {
    Password(Basic),
    Token(AccountAccess<TokensList>),
}

impl FromRequestParts<Mote> for Lister {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, mote: &Mote) -> Result<Self, ApiError> {
        if let Some(basic) = Basic::of(&parts.headers)? {
            return Ok(Self::Password(basic));
        }
        OfAccount::from_request_parts(parts, mote).await.map(|OfAccount(access)| Self::Token(access))
    }
}

#[derive(Deserialize)]
pub(super) struct ListQuery {
    #[serde(default, deserialize_with = "lenient::text")]
    otp: Option<String>,
}

/// List the account's tokens
///
/// With HTTP Basic (address and password, and `otp` where the account has a second factor) or a user token. Oldest first: all of
/// them up to a thousand, or a page, of which the first has the newest. Where there are older ones, the header `Link` has the
/// next page (RFC 8288).
#[utoipa::path(
    get, path = "/v1/access_tokens", tag = "Authentication", security(("basic" = []), ("bearer" = [])),
    params(
        ("otp" = Option<String>, Query, description = "One-time code of the second factor"),
        ("page" = Option<i64>, Query), ("per_page" = Option<i64>, Query),
    ),
    responses((status = 200, body = [ListedTokenView]), (status = 400), (status = 401), (status = 403))
)]
pub(super) async fn list(
    State(mote): State<Mote>,
    lister: Lister,
    Query(query): Query<ListQuery>,
    Query(Page { page, per_page }): Query<Page>,
) -> Result<impl axum::response::IntoResponse, ApiError> {
    let asked = TokensAsked { page, per_page };
    let found = match lister {
        Lister::Password(basic) => mote.list_tokens(&basic.user, basic.password, query.otp, asked).await?,
        Lister::Token(access) => mote.account_tokens(&access, asked).await?,
    };
    let link = next_page("/v1/access_tokens", found.page, found.per_page, found.has_more);
    let views: Vec<_> = found.tokens.into_iter().map(ListedTokenView::from).collect();
    Ok(([(http::header::CACHE_CONTROL, "no-store")], link, Json(views)))
}

/// End every token of the account
#[utoipa::path(
    delete, path = "/v1/access_tokens", tag = "Authentication", security(("bearer" = [])),
    responses((status = 200, body = Done), (status = 401), (status = 403))
)]
pub(super) async fn end_all(
    State(mote): State<Mote>,
    OfAccount(access): OfAccount<TokensEnd>,
) -> Result<Json<Done>, ApiError> {
    mote.end_all_tokens(&access).await?;
    Ok(Json(Done::new()))
}

/// See the token in hand
#[utoipa::path(
    get, path = "/v1/access_tokens/current", tag = "Authentication", security(("bearer" = [])),
    responses((status = 200, body = TokenView), (status = 401))
)]
pub(super) async fn see(
    State(mote): State<Mote>,
    OfToken(access): OfToken<TokenSee>,
) -> Result<Json<TokenView>, ApiError> {
    Ok(Json(mote.describe_token(&access).await?.into()))
}

/// Give back the token in hand
#[utoipa::path(
    delete, path = "/v1/access_tokens/current", tag = "Authentication", security(("bearer" = [])),
    responses((status = 200, body = Done), (status = 401))
)]
pub(super) async fn end_current(
    State(mote): State<Mote>,
    OfToken(access): OfToken<TokenEnd>,
) -> Result<Json<Done>, ApiError> {
    mote.end_current_token(&access).await?;
    Ok(Json(Done::new()))
}

/// End a token
///
/// Whoever holds a token may end it; no other credential is asked for.
#[utoipa::path(
    delete, path = "/v1/access_tokens/{token}", tag = "Authentication", security(()),
    params(("token" = String, Path, description = "The token to end")),
    responses((status = 200, body = Done), (status = 404))
)]
pub(super) async fn end(
    State(mote): State<Mote>,
    CallerAddress(address): CallerAddress,
    Path(token): Path<String>,
) -> Result<Json<Done>, ApiError> {
    mote.end_token(&token, address).await?;
    Ok(Json(Done::new()))
}
