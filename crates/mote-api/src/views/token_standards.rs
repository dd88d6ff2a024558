//! Answers that RFCs about tokens give the shape of.

use mote_core::clients::SigningAlgorithm;
use mote_core::mfa::MFA_GRANT;
use mote_core::tokens::{Holder, Introspection, TokenUse};
use serde::Serialize;
use utoipa::ToSchema;

/// What a token is worth (RFC 7662 section 2.2).
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct IntrospectionView {
    /// Whether it opens anything; where it does not, there is nothing else here.
    active: bool,
    /// `bearer` of an access token; left out of a refresh token, which opens nothing itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    token_type: Option<&'static str>,
    /// ID of the client that it was made with.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    /// Address of the account, or name of the customer or API user, that it speaks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    /// Whom it speaks for: `user:KEY`, `product:ID`, `customer:KEY` or `api_user:KEY`.
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<String>,
    /// Scopes that it is limited to, with spaces between; left out where it has no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    /// Made, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    iat: Option<i64>,
    /// Its end, likewise; left out where it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    exp: Option<i64>,
    /// Address of this server.
    #[serde(skip_serializing_if = "Option::is_none")]
    iss: Option<String>,
}

impl IntrospectionView {
    pub(crate) fn new(found: Option<Introspection>, issuer: &str) -> Self {
        let Some(found) = found else { return Self::default() };
        let sub = match found.holder {
            Holder::User(account) | Holder::Console(account) => format!("user:{account}"),
            Holder::Product(product) => format!("product:{product}"),
            Holder::Customer(customer, _) => format!("customer:{customer}"),
            Holder::ApiUser(api_user, _) => format!("api_user:{api_user}"),
        };
        Self {
            active: true,
            token_type: (found.token_use == TokenUse::Access).then_some("bearer"),
            client_id: found.client,
            username: found.username,
            sub: Some(sub),
            scope: Some(found.scopes.join(" ")).filter(|scope| !scope.is_empty()),
            iat: Some(found.issued_at.unix_seconds()),
            exp: found.expires_at.map(mote_core::Moment::unix_seconds),
            iss: Some(issuer.to_owned()),
        }
    }
}

/// What the authorization server offers (RFC 8414 section 2).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ServerMetadata)]
pub(crate) struct Metadata {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    revocation_endpoint: String,
    introspection_endpoint: String,
    response_types_supported: [&'static str; 1],
    /// Always `S256` (RFC 7636).
    code_challenge_methods_supported: [&'static str; 1],
    /// Answers of the authorization endpoint name the issuer (RFC 9207).
    authorization_response_iss_parameter_supported: bool,
    grant_types_supported: [&'static str; 5],
    token_endpoint_auth_methods_supported: [&'static str; 3],
    /// How a client may sign that proves itself by a JWT.
    token_endpoint_auth_signing_alg_values_supported: Vec<&'static str>,
    revocation_endpoint_auth_methods_supported: [&'static str; 3],
    revocation_endpoint_auth_signing_alg_values_supported: Vec<&'static str>,
    introspection_endpoint_auth_methods_supported: [&'static str; 3],
    introspection_endpoint_auth_signing_alg_values_supported: Vec<&'static str>,
    service_documentation: String,
}

impl Metadata {
    /// Ways in which a client proves itself (RFC 7591 section 2).
    const METHODS: [&str; 3] = ["client_secret_basic", "client_secret_post", "private_key_jwt"];

    /// Of a server at this address.
    pub(crate) fn of(issuer: &str) -> Self {
        let at = |path: &str| format!("{issuer}{path}");
        let signing = || SigningAlgorithm::ALL.iter().flat_map(|one| one.names()).copied().collect();
        Self {
            issuer: issuer.to_owned(),
            authorization_endpoint: at("/oauth/authorize"),
            token_endpoint: at("/oauth/token"),
            revocation_endpoint: at("/oauth/revoke"),
            introspection_endpoint: at("/oauth/introspect"),
            response_types_supported: ["code"],
            code_challenge_methods_supported: ["S256"],
            authorization_response_iss_parameter_supported: true,
            grant_types_supported: [
                "client_credentials",
                "password",
                "authorization_code",
                "refresh_token",
                MFA_GRANT,
            ],
            token_endpoint_auth_methods_supported: Self::METHODS,
            token_endpoint_auth_signing_alg_values_supported: signing(),
            revocation_endpoint_auth_methods_supported: Self::METHODS,
            revocation_endpoint_auth_signing_alg_values_supported: signing(),
            introspection_endpoint_auth_methods_supported: Self::METHODS,
            introspection_endpoint_auth_signing_alg_values_supported: signing(),
            service_documentation: at("/docs"),
        }
    }
}
