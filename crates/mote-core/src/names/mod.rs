//! Names: what people and devices are called, and what stands in URLs.

mod client_id;
mod device_id;
mod slug;
mod text;
mod username;
mod variable;

pub use client_id::ClientId;
pub use device_id::DeviceId;
pub use slug::Slug;
pub use text::{ClientName, DeviceName, ProductName};
pub use username::Username;
pub use variable::VariableName;
