//! Devices: known by registration, import or connection; claimed by accounts, collected in products.

mod change;
mod claim;
mod device;
mod import;
mod listing;
mod lookup;
mod offline;
mod pages;
mod provision;

pub use change::DeviceChange;
pub use claim::Claim;
pub(crate) use device::CELLULAR;
pub use device::Device;
pub use import::{Import, Imported, MOST_IMPORTED};
pub use listing::{DevicePage, ListQuery, SortBy};
pub use lookup::SerialNumber;
pub use pages::PageAnchors;
pub use provision::Registration;
