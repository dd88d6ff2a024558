//! A database as a file, and a file as a database.

use std::fs::{self, File, OpenOptions};
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use mote_core::Mote;
use mote_core::transfer::{self, Import};
use mote_store::Location;

use super::explain;
use crate::config::{BlobPlace, StoreConfig, StoreOptions};
use crate::{Failure, lock, logging};

/// Rows between two words of progress.
const TELL_EVERY: u64 = 100_000;

/// Writes a file that is not there yet. What bears its name is whole: until then it is called otherwise.
pub(super) async fn export(options: StoreOptions, into: &Path) -> Result<(), Failure> {
    logging::start_for_command();
    let config = options.with_file()?.decide()?;
    if into.exists() {
        return Err(Failure::usage(format!("{} is there already: name a new file", into.display())));
    }
    if matches!(&config.database, Location::Sqlite(path) if !path.exists()) {
        return Err(Failure::usage(format!("there is no database at {}", config.database)));
    }
    let store = Mote::open_store(config.database.clone()).await.map_err(Failure::other)?;
    let mut unfinished = into.as_os_str().to_owned();
    unfinished.push(".unfinished");
    let unfinished = PathBuf::from(unfinished);
    let failed = |e: std::io::Error| Failure::other(format!("{}: {e}", unfinished.display()));
    let file = create(&unfinished).map_err(failed)?;
    let tell = |table: &str, rows: u64| {
        if rows.is_multiple_of(TELL_EVERY) {
            println!("{table}: {rows} rows");
        }
    };
    let (exported, out) = transfer::export(&store, BufWriter::new(file), tell).await.map_err(explain)?;
    let file = out.into_inner().map_err(|e| failed(e.into_error()))?;
    file.sync_all().map_err(failed)?;
    fs::rename(&unfinished, into).map_err(failed)?;
    for (table, rows) in exported.tables.iter().filter(|(_, rows)| *rows > 0) {
        println!("{table}: {rows}");
    }
    println!("The export is whole: {} rows in {}", exported.rows, into.display());
    println!("The server key is not in it: bring it along separately.");
    tell_of_blobs(&config);
    Ok(())
}

/// Only its owner may read it: there are names and addresses of people in it.
fn create(path: &Path) -> std::io::Result<File> {
    // What an export that was cut off left behind.
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

pub(super) async fn import(options: StoreOptions, from: &Path) -> Result<(), Failure> {
    logging::start_for_command();
    let config = options.with_file()?.decide()?;
    if !from.is_file() {
        return Err(Failure::usage(format!("there is no file {}", from.display())));
    }
    lock::keep_to_this_process(&config)?;
    let store = Mote::open_store(config.database.clone()).await.map_err(Failure::other)?;
    println!("Checking {}", from.display());
    let mut import = Import::begin(store, from).await.map_err(explain)?;
    if import.done() > 0 {
        println!("Going on after {} rows", import.done());
    }
    let mut told = import.done() / TELL_EVERY;
    while import.step().await.map_err(explain)? {
        if import.done() / TELL_EVERY > told {
            told = import.done() / TELL_EVERY;
            println!("{} of {} rows", import.done(), import.rows());
        }
    }
    println!("Comparing {} rows", import.rows());
    import.finish().await.map_err(explain)?;
    println!(
        "The import is whole: start the server with the server key of the database that the export is of."
    );
    tell_of_blobs(&config);
    Ok(())
}

fn tell_of_blobs(config: &StoreConfig) {
    match &config.blobs {
        BlobPlace::Folder(path) => {
            println!("Binaries are no part of it: they are files, here in {} (--blobs).", path.display());
        }
        BlobPlace::Bucket(address) => println!("Binaries are no part of it: they are in {address}."),
    }
}
