//! What somebody who is signed in may do: extractors that hand out the proofs of `mote-core`.

use axum::extract::FromRequestParts;
use http::request::Parts;
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

impl<R: AccountRight> FromRequestParts<Mote> for OfAccount<R> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, mote: &Mote) -> Result<Self, Failure> {
        let person = Person::from_request_parts(parts, mote).await?;
        Ok(Self(mote.account_access(person.caller)?))
    }
}

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

impl<R: ProductRight> FromRequestParts<Mote> for OfProduct<R> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, mote: &Mote) -> Result<Self, Failure> {
        let person = Person::from_request_parts(parts, mote).await?;
        let named = Named::read(parts, mote).await?;
        Ok(Self(mote.product_access(person.caller, &named.product()?).await?))
    }
}

impl<R: OrganizationRight> FromRequestParts<Mote> for OfOrganization<R> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, mote: &Mote) -> Result<Self, Failure> {
        let person = Person::from_request_parts(parts, mote).await?;
        let named = Named::read(parts, mote).await?;
        Ok(Self(mote.organization_access(person.caller, &named.organization()?).await?))
    }
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

impl<R: TeamRight> FromRequestParts<Mote> for OfTeam<R> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, mote: &Mote) -> Result<Self, Failure> {
        let person = Person::from_request_parts(parts, mote).await?;
        let named = Named::read(parts, mote).await?;
        let of = if named.product.is_some() {
            TeamRef::Product(named.product()?)
        } else {
            TeamRef::Organization(named.organization()?)
        };
        Ok(Self(mote.team_access(person.caller, of).await?))
    }
}

impl<R: SpaceRight> FromRequestParts<Mote> for OfSpace<R> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, mote: &Mote) -> Result<Self, Failure> {
        let person = Person::from_request_parts(parts, mote).await?;
        let named = Named::read(parts, mote).await?;
        Ok(Self(mote.space_access(person.caller, SpaceRef::Product(named.product()?)).await?))
    }
}
