//! Taking the protection from a device for a while.

use axum::Json;
use axum::extract::State;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mote_core::Mote;
use mote_core::authorization::table::{DevicesUnprotect, OrganizationDevicesUnprotect, OwnDevicesUnprotect};
use mote_core::devices::{DeviceProof, ProtectedDevice};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::ApiError;
use crate::access::{OfAccount, OfOrganization, OfProduct};
use crate::body::{Input, Path};
use crate::views::UnprotectAnswer;

/// A step: `prepare`, or `confirm` with what the device answered.
#[derive(Deserialize, ToSchema)]
pub(super) struct Step {
    /// `prepare` or `confirm`.
    action: Option<String>,
    /// As it was given out; base64.
    server_nonce: Option<String>,
    /// Base64.
    device_nonce: Option<String>,
    /// ECDSA with SHA-256, in ASN.1; base64.
    device_signature: Option<String>,
    /// SHA-256 of the device's public key in DER; base64.
    device_public_key_fingerprint: Option<String>,
}

/// Take the protection from a device of the account for a while
///
/// In two steps: `prepare` gives a nonce, which the device answers with a signature; `confirm` takes that and gives the
/// server's, with which the device lets go of its protection. One that is in a product asks for a role of Developer there.
#[utoipa::path(
    put, path = "/v1/devices/{deviceId}/unprotect", tag = "Devices", security(("bearer" = [])), request_body = Step,
    params(("deviceId" = String, Path, description = "ID or name")),
    responses((status = 200, body = UnprotectAnswer), (status = 400), (status = 401), (status = 403), (status = 404))
)]
pub(super) async fn unprotect_own(
    State(mote): State<Mote>,
    OfAccount(access): OfAccount<OwnDevicesUnprotect>,
    Path(device): Path<String>,
    Input(step): Input<Step>,
) -> Result<Json<UnprotectAnswer>, ApiError> {
    let device = mote.own_protected_device(&access, &device).await?;
    step.take(&mote, &device).await
}

/// Take the protection from a device of the product for a while
///
/// In the same two steps as from one of an account.
#[utoipa::path(
    put, path = "/v1/products/{productIdOrSlug}/devices/{deviceId}/unprotect", tag = "Devices",
    security(("bearer" = [])), request_body = Step,
    params(("productIdOrSlug" = String, Path), ("deviceId" = String, Path)),
    responses((status = 200, body = UnprotectAnswer), (status = 400), (status = 401), (status = 403), (status = 404))
)]
pub(super) async fn unprotect(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<DevicesUnprotect>,
    Path((_, device)): Path<(String, String)>,
    Input(step): Input<Step>,
) -> Result<Json<UnprotectAnswer>, ApiError> {
    let device = mote.protected_device(&access, &device).await?;
    step.take(&mote, &device).await
}

/// Take the protection from a device of a product of the organization for a while
///
/// In the same two steps as from one of an account.
#[utoipa::path(
    put, path = "/v1/orgs/{orgIdOrSlug}/devices/{deviceId}/unprotect", tag = "Devices",
    security(("bearer" = [])), request_body = Step,
    params(("orgIdOrSlug" = String, Path), ("deviceId" = String, Path)),
    responses((status = 200, body = UnprotectAnswer), (status = 400), (status = 401), (status = 403), (status = 404))
)]
pub(super) async fn unprotect_of_organization(
    State(mote): State<Mote>,
    OfOrganization(access): OfOrganization<OrganizationDevicesUnprotect>,
    Path((_, device)): Path<(String, String)>,
    Input(step): Input<Step>,
) -> Result<Json<UnprotectAnswer>, ApiError> {
    let device = mote.protected_device_of_organization(&access, &device).await?;
    step.take(&mote, &device).await
}

impl Step {
    async fn take(self, mote: &Mote, device: &ProtectedDevice) -> Result<Json<UnprotectAnswer>, ApiError> {
        match self.action.as_deref() {
            Some("prepare") => Ok(Json(UnprotectAnswer::prepared(&mote.protection_nonce(device)))),
            Some("confirm") => {
                let proof = self.proof()?;
                Ok(Json(UnprotectAnswer::confirmed(&mote.unprotect(device, &proof).await?)))
            }
            _ => Err(ApiError::bad_request("action is prepare or confirm")),
        }
    }

    fn proof(self) -> Result<DeviceProof, ApiError> {
        let read = |text: Option<String>, field: &str| {
            let bytes = text.and_then(|text| STANDARD.decode(text).ok());
            bytes.ok_or_else(|| ApiError::bad_request(format_args!("{field} is needed, in base64")))
        };
        Ok(DeviceProof {
            server_nonce: read(self.server_nonce, "server_nonce")?,
            device_nonce: read(self.device_nonce, "device_nonce")?,
            signature: read(self.device_signature, "device_signature")?,
            key_fingerprint: read(self.device_public_key_fingerprint, "device_public_key_fingerprint")?,
        })
    }
}
