//! Releases of Device OS: what the operator registered of them, with their real binaries, for clients that flash devices.

mod read;
mod register;
mod release;

pub use read::{ReleasePage, ReleaseQuery};
pub use register::NewBinary;
pub use release::{Module, Release, ReleaseState};
