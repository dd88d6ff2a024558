//! What the right to listen rests on.

use std::sync::Arc;

use crate::authorization::Caller;
use crate::authorization::table::{OrganizationEventsListen, OwnEventsListen, ProductEventsListen};
use crate::organizations::{Organization, OrganizationRef};
use crate::products::{Product, ProductRef};
use crate::teams::TeamId;
use crate::tokens::{Grant, Holder};
use crate::{AccountId, Error, Mote};

/// Whose events a stream has.
#[derive(Clone, Debug)]
pub(in crate::events) enum Place {
    /// An account's or a customer's.
    Owner,
    /// A product's.
    Product(Arc<Product>),
    /// An organization's; of one product of it, where one is named.
    Organization(Arc<Organization>, Option<Arc<Product>>),
}

/// Who listens, and to what.
#[derive(Clone, Debug)]
pub(super) struct Standing {
    pub(super) grant: Arc<Grant>,
    pub(super) place: Place,
}

impl Standing {
    /// The product whose settings, team and organization it rests on.
    pub(super) fn product(&self) -> Option<&Arc<Product>> {
        match &self.place {
            Place::Owner => None,
            Place::Product(product) => Some(product),
            Place::Organization(_, product) => product.as_ref(),
        }
    }

    /// The account whose role in a team it rests on, and the teams; none where it rests on no role.
    pub(super) fn member_of(&self) -> Option<(AccountId, [Option<TeamId>; 2])> {
        let account = self.grant.holder().account()?;
        let teams = match &self.place {
            Place::Owner => return None,
            Place::Product(product) => {
                let organization = product.organization.as_ref();
                let organization = organization.map(|organization| TeamId::Organization(organization.id));
                [Some(TeamId::Product(product.id)), organization]
            }
            Place::Organization(organization, _) => [Some(TeamId::Organization(organization.id)), None],
        };
        Some((account, teams))
    }

    /// Whether it still stands: the token lives, and opens what it opened.
    pub(super) async fn still_holds(self, mote: Mote) -> Result<(), Error> {
        let grant = match self.grant.holder() {
            Holder::Console(_) => mote.still_living_console_session(&self.grant).await?,
            _ => mote.still_living_grant(&self.grant).await?,
        };
        let caller = Caller::new(grant, None);
        match &self.place {
            Place::Owner => mote.owner_access::<OwnEventsListen>(caller).map(drop),
            Place::Product(product) => {
                let named = ProductRef::Id(product.id);
                let access = mote.product_access::<ProductEventsListen>(caller, &named).await?;
                same_organization(product, access.product())
            }
            Place::Organization(organization, product) => {
                let named = OrganizationRef::Id(organization.id);
                mote.organization_access::<OrganizationEventsListen>(caller, &named).await?;
                let Some(product) = product else { return Ok(()) };
                let now = mote.find_product(&ProductRef::Id(product.id)).await?;
                now.map_or(Err(moved()), |now| same_organization(product, &now))
            }
        }
    }
}

/// The index knows which organization a product is of; where that has changed, the stream has to be opened anew.
fn same_organization(then: &Product, now: &Product) -> Result<(), Error> {
    if then.organization == now.organization { Ok(()) } else { Err(moved()) }
}

fn moved() -> Error {
    Error::NotFound("The product is of another organization now, or ended".into())
}
