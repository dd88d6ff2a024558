//! What the store says of itself: whether it answers, and how much is in it.

use super::Mote;
use crate::Error;
use crate::keys::KEY_CHECK;

/// How much is in a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Accounts.
    pub accounts: i64,
    /// Products.
    pub products: i64,
    /// Devices.
    pub devices: i64,
    /// Grants, expired ones too until they are swept.
    pub tokens: i64,
}

impl Mote {
    /// Whether the store answers.
    pub async fn is_ready(&self) -> bool {
        self.store().read(|db| mote_store::meta::get(db, KEY_CHECK)).await.is_ok()
    }

    /// How much is in the store. Counts row by row: for the command line, and for the start.
    pub async fn counts(&self) -> Result<Counts, Error> {
        self.store()
            .read(|db| -> Result<Counts, Error> {
                Ok(Counts {
                    accounts: mote_store::accounts::count(db)?,
                    products: mote_store::products::count(db)?,
                    devices: mote_store::devices::count(db)?,
                    tokens: mote_store::tokens::count(db)?,
                })
            })
            .await
    }

    /// Whether there is an account already.
    pub async fn has_accounts(&self) -> Result<bool, Error> {
        Ok(self.store().read(mote_store::accounts::any).await?)
    }
}
