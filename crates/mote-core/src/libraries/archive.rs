//! What is in an archive of a library, of which nothing is believed.

use std::io::Read;

use flate2::read::MultiGzDecoder;
use tar::{Archive, Entry, EntryType};

use super::Properties;
use crate::Error;

/// Bytes of an unpacked archive at most.
const LARGEST: u64 = 32 * 1024 * 1024;
/// Files and folders in one at most.
const MOST_ENTRIES: usize = 5000;
/// Bytes of `library.properties` at most.
const LARGEST_PROPERTIES: u64 = 64 * 1024;
/// Where that is.
const PROPERTIES: &str = "library.properties";

/// Reads an archive to its end, and gives what its `library.properties` says. Refused is what is no gzipped tar, what grows
/// beyond all bounds when it is unpacked, and what would leave the folder that somebody unpacks it in.
///
/// All of it is read as the clients that unpack it later do: every member of the gzip, and behind an empty block too.
pub(super) fn read(bytes: &[u8]) -> Result<Properties, Error> {
    let mut archive = Archive::new(MultiGzDecoder::new(bytes).take(LARGEST + 1));
    archive.set_ignore_zeros(true);
    let (mut properties, mut count) = (None, 0);
    for entry in archive.entries().map_err(|_| malformed())? {
        let mut entry = entry.map_err(|_| malformed())?;
        count += 1;
        if count > MOST_ENTRIES {
            return Err(refused(format!("has more than {MOST_ENTRIES} files and folders")));
        }
        let path = checked_path(&entry)?;
        if path == PROPERTIES && properties.replace(read_properties(&mut entry)?).is_some() {
            return Err(refused(format!("has more than one {PROPERTIES}")));
        }
    }
    // What is behind the last block is unpacked as well: what is larger than allowed shows itself at the latest here.
    let mut rest = archive.into_inner();
    std::io::copy(&mut rest, &mut std::io::sink()).map_err(|_| malformed())?;
    if rest.limit() == 0 {
        return Err(refused(format!("is larger than {LARGEST} bytes when it is unpacked")));
    }
    let properties = properties.ok_or_else(|| refused(format!("has no {PROPERTIES} at its root")))?;
    Properties::parse(&properties)
}

/// The path of an entry, without a `./` before it; it stays within the folder that it is unpacked in, on any system.
fn checked_path<R: Read>(entry: &Entry<'_, R>) -> Result<String, Error> {
    let kind = entry.header().entry_type();
    if !matches!(kind, EntryType::Regular | EntryType::Continuous | EntryType::Directory) {
        return Err(refused("has something in it that is neither a file nor a folder, such as a link"));
    }
    let odd = || refused("has a path in it that leads out of its folder, or is not plain UTF-8");
    let path = String::from_utf8(entry.path_bytes().into_owned()).map_err(|_| odd())?;
    let strange = |c: char| c.is_control() || matches!(c, '\\' | ':');
    if path.starts_with('/') || path.contains(strange) || path.split('/').any(|part| part == "..") {
        return Err(odd());
    }
    let parts: Vec<&str> = path.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    Ok(parts.join("/"))
}

fn read_properties<R: Read>(entry: &mut Entry<'_, R>) -> Result<String, Error> {
    let mut text = Vec::new();
    entry.take(LARGEST_PROPERTIES + 1).read_to_end(&mut text).map_err(|_| malformed())?;
    if text.len() as u64 > LARGEST_PROPERTIES {
        return Err(refused(format!("has a {PROPERTIES} of more than {LARGEST_PROPERTIES} bytes")));
    }
    String::from_utf8(text).map_err(|_| refused(format!("has a {PROPERTIES} that is not UTF-8")))
}

fn malformed() -> Error {
    refused("is no whole gzipped tar (.tar.gz), or is too large when it is unpacked")
}

fn refused(why: impl Into<String>) -> Error {
    Error::invalid("archive", why)
}

