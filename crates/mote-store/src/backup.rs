//! Copies of an SQLite database that a server is at work on.

use std::path::Path;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;

use crate::StoreError;

/// Writes a copy of the database as it is at one moment, for its owner alone: others go on reading and writing meanwhile. The
/// copy must not be there yet; when this returns `Ok`, it survives a power cut. Blocks for as long as it takes to read the database once.
pub fn copy(database: &Path, copy: &Path) -> Result<(), StoreError> {
    let failed = |path: &Path, cause: &dyn std::fmt::Display| StoreError::Open {
        location: path.display().to_string(),
        cause: cause.to_string(),
    };
    let place = copy.to_str().ok_or_else(|| failed(copy, &"the path is not UTF-8"))?;
    // SQLite itself would make it as the process makes files, and fills one that is empty just as well.
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(copy).map_err(|e| failed(copy, &e))?;
    diesel::sql_query("VACUUM INTO ?").bind::<Text, _>(place).execute(&mut open(database)?)?;
    // SQLite leaves it to the system when the copy reaches the disk.
    std::fs::File::open(copy).and_then(|file| file.sync_all()).map_err(|e| failed(copy, &e))
}

fn open(database: &Path) -> Result<SqliteConnection, StoreError> {
    let location = database.display().to_string();
    let opened = SqliteConnection::establish(&location);
    let mut db = opened.map_err(|e| StoreError::Open { location, cause: e.to_string() })?;
    db.batch_execute("PRAGMA busy_timeout = 5000")?;
    Ok(db)
}

/// How long it is waited for that a database is closed which was just let go of.
const PATIENCE: Duration = Duration::from_secs(10);

#[derive(QueryableByName)]
struct Mode {
    #[diesel(sql_type = Text)]
    journal_mode: String,
}

/// Brings what the log beside a database holds into the database, and removes the log: the file alone is all of it then.
/// Nothing else may have it open; it is waited for that whoever had it closes it. Blocks.
pub fn settle(database: &Path) -> Result<(), StoreError> {
    let began = Instant::now();
    loop {
        let mode: Result<Mode, _> =
            diesel::sql_query("PRAGMA journal_mode = DELETE").get_result(&mut open(database)?);
        match mode {
            Ok(mode) if mode.journal_mode == "delete" => return Ok(()),
            Err(error) if began.elapsed() > PATIENCE => return Err(error.into()),
            Ok(_) if began.elapsed() > PATIENCE => return Err(StoreError::Closed),
            _ => std::thread::sleep(Duration::from_millis(20)),
        }
    }
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Text)]
    integrity_check: String,
}

/// Reads all of a database and checks that it is whole (SQLite's `integrity_check`): what is wrong with it, if something is.
/// Blocks.
pub fn damage(database: &Path) -> Result<Option<String>, StoreError> {
    let found: Vec<Found> = diesel::sql_query("PRAGMA integrity_check(10)").load(&mut open(database)?)?;
    let lines: Vec<_> = found.into_iter().map(|line| line.integrity_check).collect();
    Ok((lines != ["ok"]).then(|| lines.join("; ")))
}
