//! Claim codes: what a set-up app gives to a device, so that it becomes its owner's when it connects.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header;
use mote_core::Mote;
use mote_core::authorization::table::ClaimCodesCreate;
use mote_core::devices::{ClaimCode, Modem};
use mote_core::products::ProductRef;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ApiError;
use crate::access::OfOwner;
use crate::body::{Input, Path, lenient};

#[derive(Deserialize, ToSchema)]
#[schema(as = ClaimCodeCreate)]
pub(super) struct Create {
    /// For a device with a modem: its SIM card's number, which it tells when it connects. It is the code then.
    #[serde(default, deserialize_with = "lenient::text")]
    iccid: Option<String>,
    /// Its modem's number instead.
    #[serde(default, deserialize_with = "lenient::text")]
    imei: Option<String>,
}

impl From<Create> for Modem {
    fn from(body: Create) -> Self {
        let sent = |number: Option<String>| number.filter(|number| !number.is_empty());
        Self { iccid: sent(body.iccid), imei: sent(body.imei) }
    }
}

#[derive(Serialize, ToSchema)]
struct Created {
    /// 63 characters of the alphabet of base64, good for one device within an hour; or the number that was sent.
    claim_code: String,
    /// The devices that the caller has already, a thousand at most.
    device_ids: Vec<String>,
}

fn created(code: ClaimCode) -> Response {
    let answer = Created { claim_code: code.expose().to_owned(), device_ids: code.device_ids };
    ([(header::CACHE_CONTROL, "no-store")], Json(answer)).into_response()
}

/// Make a claim code
///
/// The device that brings it along on connecting becomes the caller's; with a customer's token that is a device of his
/// product.
#[utoipa::path(
    post, path = "/v1/device_claims", tag = "Devices", security(("bearer" = [])), request_body = Create,
    responses((status = 200, body = Created), (status = 400), (status = 401), (status = 403), (status = 409))
)]
pub(super) async fn create(
    State(mote): State<Mote>,
    OfOwner(access): OfOwner<ClaimCodesCreate>,
    Input(body): Input<Create>,
) -> Result<Response, ApiError> {
    Ok(created(mote.create_claim_code(&access, body.into()).await?))
}

/// Make a claim code for a device of the product
///
/// With the token of a customer of the product, or of an account on its team, whose the device becomes.
#[utoipa::path(
    post, path = "/v1/products/{productIdOrSlug}/device_claims", tag = "Devices", security(("bearer" = [])),
    request_body = Create, params(("productIdOrSlug" = String, Path)),
    responses((status = 200, body = Created), (status = 400), (status = 401), (status = 403), (status = 409))
)]
pub(super) async fn create_for_product(
    State(mote): State<Mote>,
    OfOwner(access): OfOwner<ClaimCodesCreate>,
    Path(product): Path<String>,
    Input(body): Input<Create>,
) -> Result<Response, ApiError> {
    let product = ProductRef::parse(&product);
    Ok(created(mote.create_product_claim_code(&access, &product, body.into()).await?))
}
