//! Devices: known by registration, import or connection; claimed by accounts, collected in products.

mod ask;
mod change;
mod claim;
mod device;
mod import;
mod listing;
mod lookup;
mod pages;
mod provision;

pub use change::DeviceChange;
pub use claim::Claim;
pub use device::Device;
pub(crate) use device::{CELLULAR, new_row};
pub use import::{Import, Imported, MOST_IMPORTED};
pub(crate) use import::{bring_along, may_bring};
pub(crate) use listing::page_of;
pub use listing::{DevicePage, ListQuery, SortBy};
pub use lookup::SerialNumber;
pub use pages::PageAnchors;
pub use provision::Registration;
