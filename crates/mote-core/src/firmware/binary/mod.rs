//! Device OS binaries: what a module says of itself, and whether it is whole.
//!
//! A module begins with a prefix (where it goes in flash, for which platform, what it is, what it needs), behind the
//! processor's vector table where it has one. It ends with a suffix (product ID and version, SHA-256, the suffix's own size)
//! and a CRC-32 of all before. Numbers are little-endian, but for the CRC. Learned from the vendor's public sources:
//! Device OS, `dynalib/inc/module_info.h`, and the npm package `binary-version-reader`.

mod prefix;
mod suffix;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use prefix::{Dependency, Function, Prefix};
pub use suffix::Suffix;

/// Bytes of the CRC at a module's end.
const CRC: usize = 4;

/// A module whose CRC is right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binary {
    /// What its prefix says.
    pub prefix: Prefix,
    /// What its suffix says.
    pub suffix: Suffix,
    /// The CRC at its end.
    pub crc: u32,
}

/// Why bytes are no whole module.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BinaryError {
    /// There is no prefix in it.
    #[error("it is no Device OS binary: there is no module prefix in it")]
    NoModule,
    /// It is shorter than its prefix says.
    #[error("it is truncated: it has {found} bytes, and should have {expected}")]
    Truncated {
        /// Bytes that there are.
        found: usize,
        /// Bytes that there should be.
        expected: usize,
    },
    /// It is longer than its prefix says.
    #[error("it has {found} bytes, and should end after {expected}: send one module alone")]
    TooLong {
        /// Bytes that there are.
        found: usize,
        /// Bytes that there should be.
        expected: usize,
    },
    /// It was damaged on its way.
    #[error(
        "its CRC is wrong: it says {stored:08x}, and its bytes make {computed:08x}; it was damaged on its way"
    )]
    Crc {
        /// What stands at its end.
        stored: u32,
        /// What its bytes make.
        computed: u32,
    },
    /// Its suffix makes no sense.
    #[error("its suffix is malformed")]
    Suffix,
}

impl Binary {
    /// Reads a module.
    pub fn parse(bytes: &[u8]) -> Result<Self, BinaryError> {
        let prefix = Prefix::find(bytes)?;
        let (body, stored) = bytes.split_last_chunk::<CRC>().ok_or(BinaryError::NoModule)?;
        let (stored, computed) = (u32::from_be_bytes(*stored), crc32fast::hash(body));
        if stored != computed {
            return Err(BinaryError::Crc { stored, computed });
        }
        let suffix = Suffix::parse(body, prefix.end()).ok_or(BinaryError::Suffix)?;
        Ok(Self { prefix, suffix, crc: stored })
    }
}

/// The little-endian number at a place; none beyond the end.
fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}
