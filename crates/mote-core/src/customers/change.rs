//! Another password for a customer, and his end.

use mote_store::customers as rows;
use mote_store::customers::CustomerRow;
use mote_store::{Db, challenges, claim_codes, tokens};

use super::unknown;
use crate::audit::{Action, Entry};
use crate::authorization::ProductAccess;
use crate::authorization::table::{CustomersRemove, CustomersUpdate};
use crate::devices::release_all;
use crate::names::CustomerName;
use crate::notices::Notice;
use crate::passwords::{Password, check_strength};
use crate::{CustomerId, Error, Mote, OwnerId, ProductId};

impl Mote {
    /// Gives a customer another password, which also ends the links that reset it; and ends his tokens, if that is asked
    /// for. Shadow customers have no password and get none.
    pub async fn update_customer(
        &self,
        access: &ProductAccess<CustomersUpdate>,
        name: &str,
        password: Password,
        end_tokens: bool,
    ) -> Result<(), Error> {
        let name = CustomerName::parse(name).map_err(|_| unknown())?;
        check_strength(&password, name.as_str())?;
        let hash = self.hasher().hash(password).await?;
        let (product, now, recorder) = (access.product().id, self.now(), self.recorder(access.caller()));
        let set = move |db: &mut Db| -> Result<CustomerId, Error> {
            let row = customer(db, product, &name)?;
            if row.password_hash.is_none() {
                let text = "This customer has no password: they sign in through your own server";
                return Err(Error::Conflict(text.into()));
            }
            rows::set_password(db, row.id, &hash, now.0)?;
            recorder.record(db, entry(Action::CustomerPasswordSet, &row))?;
            challenges::delete_of_account(db, row.id)?;
            if end_tokens {
                tokens::delete_of_customers(db, &[row.id])?;
            }
            Ok(CustomerId(row.id))
        };
        let forget = move |id: &CustomerId| end_tokens.then_some(Notice::CustomerSignedOut(*id));
        self.write_and_forget(set, forget).await?;
        Ok(())
    }

    /// Ends a customer with his tokens and claim codes; his devices are free for others to claim.
    pub async fn delete_customer(
        &self,
        access: &ProductAccess<CustomersRemove>,
        name: &str,
    ) -> Result<(), Error> {
        let name = CustomerName::parse(name).map_err(|_| unknown())?;
        let (product, recorder) = (access.product().id, self.recorder(access.caller()));
        let delete = move |db: &mut Db| -> Result<CustomerId, Error> {
            let row = customer(db, product, &name)?;
            recorder.record(db, entry(Action::CustomerRemoved, &row))?;
            let id = CustomerId(row.id);
            let owner = OwnerId::from(id).key();
            release_all(db, id.into(), &recorder)?;
            claim_codes::delete_of_owner(db, owner)?;
            challenges::delete_of_account(db, owner)?;
            tokens::delete_of_customers(db, &[row.id])?;
            rows::delete(db, product.0, &[row.id])?;
            Ok(id)
        };
        self.write_and_forget(delete, |id| [Notice::CustomerSignedOut(*id)]).await?;
        Ok(())
    }
}

/// That something was done to a customer.
pub(super) fn entry(action: Action, row: &CustomerRow) -> Entry {
    Entry::new(action, CustomerId(row.id).to_hex(), &row.username).of(ProductId(row.product_id))
}

fn customer(db: &mut Db, product: ProductId, name: &CustomerName) -> Result<CustomerRow, Error> {
    rows::by_username(db, product.0, name.as_str())?.ok_or_else(unknown)
}

/// Removes some of the customers of a product that is gone: `limit` at most. How many.
pub(crate) fn sweep(db: &mut Db, product: i64, limit: i64) -> Result<usize, Error> {
    let some: Vec<i64> = rows::of_product(db, product, 0, limit)?.iter().map(|row| row.id).collect();
    tokens::delete_of_customers(db, &some)?;
    rows::delete(db, product, &some)?;
    if some.is_empty() {
        rows::forget_count(db, product)?;
    }
    Ok(some.len())
}
