//! Asking a device for fresh vitals, which it then brings as an event.

use crate::authorization::table::{DiagnosticsUpdate, OwnDiagnosticsUpdate};
use crate::authorization::{OwnerAccess, ProductAccess};
use crate::devices::{Question, Reach};
use crate::sessions::Session;
use crate::{Error, Mote};

impl Mote {
    /// Asks a device of the account for its vitals.
    pub async fn refresh_account_device_vitals(
        &self,
        access: &OwnerAccess<OwnDiagnosticsUpdate>,
        named: &str,
    ) -> Result<(), Error> {
        self.refresh_vitals(Reach::Owner(access.owner()), named).await
    }

    /// Asks a device of the product for its vitals.
    pub async fn refresh_product_device_vitals(
        &self,
        access: &ProductAccess<DiagnosticsUpdate>,
        named: &str,
    ) -> Result<(), Error> {
        self.refresh_vitals(Reach::Product(access.product().id), named).await
    }

    async fn refresh_vitals(&self, reach: Reach, named: &str) -> Result<(), Error> {
        let device = self.device_within(reach, named).await?;
        let ask = async |session: Session| Ok(session.refresh_vitals().await?);
        self.ask(reach, &device, Question::Vitals, ask).await
    }
}
