//! Search.

use axum::Json;
use axum::extract::State;
use mote_core::Mote;
use mote_core::authorization::table::{OrganizationSearch, UserSearch};
use mote_core::search::{Kind, SearchQuery};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::ApiError;
use crate::access::{OfAccount, OfOrganization};
use crate::body::Query;
use crate::views::FoundView;

/// What is looked for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// What is remembered of it.
    #[param(required = true)]
    text: Option<String>,
    /// `device`, `product` or `sim`; any where there is none.
    #[serde(rename = "type")]
    #[param(rename = "type")]
    kind: Option<String>,
}

impl TryFrom<Wanted> for SearchQuery {
    type Error = ApiError;

    fn try_from(wanted: Wanted) -> Result<Self, ApiError> {
        let text =
            wanted.text.ok_or_else(|| ApiError::bad_request("text is needed: what shall be looked for?"))?;
        let kind = match wanted.kind.as_deref() {
            None | Some("") => None,
            Some("device") => Some(Kind::Device),
            Some("product") => Some(Kind::Product),
            Some("sim") => Some(Kind::Sim),
            Some(_) => return Err(ApiError::bad_request("type is device, product or sim")),
        };
        Ok(Self { text, kind })
    }
}

/// Search the account's devices, products and SIM cards
///
/// Ten of each kind at most; `hasMore` says that there are more of some kind. Upper and lower case do not count. Found are
/// - devices by their whole serial number, IMEI or ICCID, by the beginning of their ID or name, and by any part of the name
///   among the first ten thousand names: the account's own, and those of products on whose team it is and whose APIs are
///   open to the team's own tokens (the oldest 200 such products);
/// - products on whose team it is, by ID or any part of name or slug;
/// - SIM cards by the beginning of their ICCID, of the account and of the same products as devices.
#[utoipa::path(
    get, path = "/v1/user/search", tag = "Search", security(("bearer" = [])), params(Wanted),
    responses((status = 200, body = FoundView), (status = 400), (status = 401), (status = 403))
)]
pub(super) async fn of_user(
    State(mote): State<Mote>,
    OfAccount(access): OfAccount<UserSearch>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<FoundView>, ApiError> {
    Ok(Json(FoundView::new(mote.search_account(&access, wanted.try_into()?).await?, None)))
}

/// Search the organization's devices, products and SIM cards
///
/// In its products, in the same manner as an account's search; devices and cards in the oldest 200 of them.
#[utoipa::path(
    get, path = "/v1/orgs/{orgIdOrSlug}/search", tag = "Search", security(("bearer" = [])),
    params(("orgIdOrSlug" = String, Path), Wanted),
    responses((status = 200, body = FoundView), (status = 400), (status = 401), (status = 403))
)]
pub(super) async fn of_organization(
    State(mote): State<Mote>,
    OfOrganization(access): OfOrganization<OrganizationSearch>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<FoundView>, ApiError> {
    let found = mote.search_organization(&access, wanted.try_into()?).await?;
    Ok(Json(FoundView::new(found, Some(access.organization()))))
}
