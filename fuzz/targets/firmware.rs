//! Device OS binaries, with the checksum that they came with and with the right one.
#![no_main]

use mote_core::firmware::binary::{Binary, BinaryError};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let read = Binary::parse(bytes);
    // Past the checksum, which no fuzzer finds by itself.
    if let Err(BinaryError::Crc { computed, .. }) = read {
        let mut mended = bytes.to_vec();
        let end = mended.len() - 4;
        mended[end..].copy_from_slice(&computed.to_be_bytes());
        let again = Binary::parse(&mended);
        assert!(!matches!(again, Err(BinaryError::Crc { .. })));
    }
});
