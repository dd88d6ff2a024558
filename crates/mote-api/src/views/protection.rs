//! The steps by which a device lets go of its protection.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mote_core::devices::ServerProof;
use serde::Serialize;
use utoipa::ToSchema;

/// What the next step needs; in base64.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UnprotectAnswer {
    ok: bool,
    /// For the device to sign.
    #[serde(skip_serializing_if = "Option::is_none")]
    server_nonce: Option<String>,
    /// ECDSA with SHA-256, in ASN.1.
    #[serde(skip_serializing_if = "Option::is_none")]
    server_signature: Option<String>,
    /// SHA-256 of the server's public key in DER.
    #[serde(skip_serializing_if = "Option::is_none")]
    server_public_key_fingerprint: Option<String>,
}

impl UnprotectAnswer {
    pub(crate) fn prepared(nonce: &[u8]) -> Self {
        let server_nonce = Some(STANDARD.encode(nonce));
        Self { ok: true, server_nonce, server_signature: None, server_public_key_fingerprint: None }
    }

    pub(crate) fn confirmed(proof: &ServerProof) -> Self {
        Self {
            ok: true,
            server_nonce: None,
            server_signature: Some(STANDARD.encode(&proof.signature)),
            server_public_key_fingerprint: Some(STANDARD.encode(&proof.key_fingerprint)),
        }
    }
}
