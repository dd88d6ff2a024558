//! The suffix of a module.

use serde::{Deserialize, Serialize};

use super::u16_at;

/// Bytes of the smallest suffix: a reserved number, the SHA-256, the suffix's size.
const SMALLEST: usize = 36;
/// Bytes of the smallest one with product ID and version.
const WITH_PRODUCT: usize = 40;
/// What stands for "not set" in product ID and version.
const UNSET: u16 = 0xffff;

/// The suffix of a module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suffix {
    /// The product that it was built for (`PRODUCT_ID`); from Device OS 4 on it need not be set.
    pub product_id: Option<u16>,
    /// The product firmware version that it was built as (`PRODUCT_VERSION`).
    pub product_version: Option<u16>,
    /// Its bytes, what stands in it for product ID and version included; 65535 where it is padding.
    pub size: u16,
    /// SHA-256 of what is before it, as the build made it.
    pub sha256: [u8; 32],
}

impl Suffix {
    /// Whether there is room for product ID and version in it, set or not.
    #[must_use]
    pub fn has_product(&self) -> bool {
        usize::from(self.size) >= WITH_PRODUCT
    }

    /// Reads the suffix at the end of a module without its CRC, the prefix of which ends at `begin`; none where it makes no
    /// sense.
    pub(super) fn parse(body: &[u8], begin: usize) -> Option<Self> {
        let size = usize::from(u16_at(body, body.len().checked_sub(2)?)?);
        // Padded modules have no suffix but the padding's bytes.
        let padded = size == usize::from(UNSET);
        let fits = (SMALLEST..=body.len().checked_sub(begin)?).contains(&size);
        if !fits && !padded {
            return None;
        }
        let field = |back: usize| {
            let value = u16_at(body, body.len().checked_sub(back)?)?;
            (value != UNSET && !padded && size >= WITH_PRODUCT).then_some(value)
        };
        let sha256 = *body.get(..body.len() - 2)?.last_chunk()?;
        Some(Self {
            product_id: field(WITH_PRODUCT),
            product_version: field(WITH_PRODUCT - 2),
            size: u16::try_from(size).unwrap_or(UNSET),
            sha256,
        })
    }
}
