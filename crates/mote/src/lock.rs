//! One server at a time on an SQLite database: it believes what it has in memory, and would not hear what another revokes.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use mote_store::Location;

use crate::Failure;
use crate::config::StoreConfig;
use crate::open::make_folder;

/// Keeps other servers from this database, and whoever puts another into its place, until this process has ended, however it
/// ends; makes the data folder where there is none. Commands that work beside a server do not ask. Nothing on PostgreSQL,
/// where servers hear of each other.
pub(crate) fn keep_to_this_process(config: &StoreConfig) -> Result<(), Failure> {
    let Location::Sqlite(path) = &config.database else { return Ok(()) };
    make_folder(config)?;
    let path = file_beside(path);
    let failed = |e| Failure::other(format!("cannot lock {}: {e}", path.display()));
    let file = open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {
            // Closed by the system after all that still runs here, and not when whoever asked has returned.
            std::mem::forget(file);
            Ok(())
        }
        Err(TryLockError::WouldBlock) => Err(Failure::other(format!(
            "another server runs on the database {}, or it is just being restored or imported: stop that first, or \
             use PostgreSQL for several servers",
            config.database
        ))),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

/// The file that is locked. It stays when nobody holds it: whoever removed it might remove one that another has just locked.
fn file_beside(database: &Path) -> PathBuf {
    // The same by whichever link the database is called, also one that leads to where it is yet to be.
    let target = || fs::read_link(database).map(|to| database.with_file_name("").join(to));
    let real = fs::canonicalize(database).or_else(|_| target()).unwrap_or_else(|_| database.to_owned());
    let mut name = real.into_os_string();
    name.push(".lock");
    name.into()
}

fn open(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o644);
    match options.open(path) {
        // Another user, such as root, has made it: there is nothing in it, and whoever may read it may lock it.
        Err(error) if error.kind() == ErrorKind::PermissionDenied => File::open(path).map_err(|other| {
            // Where there is none, it was to be made, and must not be.
            if other.kind() == ErrorKind::NotFound { error } else { other }
        }),
        opened => opened,
    }
}
