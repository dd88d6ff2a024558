//! Archives of libraries: as gzip, and what is in one.
#![no_main]

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    mote_core::libraries::fuzz_archive(bytes);
    let mut gzip = GzEncoder::new(Vec::new(), Compression::none());
    gzip.write_all(bytes).expect("memory can be written to");
    mote_core::libraries::fuzz_archive(&gzip.finish().expect("memory can be written to"));
});
