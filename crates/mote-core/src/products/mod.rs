//! Products: what they are, the ones in memory, and their use cases.

mod cache;
mod product;
mod use_cases;

pub use cache::ProductCache;
pub use product::{Product, ProductOrganization, ProductRef, ProductSettings};
pub(crate) use use_cases::MOST_PRODUCTS;
pub(crate) use use_cases::checked_description;
pub use use_cases::{NewProduct, ProductChange};
