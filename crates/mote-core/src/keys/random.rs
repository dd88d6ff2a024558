//! Randomness.

/// Fills `bytes` from the system's random source.
///
/// # Panics
/// Where the system has none: then no secret could be made, and stopping is the only safe thing to do.
pub(crate) fn fill(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect("the system's random source works");
}
