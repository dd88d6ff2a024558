//! IDs of requests and of faults: for the log, and for people to quote.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// Drawn once, so that the IDs of two runs differ.
static RUN: LazyLock<u32> = LazyLock::new(|| {
    let random = RandomState::new().build_hasher().finish();
    u32::try_from(random >> 32).unwrap_or(0)
});
static NUMBER: AtomicU64 = AtomicU64::new(0);

/// An ID that no other request or fault of this or another run has: for the log, and for people to quote.
pub(super) fn next_id() -> [u8; 17] {
    let mut id = [b'-'; 17];
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    write_hex(&mut id[..8], u64::from(*RUN));
    write_hex(&mut id[9..], number);
    id
}

fn write_hex(place: &mut [u8], mut number: u64) {
    for digit in place.iter_mut().rev() {
        *digit = b"0123456789abcdef"[(number & 15) as usize];
        number >>= 4;
    }
}

/// The ID of a fault, as text: for the log, and for people to quote.
#[must_use]
pub fn fault_id() -> String {
    String::from_utf8_lossy(&next_id()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_seventeen_characters_and_differ() {
        let (one, other) = (fault_id(), fault_id());
        assert_eq!((one.len(), one.as_bytes()[8]), (17, b'-'));
        assert_ne!(one, other);
    }
}
