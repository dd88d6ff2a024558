//! Who calls, and what he may do: extractors that hand out proofs.
//!
//! A handler that takes an [`OfAccount`], an [`OfProduct`] or one of their neighbours has been authenticated and authorized, and has in it what it may
//! work on. There is no other way to come by one.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{FromRequestParts, RawPathParams};
use base64::Engine;
use http::header::AUTHORIZATION;
use http::request::Parts;
use http::{HeaderMap, Method};
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

use crate::body::form::Pairs;
use crate::frame::CallerAddress;
use crate::renewal::Renewal;
use crate::{ApiError, body};

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

/// What a request asks with: its token, where it came from, and what its path names.
struct Asked {
    token: String,
    address: Option<IpAddr>,
    /// None where the path is not well-formed, which whoever has no token is not told.
    params: Option<RawPathParams>,
}

impl Asked {
    async fn of(parts: &mut Parts, mote: &Mote) -> Result<Self, ApiError> {
        let token = token(parts).map_err(ApiError::for_bearer)?.ok_or_else(ApiError::no_token)?;
        let CallerAddress(address) = CallerAddress::of(&parts.extensions);
        let params = RawPathParams::from_request_parts(parts, mote).await.ok();
        Ok(Self { token, address, params })
    }

    async fn caller(&self, mote: &Mote) -> Result<Caller, ApiError> {
        Ok(Caller::new(mote.authenticate(&self.token).await?, self.address))
    }

    fn named(&self, name: &str) -> Result<Option<&str>, ApiError> {
        let params = self.params.as_ref().ok_or_else(|| {
            ApiError::bad_request("The path is not well-formed: its segments are UTF-8, percent-encoded")
        })?;
        Ok(params.iter().find(|(param, _)| *param == name).map(|(_, value)| value))
    }
}

/// A proof that can be given again of the same request.
trait Proof: Sized + Send {
    fn prove(asked: &Asked, mote: &Mote) -> impl Future<Output = Result<Self, ApiError>> + Send;

    /// The proof of a request, which is given once more when its body is there.
    async fn of(parts: &mut Parts, mote: &Mote) -> Result<Self, ApiError>
    where
        Self: 'static,
    {
        let asked = Asked::of(parts, mote).await?;
        let proof = Self::prove(&asked, mote).await?;
        if !matches!(parts.method, Method::GET | Method::HEAD) {
            let (asked, mote) = (Arc::new(asked), mote.clone());
            Renewal::add(&mut parts.extensions, move || {
                let (asked, mote) = (Arc::clone(&asked), mote.clone());
                Box::pin(async move { Self::prove(&asked, &mote).await.map(drop) })
            });
        }
        Ok(proof)
    }
}

/// Makes an extractor of a proof of rights of a kind.
macro_rules! extracted {
    ($($proof:ident: $right:ident, |$asked:ident, $mote:ident| $prove:expr;)+) => {$(
        impl<R: $right> Proof for $proof<R> {
            async fn prove($asked: &Asked, $mote: &Mote) -> Result<Self, ApiError> {
                Ok(Self($prove))
            }
        }

        impl<R: $right> FromRequestParts<Mote> for $proof<R> {
            type Rejection = ApiError;

            async fn from_request_parts(parts: &mut Parts, mote: &Mote) -> Result<Self, ApiError> {
                <Self as Proof>::of(parts, mote).await
            }
        }
    )+};
}

extracted! {
    OfToken: Right, |asked, mote| mote.token_access(asked.caller(mote).await?)?;
    OfAccount: AccountRight, |asked, mote| mote.account_access(asked.caller(mote).await?)?;
    OfOwner: OwnerRight, |asked, mote| mote.owner_access(asked.caller(mote).await?)?;
    OfProduct: ProductRight, |asked, mote| {
        let caller = asked.caller(mote).await?;
        let named = asked.named(PRODUCT)?.ok_or_else(|| lacks(PRODUCT))?;
        mote.product_access(caller, &ProductRef::parse(named)).await?
    };
    OfOrganization: OrganizationRight, |asked, mote| {
        let caller = asked.caller(mote).await?;
        let named = asked.named(ORGANIZATION)?.ok_or_else(|| lacks(ORGANIZATION))?;
        mote.organization_access(caller, &OrganizationRef::parse(named)).await?
    };
    OfTeam: TeamRight, |asked, mote| {
        let caller = asked.caller(mote).await?;
        let team = match (asked.named(PRODUCT)?, asked.named(ORGANIZATION)?) {
            (Some(product), _) => TeamRef::Product(ProductRef::parse(product)),
            (None, Some(organization)) => TeamRef::Organization(OrganizationRef::parse(organization)),
            (None, None) => return Err(lacks(PRODUCT)),
        };
        mote.team_access(caller, team).await?
    };
    OfSpace: SpaceRight, |asked, mote| {
        let caller = asked.caller(mote).await?;
        let space = match (asked.named(PRODUCT)?, asked.named(ORGANIZATION)?) {
            (Some(product), _) => SpaceRef::Product(ProductRef::parse(product)),
            (None, Some(organization)) => SpaceRef::Organization(OrganizationRef::parse(organization)),
            (None, None) => SpaceRef::Account,
        };
        mote.space_access(caller, space).await?
    };
}

fn lacks(param: &str) -> ApiError {
    ApiError::fault(&format_args!(
        "a route without {param} in its path asks for a right over what that names"
    ))
}

/// The parameter of a path that names a product.
pub(crate) const PRODUCT: &str = "productIdOrSlug";
/// The parameter of a path that names an organization.
pub(crate) const ORGANIZATION: &str = "orgIdOrSlug";

/// The token of a request: in the `Authorization` header, the query or the form (RFC 6750 section 2). The same one in two
/// places will do; two different ones are refused.
fn token(parts: &Parts) -> Result<Option<String>, ApiError> {
    let token = one_token(parts, parts.extensions.get())?;
    if token.is_none() && body::LargeForm::is_in(&parts.extensions) {
        return Err(body::too_large_for_nobody());
    }
    Ok(token)
}

/// The same of a form that has just been read.
pub(crate) fn one_token(parts: &Parts, form: Option<&Pairs>) -> Result<Option<String>, ApiError> {
    let from_header = bearer(&parts.headers)?.map(str::to_owned);
    let from_query = match parts.uri.query().filter(|query| query.contains("access_token")) {
        Some(query) => Pairs::of_query(query)?.get("access_token")?.map(str::to_owned),
        None => None,
    };
    let from_form = match form {
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
    let Some((name, rest)) = value.split_at_checked(scheme.len()) else { return Ok(None) };
    let is_of_scheme = name.eq_ignore_ascii_case(scheme) && (rest.is_empty() || rest.starts_with(' '));
    Ok(is_of_scheme.then_some(rest.trim()))
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
