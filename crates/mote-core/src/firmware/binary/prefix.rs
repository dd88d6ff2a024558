//! The prefix of a module.

use serde::{Deserialize, Serialize};

use super::{BinaryError, CRC, u16_at, u32_at};

/// Bytes of a prefix.
const SIZE: usize = 24;
/// Where prefixes are: at the start, or behind the vector table of an nRF52840 (0x200), an STM32F2 (0x184), or older chips.
const USUAL: [usize; 5] = [0, 0x200, 0x184, 0xC0, 0x10C];
/// No prefix is further in than this.
const FURTHEST: usize = 8 * 1024;
/// Bytes of a module at most, by its prefix: the largest flash of a device has 8 MiB for firmware.
const LARGEST: usize = 16 * 1024 * 1024;

/// What a module is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Function {
    /// A resource.
    Resource,
    /// The bootloader.
    Bootloader,
    /// System and application in one, as on the oldest devices.
    Monolithic,
    /// A part of Device OS.
    SystemPart,
    /// An application: what people write.
    UserPart,
    /// Settings.
    Settings,
    /// Firmware of the network coprocessor.
    NetworkFirmware,
    /// The radio stack.
    RadioStack,
    /// A file for an application.
    Asset,
}

impl Function {
    fn of(number: u8) -> Option<Self> {
        Some(match number {
            1 => Self::Resource,
            2 => Self::Bootloader,
            3 => Self::Monolithic,
            4 => Self::SystemPart,
            5 => Self::UserPart,
            6 => Self::Settings,
            7 => Self::NetworkFirmware,
            8 => Self::RadioStack,
            9 => Self::Asset,
            _ => return None,
        })
    }

    /// What people call it, with its article.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Resource => "a resource",
            Self::Bootloader => "a bootloader",
            Self::Monolithic => "monolithic firmware",
            Self::SystemPart => "a part of Device OS",
            Self::UserPart => "an application",
            Self::Settings => "settings",
            Self::NetworkFirmware => "firmware of a network coprocessor",
            Self::RadioStack => "a radio stack",
            Self::Asset => "an asset",
        }
    }

    /// What the vendor's API calls it (npm package `binary-version-reader`, `ModuleInfo`).
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Resource => "resource",
            Self::Bootloader => "bootloader",
            Self::Monolithic => "mono_firmware",
            Self::SystemPart => "system_part",
            Self::UserPart => "user_part",
            Self::Settings => "settings",
            Self::NetworkFirmware => "ncp_firmware",
            Self::RadioStack => "radio_stack",
            Self::Asset => "asset",
        }
    }

    /// Whether it is what a product's firmware is.
    #[must_use]
    pub const fn is_application(self) -> bool {
        matches!(self, Self::UserPart | Self::Monolithic)
    }
}

/// A module that another needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dependency {
    /// What it is.
    pub function: Function,
    /// Which of its kind.
    pub index: u8,
    /// Its version at least.
    pub version: u16,
}

/// The prefix of a module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prefix {
    /// Where it stands in the file.
    pub offset: usize,
    /// The module's first address in flash.
    pub start_address: u32,
    /// The address behind its last byte, where its CRC is.
    pub end_address: u32,
    /// The processor that it goes to; 0 for the only one.
    pub target: u8,
    /// What is special about it, a bit each: see [`Prefix::FLAGS`].
    pub flags: u8,
    /// Version of the module, which is not the product's.
    pub module_version: u16,
    /// The kind of hardware that it was built for.
    pub platform_id: u16,
    /// What it is.
    pub function: Function,
    /// Which of its kind.
    pub index: u8,
    /// What it needs.
    pub dependencies: [Option<Dependency>; 2],
}

impl Prefix {
    /// The flags by their bits, the lowest first: the prefix itself is not flashed; the module is compressed; there is
    /// another behind it; it is encrypted; the prefix goes on in extensions.
    pub const FLAGS: [&str; 5] =
        ["drop_module_info", "compressed", "combined", "encrypted", "prefix_extensions"];

    /// Finds the prefix of a module: where one says that the module is as long as it is; else where one makes sense, which
    /// then tells how long the module should be.
    pub(super) fn find(bytes: &[u8]) -> Result<Self, BinaryError> {
        let found = bytes.len();
        let mut expected = None;
        for offset in USUAL.into_iter().chain((4..=FURTHEST).step_by(4)) {
            let Some(prefix) = Self::parse(bytes, offset) else { continue };
            match prefix.module_size() {
                size if size == found => return Ok(prefix),
                size if USUAL.contains(&offset) => expected = expected.or(Some(size)),
                _ => {}
            }
        }
        Err(match expected {
            Some(expected) if expected > found => BinaryError::Truncated { found, expected },
            Some(expected) => BinaryError::TooLong { found, expected },
            None => BinaryError::NoModule,
        })
    }

    /// Reads a prefix; none where there is nothing that makes sense as one.
    fn parse(bytes: &[u8], offset: usize) -> Option<Self> {
        let bytes = bytes.get(offset..)?.get(..SIZE)?;
        let prefix = Self {
            offset,
            start_address: u32_at(bytes, 0)?,
            end_address: u32_at(bytes, 4)?,
            target: bytes[8],
            flags: bytes[9],
            module_version: u16_at(bytes, 10)?,
            platform_id: u16_at(bytes, 12)?,
            function: Function::of(bytes[14])?,
            index: bytes[15],
            dependencies: [dependency(bytes, 16)?, dependency(bytes, 20)?],
        };
        let length = prefix.end_address.checked_sub(prefix.start_address)?;
        let makes_sense = (1..=LARGEST).contains(&usize::try_from(length).ok()?) && prefix.platform_id < 1000;
        makes_sense.then_some(prefix)
    }

    /// Bytes of the module, its CRC included.
    fn module_size(&self) -> usize {
        let length = self.end_address - self.start_address;
        usize::try_from(length).unwrap_or(usize::MAX).saturating_add(CRC)
    }

    /// Where the prefix ends in the file.
    pub(super) fn end(&self) -> usize {
        self.offset + SIZE
    }
}

/// The dependency at a place: none there, or none that makes sense.
#[expect(clippy::option_option, reason = "a dependency may be absent, or make no sense")]
fn dependency(bytes: &[u8], at: usize) -> Option<Option<Dependency>> {
    let (index, version) = (bytes[at + 1], u16_at(bytes, at + 2)?);
    match bytes[at] {
        0 => (index == 0 && version == 0).then_some(None),
        number => Some(Some(Dependency { function: Function::of(number)?, index, version })),
    }
}
