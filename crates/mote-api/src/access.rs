//! Who calls, and what he may do: extractors that hand out proofs.
//!
//! A handler that takes an [`OfAccount`], an [`OfProduct`] or one of their neighbours has been authenticated and authorized, and has in it what it may
//! work on. There is no other way to come by one.

use axum::extract::{FromRequestParts, RawPathParams};
use base64::Engine;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use http::request::Parts;
use mote_core::authorization::{
    AccountAccess, AccountRight, Caller, OrganizationAccess, OrganizationRight, OwnerAccess, OwnerRight,
    ProductAccess, ProductRight, Right, SpaceAccess, SpaceRef, SpaceRight, TeamAccess, TeamRef, TeamRight,
    TokenAccess,
};
use mote_core::organizations::OrganizationRef;
use mote_core::passwords::Password;
use mote_core::products::ProductRef;
use mote_core::{Mote, OAuthError};
use percent_encoding::percent_decode_str;

use crate::ApiError;
use crate::body::form::Pairs;
use crate::frame::CallerAddress;

/// The caller may use `R`, which any living token opens.
#[derive(Debug)]
pub struct OfToken<R>(pub TokenAccess<R>);

/// The caller may use `R` over his account.
#[derive(Debug)]
pub struct OfAccount<R>(pub AccountAccess<R>);

/// The caller may use `R` over his own devices.
#[derive(Debug)]
pub struct OfOwner<R>(pub OwnerAccess<R>);

/// The caller may use `R` over the product that the path names.
#[derive(Debug)]
pub struct OfProduct<R>(pub ProductAccess<R>);

/// The caller may use `R` over the organization that the path names.
#[derive(Debug)]
pub struct OfOrganization<R>(pub OrganizationAccess<R>);

/// The caller may use `R` over the team of the product or organization that the path names.
#[derive(Debug)]
pub struct OfTeam<R>(pub TeamAccess<R>);

/// The caller may use `R` over what the product or organization has that the path names, or else his account.
#[derive(Debug)]
pub struct OfSpace<R>(pub SpaceAccess<R>);

impl<R: Right> FromRequestParts<Mote> for OfToken<R> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, mote: &Mote) -> Result<Self, ApiError> {
        let caller = authenticate(parts, mote).await?;
        Ok(Self(mote.token_access(caller)?))
    }
}

impl<R: AccountRight> FromRequestParts<Mote> for OfAccount<R> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, mote: &Mote) -> Result<Self, ApiError> {
        let caller = authenticate(parts, mote).await?;
        Ok(Self(mote.account_access(caller)?))
    }
}

impl<R: OwnerRight> FromRequestParts<Mote> for OfOwner<R> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, mote: &Mote) -> Result<Self, ApiError> {
        let caller = authenticate(parts, mote).await?;
        Ok(Self(mote.owner_access(caller)?))
    }
}

impl<R: ProductRight> FromRequestParts<Mote> for OfProduct<R> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, mote: &Mote) -> Result<Self, ApiError> {
        let caller = authenticate(parts, mote).await?;
        let params = params(parts, mote).await?;
        let named = named(&params, PRODUCT)
            .ok_or_else(|| ApiError::fault(&"a product's route without productIdOrSlug in its path"))?;
        Ok(Self(mote.product_access(caller, &ProductRef::parse(named)).await?))
    }
}

impl<R: OrganizationRight> FromRequestParts<Mote> for OfOrganization<R> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, mote: &Mote) -> Result<Self, ApiError> {
        let caller = authenticate(parts, mote).await?;
        let params = params(parts, mote).await?;
        let named = named(&params, ORGANIZATION)
            .ok_or_else(|| ApiError::fault(&"an organization's route without orgIdOrSlug in its path"))?;
        Ok(Self(mote.organization_access(caller, &OrganizationRef::parse(named)).await?))
    }
}

impl<R: TeamRight> FromRequestParts<Mote> for OfTeam<R> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, mote: &Mote) -> Result<Self, ApiError> {
        let caller = authenticate(parts, mote).await?;
        let params = params(parts, mote).await?;
        let team = match (named(&params, PRODUCT), named(&params, ORGANIZATION)) {
            (Some(product), _) => TeamRef::Product(ProductRef::parse(product)),
            (None, Some(organization)) => TeamRef::Organization(OrganizationRef::parse(organization)),
            (None, None) => return Err(ApiError::fault(&"a team's route that does not say whose")),
        };
        Ok(Self(mote.team_access(caller, team).await?))
    }
}

impl<R: SpaceRight> FromRequestParts<Mote> for OfSpace<R> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, mote: &Mote) -> Result<Self, ApiError> {
        let caller = authenticate(parts, mote).await?;
        let params = params(parts, mote).await?;
        let space = match (named(&params, PRODUCT), named(&params, ORGANIZATION)) {
            (Some(product), _) => SpaceRef::Product(ProductRef::parse(product)),
            (None, Some(organization)) => SpaceRef::Organization(OrganizationRef::parse(organization)),
            (None, None) => SpaceRef::Account,
        };
        Ok(Self(mote.space_access(caller, space).await?))
    }
}

/// The parameter of a path that names a product.
pub(crate) const PRODUCT: &str = "productIdOrSlug";
/// The parameter of a path that names an organization.
pub(crate) const ORGANIZATION: &str = "orgIdOrSlug";

async fn params(parts: &mut Parts, mote: &Mote) -> Result<RawPathParams, ApiError> {
    RawPathParams::from_request_parts(parts, mote).await.map_err(|_| {
        ApiError::bad_request("The path is not well-formed: its segments are UTF-8, percent-encoded")
    })
}

