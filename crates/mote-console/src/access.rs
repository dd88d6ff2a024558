//! What somebody who is signed in may do: extractors that hand out the proofs of `mote-core`.

use axum::extract::FromRequestParts;
use http::Method;
use http::request::Parts;
use mote_api::Renewal;
use mote_api::body::form::Pairs;
use mote_core::Mote;
use mote_core::authorization::{
    AccountAccess, AccountRight, OrganizationAccess, OrganizationRight, ProductAccess, ProductRight,
    SpaceAccess, SpaceRef, SpaceRight, TeamAccess, TeamRef, TeamRight,
};
use mote_core::organizations::OrganizationRef;
use mote_core::products::ProductRef;
use serde::Deserialize;

use crate::address::Path;
use crate::failure::Failure;
use crate::session::Person;

/// He may use `R` over his account.
#[derive(Debug)]
pub(crate) struct OfAccount<R>(pub(crate) AccountAccess<R>);

/// He may use `R` over the product that the path names.
#[derive(Debug)]
pub(crate) struct OfProduct<R>(pub(crate) ProductAccess<R>);

/// He may use `R` over the organization that the path names.
#[derive(Debug)]
pub(crate) struct OfOrganization<R>(pub(crate) OrganizationAccess<R>);

/// He may use `P` over the product that the path names, or, where it names none, `A` over his account.
#[derive(Debug)]
pub(crate) enum OfProductOrAccount<P, A> {
    Product(ProductAccess<P>),
    Account(AccountAccess<A>),
}

/// He may use `P` over the product that the path names, or `O` over the organization.
#[derive(Debug)]
pub(crate) enum OfProductOrOrganization<P, O> {
    Product(ProductAccess<P>),
    Organization(OrganizationAccess<O>),
}

/// He may use `P` over the product that the path names, `O` over the organization, or, where it names neither, `A` over his
/// account.
#[derive(Debug)]
pub(crate) enum OfAny<P, O, A> {
    Product(ProductAccess<P>),
    Organization(OrganizationAccess<O>),
    Account(AccountAccess<A>),
}

/// He may use `R` over the team of the product or organization that the path names.
#[derive(Debug)]
pub(crate) struct OfTeam<R>(pub(crate) TeamAccess<R>);

/// He may use `R` over what the product has that the path names.
#[derive(Debug)]
pub(crate) struct OfSpace<R>(pub(crate) SpaceAccess<R>);

/// What the path names.
#[derive(Deserialize)]
struct Named {
    product: Option<String>,
    organization: Option<String>,
}

impl Named {
    async fn read(parts: &mut Parts, mote: &Mote) -> Result<Self, Failure> {
        let Path(named) = Path::from_request_parts(parts, mote).await?;
        Ok(named)
    }

    fn product(&self) -> Result<ProductRef<'_>, Failure> {
        self.product.as_deref().map(ProductRef::parse).ok_or(Failure::NotFound)
    }

    fn organization(&self) -> Result<OrganizationRef<'_>, Failure> {
        self.organization.as_deref().map(OrganizationRef::parse).ok_or(Failure::NotFound)
    }
}

/// A proof that can be given again of the same request.
pub(crate) trait Proof: Sized + 'static {
    /// Fails where whoever sends the request may not what he asks for.
    fn prove(parts: &mut Parts, mote: &Mote) -> impl Future<Output = Result<Self, Failure>> + Send;

    /// The proof of a request, which is given once more when its body is there: where that is still to be read.
    fn of(parts: &mut Parts, mote: &Mote) -> impl Future<Output = Result<Self, Failure>> + Send {
        async {
            let proof = Self::prove(parts, mote).await?;
            if parts.method == Method::POST && parts.extensions.get::<Pairs>().is_none() {
                let (mut head, mote) = (parts.clone(), mote.clone());
                head.extensions.remove::<Renewal<Failure>>();
                Renewal::<Failure>::add(&mut parts.extensions, move || {
                    let (mut head, mote) = (head.clone(), mote.clone());
                    Box::pin(async move { Self::prove(&mut head, &mote).await.map(drop) })
                });
            }
            Ok(proof)
        }
    }
}

/// Makes an extractor of a proof of rights of a kind.
macro_rules! extracted {
    ($($proof:ident: $right:ident, |$mote:ident, $caller:ident, $named:ident| $prove:expr;)+) => {$(
        impl<R: $right + 'static> Proof for $proof<R> {
            async fn prove(parts: &mut Parts, $mote: &Mote) -> Result<Self, Failure> {
                let Person { caller: $caller, .. } = Person::prove(parts, $mote).await?;
                let $named = Named::read(parts, $mote).await?;
                Ok(Self($prove))
            }
        }

        impl<R: $right + 'static> FromRequestParts<Mote> for $proof<R> {
            type Rejection = Failure;

            async fn from_request_parts(parts: &mut Parts, mote: &Mote) -> Result<Self, Failure> {
                Self::of(parts, mote).await
            }
        }
    )+};
}

extracted! {
    OfAccount: AccountRight, |mote, caller, _named| mote.account_access(caller)?;
    OfProduct: ProductRight, |mote, caller, named| mote.product_access(caller, &named.product()?).await?;
    OfOrganization: OrganizationRight, |mote, caller, named| {
        mote.organization_access(caller, &named.organization()?).await?
    };
    OfTeam: TeamRight, |mote, caller, named| {
        let of = if named.product.is_some() {
            TeamRef::Product(named.product()?)
        } else {
            TeamRef::Organization(named.organization()?)
        };
        mote.team_access(caller, of).await?
    };
    OfSpace: SpaceRight, |mote, caller, named| {
        mote.space_access(caller, SpaceRef::Product(named.product()?)).await?
    };
}

impl<P: ProductRight, A: AccountRight> FromRequestParts<Mote> for OfProductOrAccount<P, A> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, mote: &Mote) -> Result<Self, Failure> {
        let named = Named::read(parts, mote).await?;
        if named.product.is_some() {
            OfProduct::from_request_parts(parts, mote).await.map(|OfProduct(access)| Self::Product(access))
        } else {
            OfAccount::from_request_parts(parts, mote).await.map(|OfAccount(access)| Self::Account(access))
        }
    }
}

impl<P: ProductRight, O: OrganizationRight> FromRequestParts<Mote> for OfProductOrOrganization<P, O> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, mote: &Mote) -> Result<Self, Failure> {
        let named = Named::read(parts, mote).await?;
        if named.product.is_some() {
            OfProduct::from_request_parts(parts, mote).await.map(|OfProduct(access)| Self::Product(access))
        } else {
            let OfOrganization(access) = OfOrganization::from_request_parts(parts, mote).await?;
            Ok(Self::Organization(access))
        }
    }
}

impl<P: ProductRight, O: OrganizationRight, A: AccountRight> FromRequestParts<Mote> for OfAny<P, O, A> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, mote: &Mote) -> Result<Self, Failure> {
        let named = Named::read(parts, mote).await?;
        if named.organization.is_some() {
            let OfOrganization(access) = OfOrganization::from_request_parts(parts, mote).await?;
            return Ok(Self::Organization(access));
        }
        Ok(match OfProductOrAccount::from_request_parts(parts, mote).await? {
            OfProductOrAccount::Product(access) => Self::Product(access),
            OfProductOrAccount::Account(access) => Self::Account(access),
        })
    }
}
