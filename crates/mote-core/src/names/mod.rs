//! Names: what people and devices are called, and what stands in URLs.

mod api_username;
mod client_id;
mod customer_name;
mod device_id;
mod iccid;
mod slug;
mod text;
mod username;
mod variable;

pub use api_username::ApiUsername;
pub use client_id::ClientId;
pub use customer_name::CustomerName;
pub use device_id::DeviceId;
pub use iccid::Iccid;
pub use slug::Slug;
pub use text::{ClientName, DeviceName, FriendlyName, LONGEST_NAME, ProductName};
pub use username::Username;
pub use variable::VariableName;
