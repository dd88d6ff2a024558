//! Copies of all that a server has, made while it runs, and put back.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use mote_core::mail::Mailer;
use mote_core::{Mote, Settings};
use mote_store::{Location, backup};

use crate::config::{BlobPlace, StoreConfig, StoreOptions};
use crate::open::open;
use crate::{Failure, lock, logging};

/// What the parts of a backup are called.
const DATABASE: &str = "mote.db";
const BLOBS: &str = "blobs";
const KEY: &str = "server.key";

/// Writes a backup into a folder that is not there yet. What bears its name is whole: until then it is called otherwise.
pub(super) async fn backup(options: StoreOptions, into: &Path, with_key: bool) -> Result<(), Failure> {
    logging::start_for_command();
    let config = options.with_file()?.decide()?;
    let database = sqlite(&config.database)?;
    if into.exists() {
        return Err(Failure::usage(format!("{} is there already: name a new folder", into.display())));
    }
    if !database.exists() {
        return Err(Failure::usage(format!("there is no database at {}", database.display())));
    }
    let mut unfinished = into.as_os_str().to_owned();
    unfinished.push(".unfinished");
    let unfinished = PathBuf::from(unfinished);
    clear(&unfinished)?;
    make(&unfinished.join(BLOBS))?;
    println!("Copying the database");
    let copy = unfinished.join(DATABASE);
    blocking({
        let copy = copy.clone();
        move || backup::copy(&database, &copy).map_err(Failure::other)
    })
    .await?;
    let mut of_copy = StoreConfig { database: Location::Sqlite(copy.clone()), ..config.clone() };
    if with_key {
        let key = unfinished.join(KEY);
        copy_for_owner(&config.key_file, &key)?;
        // With the very key that is put there: another may have come into its place since the database was copied.
        (of_copy.key, of_copy.key_file) = (None, key);
    }
    // The copy says which binaries belong to it: those are there, whatever happens to the original meanwhile.
    let mote = whole(of_copy).await?;
    match &config.blobs {
        BlobPlace::Folder(blobs) => copy_blobs(&mote, blobs, &unfinished.join(BLOBS)).await?,
        BlobPlace::Bucket(address) => println!("Binaries are in {address}, and stay there"),
    }
    tell_counts(&mote).await?;
    drop(mote);
    settle(&copy).await?;
    if !with_key {
        println!(
            "The server key is not in it, without which it opens nothing: keep a copy of the key elsewhere."
        );
    }
    fs::rename(&unfinished, into).map_err(|e| failed(into, &e))?;
    println!("The backup is whole: {}", into.display());
    Ok(())
}

/// Puts a backup into a place where there is no database yet.
pub(super) async fn restore(options: StoreOptions, from: &Path) -> Result<(), Failure> {
    logging::start_for_command();
    let config = options.with_file()?.decide()?;
    let database = sqlite(&config.database)?;
    if !from.join(DATABASE).exists() {
        return Err(Failure::usage(format!("{} is no backup: it has no {DATABASE}", from.display())));
    }
    if database.exists() {
        let text = format!(
            "there is a database at {} already: name another place (nothing was changed)",
            database.display()
        );
        return Err(Failure::usage(text));
    }
    let (has_key, kept_key) = (config.key.is_some() || config.key_file.exists(), from.join(KEY));
    if !has_key && !kept_key.exists() {
        let text = format!(
            "the server key is not in this backup, and there is none at {}. Put the key of that server there, or name it with \
             --server-key-file or MOTE_SERVER_KEY (nothing was changed)",
            config.key_file.display()
        );
        return Err(Failure::usage(text));
    }
    // A server may go on with a database that was removed under it.
    lock::keep_to_this_process(&config)?;
    if !has_key {
        copy_for_owner(&kept_key, &config.key_file)?;
    }
    let arriving = database.with_extension("arriving");
    clear(&arriving)?;
    let put_back = put_back(&config, from, &arriving).await;
    if put_back.is_err() {
        // What went wrong is said; that it cannot be removed either is found when it is tried again.
        let _ = clear(&arriving);
    }
    put_back?;
    // Last, so that there is no database before all that belongs to it is there.
    fs::rename(&arriving, &database).map_err(|e| failed(&database, &e))?;
    println!("Restored: start the server with mote serve");
    Ok(())
}

