//! What a release is.

use mote_store::Db;
use mote_store::device_os as rows;
use mote_store::device_os::{ModuleRow, ReleaseRow};
use semver::Version;

use crate::Error;
use crate::firmware::binary::Binary;

/// How far a release is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReleaseState {
    /// For everybody.
    Ga,
    /// For those who want to try it.
    Preview,
}

impl ReleaseState {
    /// Reads its word.
    pub fn parse(word: &str) -> Result<Self, Error> {
        let known = [Self::Ga, Self::Preview].into_iter().find(|state| state.word() == word);
        known.ok_or_else(|| Error::invalid("state", "is ga or preview"))
    }

    /// Its word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ga => "ga",
            Self::Preview => "preview",
        }
    }

    pub(super) const fn number(self) -> i16 {
        match self {
            Self::Ga => 1,
            Self::Preview => 2,
        }
    }

    fn of_number(number: i16) -> Self {
        if number == Self::Ga.number() { Self::Ga } else { Self::Preview }
    }
}

/// A release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    pub(super) id: i64,
    /// Its version.
    pub version: Version,
    /// The number that its parts call themselves, and that applications name as what they need.
    pub internal_version: i32,
    /// How far it is.
    pub state: ReleaseState,
    /// The kinds of hardware that it has binaries for, ascending.
    pub platforms: Vec<i32>,
}

impl Release {
    /// From its row, and the release, platform pairs of some releases.
    pub(super) fn of_row(row: &ReleaseRow, platforms: &[(i64, i32)]) -> Result<Self, Error> {
        let mut own: Vec<i32> = platforms
            .iter()
            .filter(|(release, _)| *release == row.id)
            .map(|(_, platform)| *platform)
            .collect();
        own.sort_unstable();
        own.dedup();
        let version = Version::parse(&row.version).map_err(|e| {
            Error::Internal(format!("Device OS release {} has no semantic version: {e}", row.id))
        })?;
        Ok(Self {
            id: row.id,
            version,
            internal_version: row.internal_version,
            state: ReleaseState::of_number(row.state),
            platforms: own,
        })
    }
}

/// A binary of a release.
#[derive(Clone, Debug)]
pub struct Module {
    /// What the file is called.
    pub file_name: String,
    /// Bytes.
    pub size: i64,
    /// What it says of itself.
    pub binary: Binary,
}

impl Module {
    pub(super) fn of_row(row: ModuleRow) -> Result<Self, Error> {
        let binary = serde_json::from_str(&row.about)
            .map_err(|e| Error::Internal(format!("what is known of {}: {e}", row.file_name)))?;
        Ok(Self { file_name: row.file_name, size: row.size, binary })
    }
}

/// A release by its version. What is no version is not looked for.
pub(super) fn find(db: &mut Db, version: &str) -> Result<ReleaseRow, Error> {
    let found = if Version::parse(version).is_ok() { rows::get(db, version)? } else { None };
    found.ok_or_else(unknown)
}

/// There is no such release.
pub(super) fn unknown() -> Error {
    Error::NotFound("Device OS version not found: the operator of this server has not registered it".into())
}
