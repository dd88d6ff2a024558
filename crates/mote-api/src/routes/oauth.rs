//! The token endpoint (RFC 6749 section 3.2).

use axum::extract::{FromRequest, Request, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, header};
use mote_core::clients::{Assertion, Client};
use mote_core::mfa::MFA_GRANT;
use mote_core::passwords::Password;
use mote_core::tokens::{Lifetime, Minted};
use mote_core::{Moment, Mote, OAuthError};
use std::net::IpAddr;
use std::sync::Arc;
use utoipa::ToSchema;

use crate::ApiError;
use crate::access::{Basic, ClientCredentials};
use crate::body::form::Pairs;
use crate::frame::{CallerAddress, Guess};
use crate::views::TokenAnswer;

/// The form of a request for tokens.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "describes the form in the OpenAPI document; the handler reads it field by field"
)]
struct TokenForm {
    /// `client_credentials`, `password`, `authorization_code`, `refresh_token` or `urn:custom:mfa-otp`.
    grant_type: String,
    /// Client ID, where it does not come by HTTP Basic.
    client_id: Option<String>,
    /// Client secret, likewise.
    client_secret: Option<String>,
    /// Instead of a secret: `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`.
    client_assertion_type: Option<String>,
    /// A JWT that is signed with a key of the client (RFC 7523), meant for this server (`aud`), good for once (`jti`), and over
    /// within ten minutes (`exp`).
    client_assertion: Option<String>,
    /// `password`: an account's address; with a product's client a customer's.
    username: Option<String>,
    /// `password`: its password.
    password: Option<String>,
    /// `client_credentials`: `customer=ADDRESS` for a token of that customer, instead of the product's.
    scope: Option<String>,
    /// `authorization_code`: what the browser came back with.
    code: Option<String>,
    /// `authorization_code`: the address that it came back to, where the request named it.
    redirect_uri: Option<String>,
    /// `authorization_code`: what the `code_challenge` was made of (RFC 7636).
    code_verifier: Option<String>,
    /// `refresh_token`: the token to trade.
    refresh_token: Option<String>,
    /// `urn:custom:mfa-otp`: the token that came with `mfa_required`.
    mfa_token: Option<String>,
    /// `urn:custom:mfa-otp`: the one-time code.
    otp: Option<String>,
    /// Life of the access token in seconds; 0 for never-ending. Default: 7776000.
    expires_in: Option<i64>,
    /// Its end instead, ISO 8601.
    expires_at: Option<String>,
}

/// The form of a request; nothing else is taken here (contract: Authentication-PostOauthToken).
pub(super) struct Form(Pairs);

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = ApiError;

    async fn from_request(mut request: Request, _: &S) -> Result<Self, ApiError> {
        // The frame has read it, if it is one.
        request.extensions_mut().remove().map(Self).ok_or_else(|| {
            let text = "Send the request as application/x-www-form-urlencoded";
            ApiError::from(OAuthError::InvalidRequest(text.into()))
        })
    }
}

impl Form {
    fn get(&self, name: &str) -> Result<Option<&str>, ApiError> {
        // RFC 6749 section 3.2: a parameter without a value counts as left out.
        Ok(self.0.get(name)?.filter(|value| !value.is_empty()))
    }

    pub(super) fn need(&self, name: &str) -> Result<&str, ApiError> {
        let missing = || OAuthError::InvalidRequest(format!("{name} is needed: send it in the form"));
        self.get(name)?.ok_or_else(|| missing().into())
    }
}

