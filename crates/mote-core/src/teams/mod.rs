//! Teams of products.

use mote_store::{products, teams};

use crate::authorization::Role;
use crate::{Error, Mote, ProductId};

impl Mote {
    /// Puts an account on a product's team, for an operator.
    pub async fn put_on_team(&self, product: i64, username: &str, role: Role) -> Result<(), Error> {
        let (product, account, now) =
            (ProductId(product), self.account_by_username(username).await?, self.now());
        self.store()
            .write(move |db| -> Result<(), Error> {
                if products::get(db, product.0)?.is_none() {
                    return Err(Error::NotFound("There is no such product".into()));
                }
                Ok(teams::insert(db, product.0, account.0, role.number(), now.0)?)
            })
            .await
    }
}
