//! Ledgers: JSON objects kept under a name for each device, for each product, or once for all of their owner, with what they
//! held before.

mod data;
mod instances;
mod ledger;
mod reach;
mod use_cases;
mod versions;

pub use data::{InstanceData, SetMode};
pub use instances::{Instance, InstancePage};
pub use ledger::{Direction, Ledger, LedgerScope};
pub use use_cases::{LedgerChange, LedgerPage, LedgerQuery, NewLedger};
pub(crate) use versions::sweep;
pub use versions::{VersionQuery, Versions};

use crate::Error;

fn unknown_ledger() -> Error {
    Error::NotFound("There is no such ledger here".into())
}

fn unknown_instance() -> Error {
    Error::NotFound("This ledger holds nothing for that".into())
}
