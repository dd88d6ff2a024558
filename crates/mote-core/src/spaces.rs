//! What accounts, products and organizations all have, and what ends with them.

use mote_store::{Db, configurations, environments, ledgers, secrets};

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

impl Mote {
    /// Drops what memory holds of what a space has; after the commit that ended it.
    pub(crate) fn forget_space(&self, space: SpaceKey) {
        self.secrets().forget_space(space);
        self.forget_integrations_of(space);
    }
}
