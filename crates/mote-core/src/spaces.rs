//! What accounts, products and organizations all have, and what ends with them.

use mote_store::{Db, accounts, configurations, environments, ledgers, organizations, products, secrets};

use crate::{Error, Mote, SpaceKey, integrations};

/// Ends what a space has of what all spaces have; in the write that ends the space. What may be much is left to the sweep.
pub(crate) fn end(db: &mut Db, space: SpaceKey) -> Result<(), Error> {
    integrations::delete_of_space(db, space)?;
    secrets::delete_of_space(db, space)?;
    environments::delete_of_space(db, space)?;
    if let SpaceKey::Product(product) = space {
        configurations::delete_of_product(db, product)?;
    }
    Ok(ledgers::leave_space(db, space)?)
}

/// Whether a space has not been deleted since the right over it was proved. Nothing in the database keeps what is written into
/// a space that is gone; some of it, a device or a SIM card, nobody could get at any more.
///
/// Fails with [`Error::NotFound`].
pub(crate) fn still_there(db: &mut Db, space: SpaceKey) -> Result<(), Error> {
    let (there, what) = match space {
        SpaceKey::Account(id) => (accounts::get(db, id)?.is_some(), "account"),
        SpaceKey::Product(id) => (products::get(db, id)?.is_some(), "product"),
        SpaceKey::Organization(id) => (organizations::get(db, id)?.is_some(), "organization"),
    };
    if there { Ok(()) } else { Err(Error::NotFound(format!("The {what} has just been deleted"))) }
}

impl Mote {
    /// Drops what memory holds of what a space has; after the commit that ended it.
    pub(crate) fn forget_space(&self, space: SpaceKey) {
        self.secrets().forget_space(space);
        self.forget_integrations_of(space);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::World;
    use crate::{OrganizationId, ProductId};

    #[tokio::test]
    async fn what_is_gone_takes_nothing_in() {
        let world = World::new().await;
        let account = world.account("me@example.com").await;
        let product = world.product(account, "Mine").await;
        let mote = &world.mote;
        let there = async |space: SpaceKey| mote.store().write(move |db| still_there(db, space)).await;
        there(account.into()).await.unwrap();
        there(product.into()).await.unwrap();
        mote.store().write(move |db| products::delete(db, product.0)).await.unwrap();
        mote.store().write(move |db| accounts::delete(db, account.0)).await.unwrap();
        let never = [ProductId(999).into(), OrganizationId(7).into()];
        for gone in [account.into(), product.into()].into_iter().chain(never) {
            assert!(matches!(there(gone).await, Err(Error::NotFound(_))), "{gone:?}");
        }
    }
}
