//! Secrets: passwords and keys of other services, which integrations use by name. Once made, nobody sees a value again.

mod secret;
mod use_cases;
mod values;

pub(crate) use secret::place as place_of_secret;
pub use secret::{Secret, SecretUse, SecretValue};
pub use values::SecretCache;
