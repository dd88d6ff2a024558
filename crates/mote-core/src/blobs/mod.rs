//! Blobs: bytes too many for the database, such as firmware. They are in a folder, or in a bucket of an S3-compatible store
//! where several nodes share one and no folder.
//!
//! What a blob is called begins with its BLAKE3 digest: the same bytes are kept once. Behind it stands a key that is never
//! used again, so that removing a blob that nobody needs cannot meet a new upload of the same bytes: that one is called
//! otherwise. Every blob has had a row in the store before there was a byte of it, and has one until the last is removed,
//! so that what an upload that was cut off leaves behind is found and swept.

mod bucket;
mod copy;
mod folder;
mod keep;
mod reader;

use std::io;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use mote_store::Trouble;

use bucket::Bucket;
use folder::Folder;

use crate::shares::Shares;

pub use crate::shares::Turn;
pub use keep::BlobId;
pub(crate) use keep::{let_go, need};
pub use reader::BlobReader;

/// Uploads at a time.
const UPLOADS: usize = 8;
/// Of them those of one caller: however slowly he sends, others have the rest.
const UPLOADS_OF_ONE: usize = 2;

/// Where blobs are. Clones are the same place.
#[derive(Clone, Debug)]
pub struct Blobs {
    place: Arc<Place>,
    /// What is uploaded is in memory as a whole while it is checked. By the network address of callers.
    uploads: Shares<u128>,
}

#[derive(Debug)]
enum Place {
    Folder(Folder),
    Bucket(Bucket),
}

/// A place for blobs cannot be used, or did not do what it was told.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// The address is not `s3://BUCKET` or `s3://BUCKET/PREFIX`.
    #[error("the bucket is named as s3://BUCKET or s3://BUCKET/PREFIX")]
    Address,
    /// The folder failed.
    #[error("the blobs' folder: {0}")]
    Folder(#[from] std::io::Error),
    /// The bucket failed.
    #[error("the blobs' bucket: {0}")]
    Bucket(#[from] object_store::Error),
    /// A task that was to work on the folder ended early.
    #[error("work on the blobs' folder was given up")]
    Stopped,
}

impl BlobError {
    /// What is wrong with the place, where that is the fault.
    #[must_use]
    pub fn trouble(&self) -> Option<Trouble> {
        use io::ErrorKind::{FileTooLarge, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
        match self {
            Self::Folder(error) if matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge) => {
                Some(Trouble::Full)
            }
            Self::Folder(error)
                if error.kind() == ReadOnlyFilesystem
                    || error.raw_os_error().is_some_and(|code| PASSING.contains(&code)) =>
            {
                Some(Trouble::Away)
            }
            Self::Bucket(object_store::Error::Generic { .. }) => Some(Trouble::Away),
            _ => None,
        }
    }
}

/// Faults of a folder that std has no name for: I/O (EIO), open files of the machine (ENFILE) and of the process (EMFILE).
const PASSING: [i32; 3] = [5, 23, 24];

impl Blobs {
    fn at(place: Place) -> Self {
        Self { place: Arc::new(place), uploads: Shares::new(UPLOADS, UPLOADS_OF_ONE) }
    }

    /// Waits until there is room in memory for one more upload of a caller, and holds it. `whose` is his network address as
    /// callers are counted by.
    pub async fn turn_to_upload(&self, whose: u128) -> Result<Turn, BlobError> {
        self.uploads.take(whose).await.map_err(|_| BlobError::Stopped)
    }

    /// In a folder, which is made where there is none. Several nodes may share one. Blocks.
    pub fn in_folder(path: &Path) -> Result<Self, BlobError> {
        Ok(Self::at(Place::Folder(Folder::open(path)?)))
    }

    /// In a bucket: `s3://BUCKET/PREFIX`. `variables` are those of the usual tools (`AWS_ACCESS_KEY_ID`,
    /// `AWS_SECRET_ACCESS_KEY`, `AWS_REGION`, `AWS_ENDPOINT`, `AWS_ALLOW_HTTP`, …); others are left aside.
    pub fn in_bucket(
        address: &str,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, BlobError> {
        Ok(Self::at(Place::Bucket(Bucket::open(address, variables)?)))
    }

    /// Writes a blob. When this returns `Ok`, it survives a power cut.
    pub(crate) async fn put(&self, name: &str, bytes: Bytes) -> Result<(), BlobError> {
        match &*self.place {
            Place::Folder(folder) => folder.put(name, bytes).await,
            Place::Bucket(bucket) => bucket.put(name, bytes).await,
        }
    }

    /// Opens a blob; none where there is none of this name.
    pub(crate) async fn open(&self, name: &str) -> Result<Option<BlobReader>, BlobError> {
        match &*self.place {
            Place::Folder(folder) => folder.open_blob(name).await,
            Place::Bucket(bucket) => bucket.open_blob(name).await,
        }
    }

    /// Removes a blob, if there is one of this name.
    pub(crate) async fn remove(&self, name: &str) -> Result<(), BlobError> {
        match &*self.place {
            Place::Folder(folder) => folder.remove(name).await,
            Place::Bucket(bucket) => bucket.remove(name).await,
        }
    }

    /// Removes what uploads that were cut off have left half-written.
    pub(crate) async fn tidy(&self) -> Result<(), BlobError> {
        match &*self.place {
            Place::Folder(folder) => folder.tidy().await,
            // An object is whole or not at all.
            Place::Bucket(_) => Ok(()),
        }
    }
}
