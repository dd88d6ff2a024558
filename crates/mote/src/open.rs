//! Opening the store with its key, as every command does.

use mote_core::blobs::{BlobError, Blobs};
use mote_core::keys::{KeyFileError, ServerKeys};
use mote_core::mail::Mailer;
use mote_core::passwords::PasswordHasher;
use mote_core::{Clock, Mote, Settings};
use mote_store::Location;

use crate::Failure;
use crate::config::{BlobPlace, StoreConfig};

/// Opens everything; makes the data folder, the key and the database where there are none and `make` says so.
pub(crate) async fn open(
    config: StoreConfig,
    settings: Settings,
    mailer: Mailer,
    make: bool,
) -> Result<Mote, Failure> {
    let exists = match &config.database {
        Location::Sqlite(path) => path.exists(),
        // A server's database says for itself which key it was made with.
        Location::Postgres(_) => false,
    };
    if !exists && !make && matches!(config.database, Location::Sqlite(_)) {
        return Err(Failure::other(format!(
            "there is no database at {}; `mote serve` makes one",
            config.database
        )));
    }
    if make {
        make_folder(&config)?;
    }
    let keys = server_keys(&config, exists, make)?;
    let store = Mote::open_store(config.database).await.map_err(Failure::other)?;
    let hasher = PasswordHasher::start().map_err(Failure::other)?;
    let blobs = blobs(config.blobs).await?;
    Mote::open(store, keys, hasher, mailer, blobs, settings, Clock::System).await.map_err(Failure::other)
}

/// Opens the place of blobs.
async fn blobs(place: BlobPlace) -> Result<Blobs, Failure> {
    let opened = match place {
        BlobPlace::Folder(path) => tokio::task::spawn_blocking(move || Blobs::in_folder(&path)).await,
        BlobPlace::Bucket(address) => Ok(Blobs::in_bucket(&address, std::env::vars())),
    };
    opened.map_err(Failure::other)?.map_err(|error| match error {
        BlobError::Address => Failure::usage(format!("--blobs: {error}")),
        error => Failure::other(format!("cannot open the place of binaries (--blobs): {error}")),
    })
}

pub(crate) fn make_folder(config: &StoreConfig) -> Result<(), Failure> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    let failed = |e| Failure::other(format!("cannot make the data folder {}: {e}", config.folder.display()));
    builder.create(&config.folder).map_err(failed)
}

/// The server key, and its successor where there is one.
pub(crate) fn server_keys(
    config: &StoreConfig,
    database_exists: bool,
    make: bool,
) -> Result<ServerKeys, Failure> {
    if let Some(key) = &config.key {
        let wrong = |why| Failure::usage(format!("MOTE_SERVER_KEY does not hold a server key: {why}"));
        return ServerKeys::parse(&key.0).map_err(wrong);
    }
    match ServerKeys::load(&config.key_file) {
        Ok(key) => Ok(key),
        Err(KeyFileError::Missing(path)) if database_exists || !make => Err(Failure::other(format!(
            "the server key is missing: there is none at {}, and the database {} cannot be opened without it. Put the key \
             back, or name it with --server-key-file or MOTE_SERVER_KEY (nothing was changed)",
            path.display(),
            config.database
        ))),
        Err(KeyFileError::Missing(path)) => ServerKeys::create(&path).map_err(Failure::other),
        Err(error) => Err(Failure::other(error)),
    }
}