/// Copies a backup's database, which is called `arriving` until all is there, and the binaries that belong to it.
async fn put_back(config: &StoreConfig, from: &Path, arriving: &Path) -> Result<(), Failure> {
    copy_for_owner(&from.join(DATABASE), arriving)?;
    let of_copy = StoreConfig { database: Location::Sqlite(arriving.to_owned()), ..config.clone() };
    let mote = whole(of_copy).await?;
    if let BlobPlace::Folder(blobs) = &config.blobs {
        make(blobs)?;
        copy_blobs(&mote, &from.join(BLOBS), blobs).await?;
    }
    tell_counts(&mote).await?;
    drop(mote);
    settle(arriving).await
}

fn sqlite(location: &Location) -> Result<PathBuf, Failure> {
    match location {
        Location::Sqlite(path) => Ok(path.clone()),
        Location::Postgres(_) => Err(Failure::usage(
            "this is for SQLite. Of a PostgreSQL database, pg_dump and pg_restore make and put back copies while it runs",
        )),
    }
}

/// Opens a copy, and proves that it is whole and that the key belongs to it.
async fn whole(config: StoreConfig) -> Result<Mote, Failure> {
    let path = sqlite(&config.database)?;
    println!("Checking the copy");
    let damage = blocking(move || backup::damage(&path).map_err(Failure::other)).await?;
    if let Some(damage) = damage {
        return Err(Failure::other(format!("the database is damaged: {damage}")));
    }
    open(config, Settings::default(), Mailer::Log, false).await
}

async fn copy_blobs(mote: &Mote, from: &Path, into: &Path) -> Result<(), Failure> {
    let tell = |done: usize| {
        if done.is_multiple_of(100) {
            println!("Copied {done} binaries");
        }
    };
    let copied = mote.copy_blobs(from, into, tell).await.map_err(Failure::other)?;
    println!("Copied and checked {copied} binaries");
    Ok(())
}

async fn tell_counts(mote: &Mote) -> Result<(), Failure> {
    let counts = mote.counts().await.map_err(Failure::other)?;
    println!(
        "accounts: {}\nproducts: {}\ndevices: {}\ntokens: {}",
        counts.accounts, counts.products, counts.devices, counts.tokens
    );
    Ok(())
}

/// Puts all of a copy into its one file, once nothing has it open any more.
async fn settle(path: &Path) -> Result<(), Failure> {
    let path = path.to_owned();
    blocking(move || backup::settle(&path).map_err(Failure::other)).await
}

/// Removes what a command that was cut off left behind.
fn clear(path: &Path) -> Result<(), Failure> {
    let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match removed {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(failed(path, &error)),
        _ => Ok(()),
    }
}

/// Copies a file into one that is not there yet and that only its owner may read, whoever may read the first.
fn copy_for_owner(from: &Path, into: &Path) -> Result<(), Failure> {
    let unable = |e| Failure::other(format!("cannot copy {}: {e}", from.display()));
    let mut source = fs::File::open(from).map_err(unable)?;
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let copied = options.open(into).and_then(|mut copy| {
        std::io::copy(&mut source, &mut copy)?;
        copy.sync_all()
    });
    copied.map_err(|e| failed(into, &e))
}

/// Makes a folder that only its owner may read.
fn make(path: &Path) -> Result<(), Failure> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|e| failed(path, &e))
}

fn failed(path: &Path, error: &std::io::Error) -> Failure {
    Failure::other(format!("{}: {error}", path.display()))
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    tokio::task::spawn_blocking(work).await.map_err(Failure::other)?
}
