//! What somebody who is signed in may do: extractors that hand out the proofs of `mote-core`.

use axum::extract::{FromRequestParts, Path};
use http::request::Parts;
use mote_core::Mote;
use mote_core::authorization::{
    AccountAccess, AccountRight, ProductAccess, ProductRight, SpaceAccess, SpaceRef, SpaceRight, TeamAccess,
    TeamRef, TeamRight,
};
use mote_core::products::ProductRef;
use serde::Deserialize;

use crate::failure::Failure;
use crate::session::Person;

/// He may use `R` over his account.
#[derive(Debug)]
pub(crate) struct OfAccount<R>(pub(crate) AccountAccess<R>);

/// He may use `R` over the product that the path names.
#[derive(Debug)]
pub(crate) struct OfProduct<R>(pub(crate) ProductAccess<R>);

/// He may use `R` over the team of the product that the path names.
#[derive(Debug)]
pub(crate) struct OfTeam<R>(pub(crate) TeamAccess<R>);

/// He may use `R` over what the product has that the path names.
#[derive(Debug)]
pub(crate) struct OfSpace<R>(pub(crate) SpaceAccess<R>);

impl<R: AccountRight> FromRequestParts<Mote> for OfAccount<R> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, mote: &Mote) -> Result<Self, Failure> {
        let person = Person::from_request_parts(parts, mote).await?;
        Ok(Self(mote.account_access(person.grant)?))
    }
}

#[derive(Deserialize)]
struct Named {
    product: String,
}

impl<R: ProductRight> FromRequestParts<Mote> for OfProduct<R> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, mote: &Mote) -> Result<Self, Failure> {
        let person = Person::from_request_parts(parts, mote).await?;
        let Path(Named { product }) =
            Path::from_request_parts(parts, mote).await.map_err(|_| Failure::NotFound)?;
        Ok(Self(mote.product_access(person.grant, &ProductRef::parse(&product)).await?))
    }
}

impl<R: TeamRight> FromRequestParts<Mote> for OfTeam<R> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, mote: &Mote) -> Result<Self, Failure> {
        let person = Person::from_request_parts(parts, mote).await?;
        let Path(Named { product }) =
            Path::from_request_parts(parts, mote).await.map_err(|_| Failure::NotFound)?;
        Ok(Self(mote.team_access(person.grant, TeamRef::Product(ProductRef::parse(&product))).await?))
    }
}

impl<R: SpaceRight> FromRequestParts<Mote> for OfSpace<R> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, mote: &Mote) -> Result<Self, Failure> {
        let person = Person::from_request_parts(parts, mote).await?;
        let Path(Named { product }) =
            Path::from_request_parts(parts, mote).await.map_err(|_| Failure::NotFound)?;
        Ok(Self(mote.space_access(person.grant, SpaceRef::Product(ProductRef::parse(&product))).await?))
    }
}
