//! Devices: known by registration, import or connection; claimed by accounts and customers, collected in products.

mod ask;
mod audit;
mod change;
mod claim;
mod claim_codes;
mod device;
mod import;
mod listing;
mod lookup;
mod owner;
mod pages;
mod protection;
mod provision;
mod self_provision;

pub(crate) use ask::Question;
pub(crate) use audit::release_all;
pub use change::DeviceChange;
pub use claim::Claim;
pub(crate) use claim::TransferRequests;
pub use claim_codes::{ClaimCode, CodeClaim, Modem};
pub use device::Device;
pub(crate) use device::{CELLULAR, new_row};
pub use import::{Import, Imported, MOST_IMPORTED};
pub(crate) use import::{bring_along, may_bring};
pub use listing::{DevicePage, ListQuery, OwnDevicePage, SortBy};
pub(crate) use lookup::Reach;
pub use lookup::SerialNumber;
pub use owner::Owner;
pub use pages::PageAnchors;
pub use protection::{DeviceProof, ProtectedDevice, ServerProof};
pub use provision::Registration;
