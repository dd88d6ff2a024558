//! Teams: who works on which product, or in which organization, in which role.

mod roles;

pub use roles::RoleCache;

use mote_store::api_users::ApiUserRow;
use mote_store::{Db, products, teams};

use crate::authorization::Role;
use crate::{Error, Mote, OrganizationId, ProductId};

/// What has a team.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TeamId {
    /// A product.
    Product(ProductId),
    /// An organization.
    Organization(OrganizationId),
}

impl TeamId {
    /// Whom an API user works for.
    pub(crate) fn of_api_user(row: &ApiUserRow) -> Result<Self, Error> {
        match (row.product_id, row.organization_id) {
            (Some(product), None) => Ok(Self::Product(ProductId(product))),
            (None, Some(organization)) => Ok(Self::Organization(OrganizationId(organization))),
            _ => Err(Error::Internal(format!("the row of API user {} makes no sense", row.id))),
        }
    }
}

impl Mote {
    /// Puts an account on a product's team, for an operator.
    pub async fn put_on_team(&self, product: i64, username: &str, role: Role) -> Result<(), Error> {
        let (product, account, now) =
            (ProductId(product), self.account_by_username(username).await?, self.now());
        let insert = move |db: &mut Db| -> Result<(), Error> {
            if products::get(db, product.0)?.is_none() {
                return Err(Error::NotFound("There is no such product".into()));
            }
            Ok(teams::insert(db, product.0, account.0, role.number(), now.0)?)
        };
        let forget = move |mote: &Self, (): &()| mote.forget_role(TeamId::Product(product), account);
        self.write_and_forget(insert, forget).await
    }
}
