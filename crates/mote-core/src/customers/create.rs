//! Making customers.

use mote_store::customers as rows;
use mote_store::customers::CustomerRow;
use mote_store::tokens;

use super::CustomerMaker;
use super::change::entry;
use crate::audit::Action;
use crate::names::CustomerName;
use crate::passwords::{Password, check_strength};
use crate::spaces::still_there;
use crate::tokens::{Holder, Lifetime, Minted, Seed};
use crate::{CustomerId, Error, Mote};

/// What a new customer is to be.
#[derive(Debug)]
pub struct NewCustomer {
    /// E-mail address, or another name.
    pub email: String,
    /// Password; needed unless the next says otherwise.
    pub password: Option<Password>,
    /// Whether this is a shadow customer, without a password: the product's server alone signs him in. Not for browsers.
    pub no_password: bool,
}

impl Mote {
    /// Makes a customer, and his first token. Fails with [`Error::Conflict`] where the product has one of this name.
    pub async fn create_customer(&self, maker: &CustomerMaker, new: NewCustomer) -> Result<Minted, Error> {
        let name = CustomerName::parse(&new.email)?;
        let password_hash = match (new.password, new.no_password) {
            (Some(password), false) => {
                check_strength(&password, name.as_str())?;
                Some(self.hasher().hash(password).await?)
            }
            (None, true) if maker.redirect_uri().is_none() => None,
            (None, true) => {
                let why =
                    "is for a server with a client's secret; in a browser a customer chooses a password";
                return Err(Error::invalid("no_password", why));
            }
            (Some(_), true) => {
                return Err(Error::invalid("no_password", "stands against the password that is sent too"));
            }
            (None, false) => {
                let why = "is needed; or no_password=true, for a customer whom your own server signs in";
                return Err(Error::invalid("password", why));
            }
        };
        let (product, now) = (maker.product().id, self.now());
        let id = CustomerId::of_new_key(self.new_key(now));
        let customer = CustomerRow {
            id: id.0,
            product_id: product.0,
            username: name.to_string(),
            password_hash,
            created_at: now.0,
            updated_at: now.0,
        };
        let holder = Holder::Customer(id, product);
        let seed = Seed { client: maker.client(), holder, lifetime: Lifetime::default() };
        let (minted, token) = self.new_grant(seed, now);
        let recorder = self.recorder(maker.actor(id));
        self.store()
            .write(move |db| -> Result<(), Error> {
                still_there(db, product.into())?;
                rows::insert(db, &customer).map_err(|error| {
                    if error.is_duplicate() {
                        Error::Conflict("This product has a customer with this address already".into())
                    } else {
                        error.into()
                    }
                })?;
                recorder.record(db, entry(Action::CustomerCreated, &customer))?;
                Ok(tokens::insert(db, &token)?)
            })
            .await?;
        Ok(minted)
    }
}