/// Trade credentials for tokens
///
/// The client comes by HTTP Basic, as `client_id` and `client_secret` in the form, or with a JWT that it has signed. A product's client gets the product's
/// bearer token with `client_credentials`, and tokens of the product's customers with `password`, or with
/// `scope=customer=ADDRESS`; public clients such as `particle:particle` get user tokens with `password`.
#[utoipa::path(
    post, path = "/oauth/token", tag = "Authentication", security(("basic" = []), ()),
    request_body(content = TokenForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, body = TokenAnswer),
        (status = 400, description = "RFC 6749 section 5.2: `invalid_request`, `invalid_grant`, …"),
        (status = 401, description = "`invalid_client`"),
        (status = 403, description = "`mfa_required`, with an `mfa_token`"),
    )
)]
pub(super) async fn mint(
    State(mote): State<Mote>,
    headers: HeaderMap,
    CallerAddress(address): CallerAddress,
    form: Form,
) -> Result<Response, ApiError> {
    let arrived = mote.now();
    let minted =
        grant(&mote, &headers, &form, arrived, address).await.map_err(ApiError::for_token_endpoint)?;
    let no_store = [(header::CACHE_CONTROL, "no-store"), (header::PRAGMA, "no-cache")];
    let mut answer = (no_store, axum::Json(TokenAnswer::from(minted))).into_response();
    Guess::Right.tell(&mut answer);
    Ok(answer)
}

async fn grant(
    mote: &Mote,
    headers: &HeaderMap,
    form: &Form,
    arrived: Moment,
    address: Option<IpAddr>,
) -> Result<Minted, ApiError> {
    let grant_type = form.get("grant_type")?.ok_or_else(|| {
        OAuthError::InvalidRequest(format!(
            "grant_type is needed: client_credentials, password, authorization_code, refresh_token or {MFA_GRANT}"
        ))
    })?;
    let client = client(mote, headers, form, "/oauth/token").await?;
    let lifetime = Lifetime::asked(form.get("expires_in")?, form.get("expires_at")?, arrived)?;
    match grant_type {
        "client_credentials" => {
            match form.get("scope")?.map(|scope| scope.split_once('=').unwrap_or((scope, ""))) {
                None | Some(("*:*", "")) => Ok(mote.mint_for_client(&client, lifetime).await?),
                Some(("customer", customer)) => Ok(mote.customer_grant(&client, customer, lifetime).await?),
                Some(_) => {
                    let text =
                        "A token has the scope of its client; leave scope out, or send customer=ADDRESS";
                    Err(OAuthError::InvalidScope(text.into()).into())
                }
            }
        }
        "authorization_code" => {
            let (code, verifier) = (form.need("code")?, form.need("code_verifier")?);
            let redirect_uri = form.get("redirect_uri")?;
            Ok(mote.code_grant(&client, code, redirect_uri, verifier, lifetime, address).await?)
        }
        "password" => {
            let password = Password::new(form.need("password")?.to_owned());
            Ok(mote.password_grant(&client, form.need("username")?, password, lifetime, address).await?)
        }
        "refresh_token" => Ok(mote.refresh(&client, form.need("refresh_token")?, lifetime, arrived).await?),
        MFA_GRANT => Ok(mote.otp_grant(&client, form.need("mfa_token")?, form.need("otp")?, address).await?),
        _ => {
            let known = format!(
                "The grant types here are client_credentials, password, authorization_code, refresh_token and {MFA_GRANT}"
            );
            Err(OAuthError::UnsupportedGrantType(known).into())
        }
    }
}

/// What a `client_assertion` is (RFC 7523 section 2.2).
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The client of a request to this endpoint, authenticated.
pub(super) async fn client(
    mote: &Mote,
    headers: &HeaderMap,
    form: &Form,
    endpoint: &str,
) -> Result<Arc<Client>, ApiError> {
    if let Some(jwt) = form.get("client_assertion")? {
        let refuse = |why: &str| Err(OAuthError::InvalidRequest(why.into()).into());
        if form.get("client_assertion_type")? != Some(JWT_BEARER) {
            return refuse(&format!("client_assertion_type is {JWT_BEARER}"));
        }
        // RFC 6749 section 2.3: one way at a time.
        if form.get("client_secret")?.is_some() || Basic::of(headers)?.is_some() {
            return refuse("A client proves itself in one way: by a secret or by client_assertion");
        }
        let assertion = Assertion { client: form.get("client_id")?, jwt, endpoint };
        return Ok(mote.authenticate_client_by_assertion(assertion).await?);
    }
    let client = ClientCredentials::of(headers, form.get("client_id")?, form.get("client_secret")?)?;
    let client = client.filter(|client| !client.secret.expose().is_empty()).ok_or(OAuthError::NoClient)?;
    Ok(mote.authenticate_client(&client.id, client.secret.expose()).await?)
}
