use mote_testkit::Image;
use proptest::prelude::*;

use super::*;

#[test]
fn a_module_says_what_it_is() {
    for (vectors, start) in [(0, 0xD_4000), (0x200, 0x3_0000), (0x184, 0x80A_0000), (0x44, 0x800_0000)] {
        let image = Image { vectors, start, ..Image::new(1001, 7) };
        let bytes = image.build();
        let binary = Binary::parse(&bytes).unwrap();
        assert_eq!(
            binary.prefix,
            Prefix {
                offset: vectors,
                start_address: start,
                end_address: start + u32::try_from(bytes.len()).unwrap() - 4,
                target: 0,
                flags: 0,
                module_version: 6,
                platform_id: 13,
                function: Function::UserPart,
                index: 1,
                dependencies: [
                    Some(Dependency { function: Function::SystemPart, index: 1, version: 6300 }),
                    None
                ],
            }
        );
        let suffix =
            Suffix { product_id: Some(1001), product_version: Some(7), size: 40, sha256: [0x5A; 32] };
        assert_eq!(binary.suffix, suffix);
    }
}

#[test]
fn product_and_version_need_not_be_set() {
    let binary =
        Binary::parse(&Image { product: 0xffff, version: 0xffff, ..Image::new(0, 0) }.build()).unwrap();
    assert_eq!((binary.suffix.product_id, binary.suffix.product_version), (None, None));
    // Product ID 0 and version 0 are set.
    let binary = Binary::parse(&Image::new(0, 0).build()).unwrap();
    assert_eq!((binary.suffix.product_id, binary.suffix.product_version), (Some(0), Some(0)));
}

/// An image with other bytes at a place from its end, and a CRC that fits them.
fn with_suffix(back: usize, bytes: &[u8]) -> Vec<u8> {
    let mut image = Image::new(1001, 7).build();
    let at = image.len() - back;
    image[at..at + bytes.len()].copy_from_slice(bytes);
    let body = image.len() - 4;
    let crc = crc32fast::hash(&image[..body]).to_be_bytes();
    image[body..].copy_from_slice(&crc);
    image
}

#[test]
fn old_and_odd_suffixes_are_read() {
    // One too short for product and version, one that is padding.
    for size in [36_u16, 0xffff] {
        let suffix = Binary::parse(&with_suffix(6, &size.to_le_bytes())).unwrap().suffix;
        assert_eq!((suffix.product_id, suffix.product_version), (None, None), "{size}");
    }
    // One with extensions in it.
    let suffix = Binary::parse(&with_suffix(6, &400_u16.to_le_bytes())).unwrap().suffix;
    assert_eq!((suffix.product_id, suffix.product_version), (Some(1001), Some(7)));
    for size in [0_u16, 35, 2041, 0xfffe] {
        assert_eq!(Binary::parse(&with_suffix(6, &size.to_le_bytes())), Err(BinaryError::Suffix), "{size}");
    }
}

#[test]
fn what_is_not_whole_is_told_apart() {
    let bytes = Image::new(1001, 7).build();
    let whole = bytes.len();
    for cut in [1, 4, 40, 2000] {
        let truncated = BinaryError::Truncated { found: whole - cut, expected: whole };
        assert_eq!(Binary::parse(&bytes[..whole - cut]), Err(truncated));
    }
    let mut longer = bytes.clone();
    longer.extend([0; 3]);
    assert_eq!(Binary::parse(&longer), Err(BinaryError::TooLong { found: whole + 3, expected: whole }));
    let mut damaged = bytes.clone();
    damaged[whole / 2] ^= 1;
    assert!(matches!(Binary::parse(&damaged), Err(BinaryError::Crc { .. })));
    for nothing in [&b""[..], b"PK\x03\x04", &bytes[..20], &[0; 5000], &[0xff; 5000]] {
        assert_eq!(Binary::parse(nothing), Err(BinaryError::NoModule));
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..3000)) {
        let _ = Binary::parse(&bytes);
    }

    #[test]
    fn no_module_of_odd_bytes_makes_it_panic(
        at in 0_usize..2068, with: u8, cut in 0_usize..2068, size: u16,
    ) {
        let mut bytes = with_suffix(6, &size.to_le_bytes());
        bytes[at] = with;
        bytes.truncate(bytes.len() - cut);
        let _ = Binary::parse(&bytes);
    }

    #[test]
    fn any_changed_byte_is_found(at in 0_usize..2068, change in 1_u8.., vectors in prop::sample::select(vec![0, 0x200])) {
        let mut bytes = Image { vectors, ..Image::new(1001, 7) }.build();
        let at = at % bytes.len();
        bytes[at] ^= change;
        prop_assert!(Binary::parse(&bytes).is_err());
    }

    #[test]
    fn whatever_was_built_is_read(product: u16, version: u16, platform in 0_u16..1000, code: Vec<u8>) {
        let bytes = Image { platform, code, ..Image::new(product, version) }.build();
        let binary = Binary::parse(&bytes).unwrap();
        prop_assert_eq!(binary.prefix.platform_id, platform);
        prop_assert_eq!(binary.suffix.product_id, Some(product).filter(|id| *id != 0xffff));
        prop_assert_eq!(binary.suffix.product_version, Some(version).filter(|version| *version != 0xffff));
    }
}
