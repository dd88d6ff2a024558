//! Registering releases, which the operator does.

use bytes::Bytes;
use mote_store::Db;
use mote_store::device_os as rows;
use mote_store::device_os::{ModuleRow, ReleaseRow};
use semver::Version;

use super::release::find;
use super::{Release, ReleaseState};
use crate::blobs::{BlobId, let_go, need};
use crate::firmware::binary::{Binary, Function};
use crate::{Error, Moment, Mote};

/// Releases at most.
const MOST_RELEASES: usize = 500;
/// Binaries of a release at most.
const MOST_MODULES: usize = 500;
/// Bytes of a file's name at most.
const LONGEST_NAME: usize = 128;

/// A file that an operator brings.
#[derive(Debug)]
pub struct NewBinary {
    /// What it is called, without a folder.
    pub file_name: String,
    /// Its bytes.
    pub bytes: Bytes,
}

/// A file that was looked at.
struct Checked {
    file_name: String,
    binary: Binary,
    about: String,
    size: i64,
}

impl Mote {
    /// Registers binaries of a release, a new one or one that is known, and how far it is. Every file is a whole module; the
    /// parts of Device OS among them agree in what they call themselves. All of it is registered, or nothing.
    pub async fn register_device_os(
        &self,
        version: &str,
        state: ReleaseState,
        files: Vec<NewBinary>,
    ) -> Result<Release, Error> {
        let version = Version::parse(version.strip_prefix('v').unwrap_or(version))
            .ok()
            .filter(|version| version.build.is_empty())
            .ok_or_else(|| Error::invalid("version", "is a semantic version, such as 5.8.0 or 5.9.0-rc.1"))?;
        let mut binaries = Vec::with_capacity(files.len());
        for file in &files {
            binaries.push(check(file)?);
        }
        let mut kept = Vec::with_capacity(files.len());
        for (file, checked) in files.into_iter().zip(binaries) {
            kept.push((checked, self.keep_blob(file.bytes).await?));
        }
        let now = self.now();
        let (key, version) = (self.new_key(now), version.to_string());
        let write = move |db: &mut Db| write(db, (key, &version), state, &kept, now);
        self.store().write(write).await
    }

    /// Every release, the highest version first.
    pub async fn device_os_releases(&self) -> Result<Vec<Release>, Error> {
        self.store().read(all).await
    }

    /// Removes a release with its binaries.
    pub async fn remove_device_os(&self, version: &str) -> Result<(), Error> {
        let (version, now) = (version.strip_prefix('v').unwrap_or(version).to_owned(), self.now());
        self.store()
            .write(move |db| -> Result<(), Error> {
                let release = find(db, &version)?;
                for module in rows::modules(db, release.id)? {
                    let_go(db, &module.digest, now.0)?;
                }
                Ok(rows::delete(db, release.id)?)
            })
            .await
    }
}

/// Every release, the highest version first.
pub(super) fn all(db: &mut Db) -> Result<Vec<Release>, Error> {
    let platforms = rows::platforms(db)?;
    let found = rows::releases(db)?;
    let mut releases =
        found.iter().map(|row| Release::of_row(row, &platforms)).collect::<Result<Vec<_>, Error>>()?;
    releases.sort_unstable_by(|one, other| other.version.cmp(&one.version));
    Ok(releases)
}

/// Whether a text can be what a file is called: it stands in an address.
pub(super) fn is_file_name(text: &str) -> bool {
    let plain = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'_' | b'-' | b'+' | b'@');
    let starts = text.as_bytes().first().is_some_and(u8::is_ascii_alphanumeric);
    starts && text.len() <= LONGEST_NAME && text.bytes().all(plain)
}

fn check(file: &NewBinary) -> Result<Checked, Error> {
    let name = &file.file_name;
    if !is_file_name(name) {
        let why =
            "is 1 to 128 letters, digits and . _ - + @, a letter or digit first: it stands in an address";
        return Err(Error::invalid("file name", format!("{why} ({name:?})")));
    }
    let binary =
        Binary::parse(&file.bytes).map_err(|error| Error::invalid("file", format!("{name}: {error}")))?;
    let about = serde_json::to_string(&binary)
        .map_err(|e| Error::Internal(format!("what is known of {name}: {e}")))?;
    let size = i64::try_from(file.bytes.len()).unwrap_or(i64::MAX);
    Ok(Checked { file_name: name.clone(), binary, about, size })
}

fn write(
    db: &mut Db,
    (key, version): (i64, &str),
    state: ReleaseState,
    files: &[(Checked, BlobId)],
    now: Moment,
) -> Result<Release, Error> {
    let row = release_row(db, (key, version), state, files, now)?;
    for (file, blob) in files {
        match rows::module(db, row.id, &file.file_name)? {
            // Registered before, with the same bytes.
            Some(same) if same.digest == blob.digest() => continue,
            Some(_) => {
                let text = "is registered with other bytes: remove the release first";
                return Err(Error::Conflict(format!("{} {text}", file.file_name)));
            }
            None => {}
        }
        need(db, blob, now.0)?;
        rows::insert_module(
            db,
            &ModuleRow {
                release_id: row.id,
                file_name: file.file_name.clone(),
                platform_id: file.binary.prefix.platform_id.into(),
                about: file.about.clone(),
                size: file.size,
                digest: blob.digest().to_vec(),
            },
        )?;
    }
    let modules = rows::modules(db, row.id)?;
    if modules.len() > MOST_MODULES {
        return Err(Error::Conflict(format!("A release has {MOST_MODULES} binaries at most")));
    }
    let platforms: Vec<(i64, i32)> = modules.iter().map(|module| (row.id, module.platform_id)).collect();
    Release::of_row(&row, &platforms)
}

/// The release, made where there is none, in this state.
fn release_row(
    db: &mut Db,
    (key, version): (i64, &str),
    state: ReleaseState,
    files: &[(Checked, BlobId)],
    now: Moment,
) -> Result<ReleaseRow, Error> {
    let known = rows::get(db, version)?;
    let internal_version = internal_version(known.as_ref(), files)?;
    if let Some(row) = known {
        rows::set_state(db, row.id, state.number())?;
        return Ok(ReleaseRow { state: state.number(), ..row });
    }
    if rows::releases(db)?.len() >= MOST_RELEASES {
        return Err(Error::Conflict(format!("There are {MOST_RELEASES} releases already; remove one")));
    }
    let (state, created_at) = (state.number(), now.0);
    let row = ReleaseRow { id: key, version: version.to_owned(), internal_version, state, created_at };
    rows::insert(db, &row)?;
    Ok(row)
}

/// The number that the parts of Device OS in these files call themselves, or called themselves when the release was made.
fn internal_version(known: Option<&ReleaseRow>, files: &[(Checked, BlobId)]) -> Result<i32, Error> {
    let mut version = known.map(|row| row.internal_version);
    let is_system = |file: &&(Checked, BlobId)| {
        matches!(file.0.binary.prefix.function, Function::SystemPart | Function::Monolithic)
    };
    for (file, _) in files.iter().filter(is_system) {
        let own = i32::from(file.binary.prefix.module_version);
        let expected = *version.get_or_insert(own);
        if own != expected {
            let name = &file.file_name;
            let text = format!("{name} is of version {own}, and the others are of version {expected}");
            return Err(Error::invalid("file", text));
        }
    }
    let text =
        "none is a part of Device OS, which would tell the release's internal version: bring one along";
    version.ok_or_else(|| Error::invalid("files", text))
}