/// Reads an archive: for the fuzzer.
#[cfg(feature = "fuzzing")]
pub fn fuzz(bytes: &[u8]) {
    let _ = read(bytes);
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use tar::{Builder, Header};

    use super::*;

    const TEXT: &str = "name=blink\nversion=1.0.0\nauthor=Jane\nsentence=Blinks.\n";

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    /// A tar with an entry of each path and kind; the path is put into the header as it is.
    fn tar(entries: &[(&str, EntryType, &[u8])]) -> Vec<u8> {
        let mut builder = Builder::new(Vec::new());
        for (path, kind, content) in entries {
            let mut header = Header::new_ustar();
            header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
            header.set_entry_type(*kind);
            header.set_size(content.len() as u64);
            header.set_mode(0o644);
            header.set_cksum();
            builder.append(&header, *content).unwrap();
        }
        builder.into_inner().unwrap()
    }

    fn with(path: &str, kind: EntryType) -> Vec<u8> {
        gzip(&tar(&[(PROPERTIES, EntryType::Regular, TEXT.as_bytes()), (path, kind, b"")]))
    }

    fn why(bytes: &[u8]) -> String {
        read(bytes).unwrap_err().to_string()
    }

    #[test]
    fn a_library_says_what_it_is() {
        for root in ["", "./"] {
            let path = format!("{root}{PROPERTIES}");
            let entries: [(&str, _, &[u8]); 3] = [
                ("src/", EntryType::Directory, b""),
                ("src/blink.h", EntryType::Regular, b"#pragma once"),
                (&path, EntryType::Regular, TEXT.as_bytes()),
            ];
            assert_eq!(read(&gzip(&tar(&entries))).unwrap().name, "blink");
        }
    }

    #[test]
    fn what_leads_out_of_the_folder_is_refused() {
        for path in ["../x", "/etc/passwd", "a/../../x", "a\\..\\x", "C:x", "a\nb", ".."] {
            assert!(why(&with(path, EntryType::Regular)).contains("leads out"), "{path}");
        }
        for kind in [EntryType::Symlink, EntryType::Link, EntryType::Char, EntryType::Fifo] {
            assert!(why(&with("x", kind)).contains("neither a file nor a folder"), "{kind:?}");
        }
        // Not those either that only some readers come to: in another member, or behind an empty block.
        let evil = tar(&[("../x", EntryType::Regular, b"")]);
        let plain = tar(&[(PROPERTIES, EntryType::Regular, TEXT.as_bytes())]);
        let behind = [plain.clone(), evil.clone()].concat();
        assert!(why(&gzip(&behind)).contains("leads out"));
        assert!(why(&[gzip(&plain), gzip(&evil)].concat()).contains("leads out"));
    }

    #[test]
    fn bombs_are_refused_before_they_are_unpacked() {
        let large = vec![0; usize::try_from(LARGEST).unwrap()];
        let large =
            tar(&[(PROPERTIES, EntryType::Regular, TEXT.as_bytes()), ("x", EntryType::Regular, &large)]);
        assert!(why(&gzip(&large)).contains("too large when it is unpacked"));
        // One of nothing but zeros behind the last entry.
        let mut zeros = tar(&[(PROPERTIES, EntryType::Regular, TEXT.as_bytes())]);
        zeros.resize(usize::try_from(LARGEST).unwrap() + 1024, 0);
        assert!(why(&gzip(&zeros)).contains("when it is unpacked"));
        let many = vec![("x", EntryType::Regular, &b""[..]); MOST_ENTRIES + 1];
        assert!(why(&gzip(&tar(&many))).contains("more than 5000"));
        let long = vec![b'#'; 70_000];
        assert!(why(&gzip(&tar(&[(PROPERTIES, EntryType::Regular, &long)]))).contains("65536"));
    }

    #[test]
    fn what_is_no_archive_is_refused() {
        let whole = with("x", EntryType::Regular);
        for cut in [1, 9, whole.len() / 2] {
            assert!(read(&whole[..whole.len() - cut]).is_err());
        }
        for nothing in [&b""[..], b"PK\x03\x04", &gzip(b""), &gzip(b"no tar at all"), TEXT.as_bytes()] {
            assert!(read(nothing).is_err());
        }
        let twice = (PROPERTIES, EntryType::Regular, TEXT.as_bytes());
        assert!(why(&gzip(&tar(&[twice, twice]))).contains("more than one"));
        assert!(
            why(&gzip(&tar(&[("src/library.properties", EntryType::Regular, TEXT.as_bytes())])))
                .contains("root")
        );
        assert!(why(&gzip(&tar(&[(PROPERTIES, EntryType::Regular, b"\xff")]))).contains("UTF-8"));
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>, at in 0_usize..2000, with_byte: u8) {
            let _ = read(&gzip(&bytes));
            let mut plain = tar(&[(PROPERTIES, EntryType::Regular, TEXT.as_bytes())]);
            let at = at % plain.len();
            plain[at] = with_byte;
            let _ = read(&gzip(&plain));
        }
    }
}