fn named<'a>(params: &'a RawPathParams, name: &str) -> Option<&'a str> {
    params.iter().find(|(param, _)| *param == name).map(|(_, value)| value)
}

async fn authenticate(parts: &Parts, mote: &Mote) -> Result<Caller, ApiError> {
    let token = token(parts).map_err(ApiError::for_bearer)?.ok_or_else(ApiError::no_token)?;
    let CallerAddress(address) = CallerAddress::of(&parts.extensions);
    Ok(Caller::new(mote.authenticate(&token).await?, address))
}

/// The token of a request: in the `Authorization` header, the query or the form (RFC 6750 section 2). The same one in two
/// places will do; two different ones are refused.
fn token(parts: &Parts) -> Result<Option<String>, ApiError> {
    let from_header = bearer(&parts.headers)?.map(str::to_owned);
    let from_query = match parts.uri.query().filter(|query| query.contains("access_token")) {
        Some(query) => Pairs::of_query(query)?.get("access_token")?.map(str::to_owned),
        None => None,
    };
    let from_form = match parts.extensions.get::<Pairs>() {
        Some(pairs) => pairs.get("access_token")?.map(str::to_owned),
        None => None,
    };
    let mut tokens =
        [from_header, from_query, from_form].into_iter().flatten().filter(|token| !token.is_empty());
    let first = tokens.next();
    if tokens.any(|other| Some(&other) != first.as_ref()) {
        return Err(ApiError::bad_request(
            "The request carries two different tokens; send one, in one place",
        ));
    }
    Ok(first)
}

/// The value of the one `Authorization` header, if it is of this scheme.
fn credentials<'a>(headers: &'a HeaderMap, scheme: &str) -> Result<Option<&'a str>, ApiError> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(ApiError::bad_request("The request has more than one Authorization header"));
    }
    let Ok(value) = value.to_str() else { return Ok(None) };
    let (name, rest) = value.split_once(' ').unwrap_or((value, ""));
    Ok(name.eq_ignore_ascii_case(scheme).then_some(rest.trim()))
}

fn bearer(headers: &HeaderMap) -> Result<Option<&str>, ApiError> {
    credentials(headers, "bearer")
}

/// User and password of HTTP Basic (RFC 7617).
pub struct Basic {
    /// User; at the token endpoint a client ID.
    pub user: String,
    /// Password; at the token endpoint a client's secret.
    pub password: Password,
}

impl Basic {
    /// What the header holds; none where there is none of this scheme.
    pub fn of(headers: &HeaderMap) -> Result<Option<Self>, ApiError> {
        let Some(encoded) = credentials(headers, "basic")? else { return Ok(None) };
        let malformed = || {
            ApiError::bad_request(
                "The Authorization header is not well-formed Basic: base64 of USER:PASSWORD",
            )
        };
        let decoded = base64::engine::general_purpose::STANDARD.decode(encoded).map_err(|_| malformed())?;
        let text = String::from_utf8(decoded).map_err(|_| malformed())?;
        let (user, password) = text.split_once(':').ok_or_else(malformed)?;
        Ok(Some(Self { user: user.to_owned(), password: Password::new(password.to_owned()) }))
    }
}

/// The OAuth client that a request names, and what it sends as the client's secret (RFC 6749 section 2.3.1).
pub(crate) struct ClientCredentials {
    pub(crate) id: String,
    pub(crate) secret: Password,
}

impl ClientCredentials {
    /// By HTTP Basic. Clients encode both as in forms first (RFC 6749 section 2.3.1); many do not, which comes to the same,
    /// since no ID and no secret has a character that this would change.
    fn by_basic(headers: &HeaderMap) -> Result<Option<Basic>, ApiError> {
        let Some(Basic { user, password }) = Basic::of(headers)? else { return Ok(None) };
        let decoded = |text: &str| {
            let spaced = text.replace('+', " ");
            percent_decode_str(&spaced).decode_utf8().map(std::borrow::Cow::into_owned)
        };
        match (decoded(&user), decoded(password.expose())) {
            (Ok(user), Ok(secret)) => Ok(Some(Basic { user, password: Password::new(secret) })),
            // Then it is no client's, as it stands either.
            _ => Ok(Some(Basic { user, password })),
        }
    }

    /// By HTTP Basic, or by `client_id` and `client_secret` in the body; none where there is neither. A `Bearer` beside a
    /// client in the body is left aside: real clients send a stale one.
    pub(crate) fn of(
        headers: &HeaderMap,
        id: Option<&str>,
        secret: Option<&str>,
    ) -> Result<Option<Self>, ApiError> {
        let secret = secret.unwrap_or_default();
        let new = |id: String, secret| Ok(Some(Self { id, secret }));
        match (Self::by_basic(headers)?, id.filter(|id| !id.is_empty())) {
            (None, None) => Ok(None),
            (None, Some(id)) => new(id.to_owned(), Password::new(secret.to_owned())),
            (Some(basic), None) => new(basic.user, basic.password),
            (Some(basic), Some(id)) => {
                let same = basic.user == id && (secret.is_empty() || basic.password.expose() == secret);
                if !same {
                    let text =
                        "The request carries two different clients; send one, by HTTP Basic or in the body";
                    return Err(OAuthError::InvalidRequest(text.into()).into());
                }
                new(basic.user, basic.password)
            }
        }
    }
}
