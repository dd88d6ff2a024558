//! Customers: people who use a product, and sign in to it alone. A customer of another product with the same address is
//! somebody else, and an account with it too.

mod change;
mod create;
mod grants;
mod list;
mod maker;
mod reset;

pub use create::NewCustomer;
pub use list::{Customer, CustomerDevice, CustomerPage};
pub use maker::CustomerMaker;

pub(crate) use change::sweep;

use crate::Error;

fn unknown() -> Error {
    Error::NotFound("This product has no such customer".into())
}
