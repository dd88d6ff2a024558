//! Switching the second factor on and off, as particle-api-js does.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use http::header;
use mote_core::Mote;
use mote_core::authorization::table::AccountChange;
use mote_core::passwords::Password;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ApiError;
use crate::access::OfAccount;
use crate::body::{Input, lenient};
use crate::views::Done;

#[derive(Serialize, ToSchema)]
struct Enrolment {
    ok: bool,
    /// To be sent along with the first code.
    mfa_token: String,
    /// `otpauth://…`, for a QR code.
    qr_url: String,
    /// The secret in base32, to type into an app.
    secret: String,
}

/// Begin to switch the second factor on
#[utoipa::path(
    get, path = "/v1/user/mfa-enable", tag = "User", security(("bearer" = [])),
    responses((status = 200, body = Enrolment), (status = 401), (status = 403), (status = 409, description = "It is on"))
)]
pub(super) async fn begin(
    State(mote): State<Mote>,
    OfAccount(access): OfAccount<AccountChange>,
) -> Result<impl IntoResponse, ApiError> {
    let enrolment = mote.begin_mfa(&access, None).await?;
    let answer = Enrolment {
        ok: true,
        mfa_token: enrolment.mfa_token.expose().to_string(),
        qr_url: enrolment.url.to_string(),
        secret: enrolment.secret.to_string(),
    };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(answer)))
}

#[derive(Deserialize, ToSchema)]
pub(super) struct Confirm {
    /// From the beginning.
    mfa_token: String,
    /// The code that the app shows.
    #[serde(default, deserialize_with = "lenient::text")]
    otp: Option<String>,
    /// Whether to end every token of the account.
    #[serde(default, deserialize_with = "lenient::bool")]
    invalidate_tokens: Option<bool>,
}

#[derive(Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the name that particle-api-js reads")]
struct Enrolled {
    ok: bool,
    enrolled: bool,
    /// Each good for one sign-in without the app; shown this once.
    recovery_codes: Vec<String>,
}

/// Switch the second factor on, with a first code
#[utoipa::path(
    post, path = "/v1/user/mfa-enable", tag = "User", security(("bearer" = [])), request_body = Confirm,
    responses((status = 200, body = Enrolled), (status = 400), (status = 401), (status = 403))
)]
pub(super) async fn confirm(
    State(mote): State<Mote>,
    OfAccount(access): OfAccount<AccountChange>,
    Input(body): Input<Confirm>,
) -> Result<impl IntoResponse, ApiError> {
    let (otp, end_tokens) = (body.otp.unwrap_or_default(), body.invalidate_tokens.unwrap_or(false));
    let enrolled = mote.confirm_mfa(&access, &body.mfa_token, &otp, end_tokens).await?;
    let answer = Enrolled { ok: true, enrolled: true, recovery_codes: enrolled.recovery_codes };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(answer)))
}

#[derive(Deserialize, ToSchema)]
pub(super) struct Disable {
    /// The account's present password.
    current_password: Option<String>,
}

/// Switch the second factor off
#[utoipa::path(
    put, path = "/v1/user/mfa-disable", tag = "User", security(("bearer" = [])), request_body = Disable,
    responses((status = 200, body = Done), (status = 400), (status = 401), (status = 403))
)]
pub(super) async fn disable(
    State(mote): State<Mote>,
    OfAccount(access): OfAccount<AccountChange>,
    Input(body): Input<Disable>,
) -> Result<Json<Done>, ApiError> {
    mote.disable_mfa(&access, body.current_password.map(Password::new)).await?;
    Ok(Json(Done::new()))
}
