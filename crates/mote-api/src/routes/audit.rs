//! The audit trail: who did what.

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use futures_util::stream::try_unfold;
use http::{HeaderMap, header};
use mote_core::Mote;
use mote_core::audit::{AuditExport, AuditQuery};
use mote_core::authorization::table::{AccountAudit, OrganizationAudit, ProductAudit};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::ApiError;
use crate::access::{OfAccount, OfOrganization, OfProduct};
use crate::body::{Query, lenient};
use crate::csv;
use crate::views::{AuditView, audit_lines};

/// The media type of lines of JSON.
const NDJSON: &str = "application/x-ndjson";

/// Which entries.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// What was done: an action, as `team.role_changed`, or all that is done to one kind of thing, as `team`.
    action: Option<String>,
    /// The name of who did it, as it was at that time.
    actor: Option<String>,
    /// The ID of what it was done to.
    target: Option<String>,
    /// Not before this moment, ISO 8601.
    since: Option<String>,
    /// Before this moment, ISO 8601.
    until: Option<String>,
    /// Older than the entry of this ID: the `next_before` of a page.
    before: Option<String>,
    /// Entries on a page: from 1 to 1000, 100 where it is left out. An export has all of them.
    #[serde(default, deserialize_with = "lenient::integer")]
    per_page: Option<i64>,
    /// `json`, or `ndjson` for an export.
    format: Option<String>,
}

impl Wanted {
    /// Whether all entries are asked for, as lines, and which.
    fn read(self, headers: &HeaderMap) -> Result<(bool, AuditQuery), ApiError> {
        let is_export = match self.format.as_deref() {
            None | Some("") => csv::prefers(headers, NDJSON),
            Some("ndjson") => true,
            Some("json") => false,
            Some(_) => return Err(ApiError::bad_request("format is json or ndjson")),
        };
        let query = AuditQuery {
            action: self.action,
            actor: self.actor,
            target: self.target,
            since: self.since,
            until: self.until,
            before: self.before,
            per_page: self.per_page,
        };
        Ok((is_export, query))
    }
}

/// All entries of an export as lines of JSON, read from the store as fast as the caller takes them. The first are read before
/// the answer begins; where it breaks off later, the connection does.
pub async fn stream_of_audit(mote: Mote, mut export: AuditExport) -> Result<Response, mote_core::Error> {
    let first = mote.export_more(&mut export).await?;
    let rest = try_unfold((mote, export, Some(first)), async |(mote, mut export, read)| {
        let entries = match read {
            Some(entries) => entries,
            None => mote.export_more(&mut export).await?,
        };
        if entries.is_empty() {
            return Ok::<_, mote_core::Error>(None);
        }
        Ok(Some((Bytes::from(audit_lines(entries)), (mote, export, None))))
    });
    Ok(([(header::CONTENT_TYPE, NDJSON)], Body::from_stream(rest)).into_response())
}

/// See who did what to a product
///
/// To its credentials, settings, team, devices and all else that is its own: newest first, for Administrators and the
/// product's own token. With `format=ndjson`, or where the caller would rather have `application/x-ndjson`, all entries that
/// the filters let through, a line of JSON each, oldest first. An entry names a token by its ID, never itself. Entries are
/// kept for a year, unless the operator decides otherwise.
#[utoipa::path(
    get, path = "/v1/products/{productIdOrSlug}/audit", tag = "Audit", security(("bearer" = [])),
    params(("productIdOrSlug" = String, Path), Wanted),
    responses(
        (status = 200, content((AuditView = "application/json"), (String = "application/x-ndjson"))),
        (status = 400), (status = 401), (status = 403),
    )
)]
pub(super) async fn of_product(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<ProductAudit>,
    headers: HeaderMap,
    Query(wanted): Query<Wanted>,
) -> Result<Response, ApiError> {
    let (is_export, query) = wanted.read(&headers)?;
    if is_export {
        let export = mote.export_product_audit(&access, &query)?;
        return Ok(stream_of_audit(mote, export).await?);
    }
    Ok(Json(AuditView::from(mote.product_audit(&access, &query).await?)).into_response())
}

/// See who did what to an organization
///
/// To its team and all else that is its own, and which products it got and lost: as for a product. What else is done to its
/// products is in their trails.
#[utoipa::path(
    get, path = "/v1/orgs/{orgIdOrSlug}/audit", tag = "Audit", security(("bearer" = [])),
    params(("orgIdOrSlug" = String, Path), Wanted),
    responses(
        (status = 200, content((AuditView = "application/json"), (String = "application/x-ndjson"))),
        (status = 400), (status = 401), (status = 403),
    )
)]
pub(super) async fn of_organization(
    State(mote): State<Mote>,
    OfOrganization(access): OfOrganization<OrganizationAudit>,
    headers: HeaderMap,
    Query(wanted): Query<Wanted>,
) -> Result<Response, ApiError> {
    let (is_export, query) = wanted.read(&headers)?;
    if is_export {
        let export = mote.export_organization_audit(&access, &query)?;
        return Ok(stream_of_audit(mote, export).await?);
    }
    Ok(Json(AuditView::from(mote.organization_audit(&access, &query).await?)).into_response())
}

/// See who did what to the account
///
/// To its password, second factor, tokens, clients, sessions and devices: as for a product. Of what others did, as an
/// administrator of the product that a device is in, it is not shown with which token and from where.
#[utoipa::path(
    get, path = "/v1/user/audit", tag = "Audit", security(("bearer" = [])), params(Wanted),
    responses(
        (status = 200, content((AuditView = "application/json"), (String = "application/x-ndjson"))),
        (status = 400), (status = 401), (status = 403),
    )
)]
pub(super) async fn of_user(
    State(mote): State<Mote>,
    OfAccount(access): OfAccount<AccountAudit>,
    headers: HeaderMap,
    Query(wanted): Query<Wanted>,
) -> Result<Response, ApiError> {
    let (is_export, query) = wanted.read(&headers)?;
    if is_export {
        let export = mote.export_account_audit(&access, &query)?;
        return Ok(stream_of_audit(mote, export).await?);
    }
    Ok(Json(AuditView::from(mote.account_audit(&access, &query).await?)).into_response())
}
