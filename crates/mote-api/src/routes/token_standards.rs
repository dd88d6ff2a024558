//! What other systems that speak OAuth ask of an authorization server: introspection (RFC 7662), revocation (RFC 7009) and
//! metadata (RFC 8414).

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};
use mote_core::Mote;
use utoipa::ToSchema;

use super::oauth::{Form, client};
use crate::ApiError;
use crate::frame::CallerAddress;
use crate::views::{IntrospectionView, Metadata};

/// The form of a question about a token.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "describes the form in the OpenAPI document; the handlers read it field by field"
)]
struct TokenQuestion {
    /// An access or refresh token.
    token: String,
    /// `access_token` or `refresh_token`; not needed, both are looked for.
    token_type_hint: Option<String>,
    /// Client ID, where it does not come by HTTP Basic.
    client_id: Option<String>,
    /// Client secret, likewise.
    client_secret: Option<String>,
    /// Instead of a secret, with `client_assertion`, as at the token endpoint.
    client_assertion_type: Option<String>,
    /// A JWT that the client has signed.
    client_assertion: Option<String>,
}

const NO_STORE: [(header::HeaderName, &str); 1] = [(header::CACHE_CONTROL, "no-store")];

/// Ask what a token is worth (RFC 7662)
///
/// For clients that keep a secret. A product's client sees the tokens that open its product: the product's own, its
/// customers' and its API users'; a client of an account those that were made with it. Of all others, as of what has ended,
/// the answer is `{"active":false}`.
#[utoipa::path(
    post, path = "/oauth/introspect", tag = "Authentication", security(("basic" = []), ()),
    request_body(content = TokenQuestion, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, body = IntrospectionView),
        (status = 400, description = "RFC 6749 section 5.2: `invalid_request`, or `unauthorized_client` of a public client"),
        (status = 401, description = "`invalid_client`"),
    )
)]
pub(super) async fn introspect(
    State(mote): State<Mote>,
    headers: HeaderMap,
    form: Form,
) -> Result<Response, ApiError> {
    let ask = async || -> Result<_, ApiError> {
        let client = client(&mote, &headers, &form, "/oauth/introspect").await?;
        Ok(mote.introspect(&client, form.need("token")?).await?)
    };
    let found = ask().await.map_err(ApiError::for_token_endpoint)?;
    let issuer = &mote.settings().public_url;
    Ok((NO_STORE, Json(IntrospectionView::new(found, issuer))).into_response())
}

/// Give a token back (RFC 7009)
///
/// By the client that it was made with. The access and the refresh token that came together end together, at once; with an
/// access token those that it replaced, with a refresh token all that came of the same grant. A token that is not known counts
/// as given back.
#[utoipa::path(
    post, path = "/oauth/revoke", tag = "Authentication", security(("basic" = []), ()),
    request_body(content = TokenQuestion, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "It opens nothing any more"),
        (status = 400, description = "`invalid_request`, or `invalid_grant` of another client's token"),
        (status = 401, description = "`invalid_client`"),
    )
)]
pub(super) async fn revoke(
    State(mote): State<Mote>,
    headers: HeaderMap,
    CallerAddress(address): CallerAddress,
    form: Form,
) -> Result<Response, ApiError> {
    let revoke = async || -> Result<_, ApiError> {
        let client = client(&mote, &headers, &form, "/oauth/revoke").await?;
        Ok(mote.revoke(&client, form.need("token")?, address).await?)
    };
    revoke().await.map_err(ApiError::for_token_endpoint)?;
    Ok((StatusCode::OK, NO_STORE).into_response())
}

/// What this authorization server offers (RFC 8414)
#[utoipa::path(
    get, path = "/.well-known/oauth-authorization-server", tag = "Authentication", security(()),
    responses((status = 200, body = Metadata))
)]
pub(super) async fn metadata(State(mote): State<Mote>) -> impl IntoResponse {
    let may_be_kept = [(header::CACHE_CONTROL, "public, max-age=3600")];
    (may_be_kept, Json(Metadata::of(&mote.settings().public_url)))
}
