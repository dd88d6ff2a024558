//! Device OS binaries, made byte by byte.

/// A module that is to be built; the fields are those of a Device OS module.
#[derive(Clone, Debug)]
pub struct Image {
    /// Bytes before the prefix, as of a vector table.
    pub vectors: usize,
    /// First address in flash.
    pub start: u32,
    /// The kind of hardware.
    pub platform: u16,
    /// What it is: 5 for an application, 4 for a part of Device OS, 2 for a bootloader.
    pub function: u8,
    /// Version of the module itself, which is not the product's.
    pub module_version: u16,
    /// Product ID; 0xffff for none.
    pub product: u16,
    /// Product firmware version; 0xffff for none.
    pub version: u16,
    /// What is between prefix and suffix.
    pub code: Vec<u8>,
}

impl Image {
    /// An application for a Boron of this product and version.
    #[must_use]
    pub fn new(product: u16, version: u16) -> Self {
        let code = (0..2000_u32).map(|n| u8::try_from(n * n % 251).unwrap_or(0)).collect();
        Self {
            vectors: 0,
            start: 0x000D_4000,
            platform: 13,
            function: 5,
            module_version: 6,
            product,
            version,
            code,
        }
    }

    /// The bytes.
    ///
    /// # Panics
    /// Where it is beyond all sizes.
    #[must_use]
    pub fn build(&self) -> Vec<u8> {
        let mut bytes = vec![0xA5; self.vectors];
        let length = self.vectors + 24 + self.code.len() + 40;
        let end = self.start + u32::try_from(length).expect("no image is that large");
        bytes.extend(self.start.to_le_bytes());
        bytes.extend(end.to_le_bytes());
        bytes.extend([0, 0]);
        bytes.extend(self.module_version.to_le_bytes());
        bytes.extend(self.platform.to_le_bytes());
        bytes.extend([self.function, 1]);
        // Needs the first part of Device OS in version 6300, and nothing else.
        bytes.extend([4, 1]);
        bytes.extend(6300_u16.to_le_bytes());
        bytes.extend([0; 4]);
        bytes.extend(&self.code);
        bytes.extend(self.product.to_le_bytes());
        bytes.extend(self.version.to_le_bytes());
        bytes.extend([0, 0]);
        // In place of the SHA-256, which no device checks.
        bytes.extend([0x5A; 32]);
        bytes.extend(40_u16.to_le_bytes());
        assert_eq!(bytes.len(), length);
        let crc = crc32(&bytes);
        bytes.extend(crc.to_be_bytes());
        bytes
    }
}

/// CRC-32 as in Ethernet, bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
        }
    }
    !crc
}
