//! Product firmware: uploaded as Device OS binaries, released to a product's devices, brought onto them.
//!
//! Which version a device should have is decided in one place, `target`.

pub mod binary;

mod change;
mod check;
mod impact;
mod list;
mod platforms;
mod release;
mod target;
mod update;
mod upload;
mod version;

pub use change::FirmwareChange;
pub use impact::{Impact, Plan};
pub use platforms::{PLATFORMS, platform_name};
pub use release::Release;
pub use upload::NewFirmware;
pub use version::Firmware;

pub(crate) use version::end_of_product;
