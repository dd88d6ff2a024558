//! Archives of libraries.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

/// A gzipped tar of a library with this `library.properties`, and a header in it.
///
/// # Panics
/// Where it cannot be made, as it always can in memory.
#[must_use]
pub fn library_archive(properties: &str) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (path, content) in [("library.properties", properties), ("src/code.h", "#pragma once\n")] {
        let mut header = tar::Header::new_ustar();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, path, content.as_bytes()).expect("memory can be written to");
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(&builder.into_inner().expect("the archive ends")).expect("memory can be written to");
    encoder.finish().expect("memory can be written to")
}
