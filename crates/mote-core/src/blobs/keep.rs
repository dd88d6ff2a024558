//! Keeping blobs for as long as something needs them.

use std::fmt;

use bytes::Bytes;
use mote_store::Db;
use mote_store::blobs as rows;
use mote_store::blobs::BlobRow;

use super::{BlobError, BlobReader};
use crate::{Error, Mote};

/// How long a blob is kept that nothing needs, in milliseconds: longer than any upload takes, so that the row that is to
/// need it comes in time.
const GRACE: i64 = 60 * 60 * 1000;
/// Blobs that one sweep removes at most.
const BATCH: i64 = 20;

/// Names a blob.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BlobId {
    /// BLAKE3 of its bytes.
    digest: Vec<u8>,
    key: i64,
}

impl BlobId {
    pub(super) fn of_row(row: &BlobRow) -> Self {
        Self { digest: row.digest.clone(), key: row.key }
    }

    /// The blob of this digest.
    pub(crate) fn of_digest(db: &mut Db, digest: &[u8]) -> Result<Self, Error> {
        let gone = || Error::Internal(format!("there is no blob {}", hex::encode(digest)));
        Ok(Self::of_row(&rows::get(db, digest)?.ok_or_else(gone)?))
    }

    /// BLAKE3 of the bytes.
    #[must_use]
    pub fn digest(&self) -> &[u8] {
        &self.digest
    }
}

impl fmt::Display for BlobId {
    /// The name of its file or object.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:016x}", hex::encode(&self.digest), self.key)
    }
}

impl Mote {
    /// Writes a blob, unless the same bytes are kept already. It is kept for an hour from now on, and for as long as
    /// something needs it: whoever does says so by [`need`], in the transaction that makes his own row.
    pub(crate) async fn keep_blob(&self, bytes: Bytes) -> Result<BlobId, Error> {
        let now = self.now();
        let (size, key) = (i64::try_from(bytes.len()).unwrap_or(i64::MAX), self.new_key(now));
        let hashing = bytes.clone();
        let digest = tokio::task::spawn_blocking(move || blake3::hash(&hashing).as_bytes().to_vec());
        let digest = digest.await.map_err(|_| BlobError::Stopped)?;
        let row = self.store().write(move |db| rows::claim(db, &digest, key, size, now.0)).await?;
        let id = BlobId::of_row(&row);
        if !row.stored {
            self.blobs().put(&id.to_string(), bytes).await?;
        }
        Ok(id)
    }

    /// Opens a blob.
    pub async fn open_blob(&self, id: &BlobId) -> Result<BlobReader, Error> {
        let gone = || Error::Internal(format!("the blob {id} is gone from its place"));
        self.blobs().open(&id.to_string()).await?.ok_or_else(gone)
    }

    /// Removes some blobs that nothing needs, and what cut-off uploads left. True while there is more.
    pub(crate) async fn sweep_blobs(&self) -> Result<bool, Error> {
        self.blobs().tidy().await?;
        let before = self.now().0 - GRACE;
        // Renounced first, then removed, then forgotten: a sweep that is cut off is taken up by the next.
        let renounced = move |db: &mut Db| -> Result<Vec<(Vec<u8>, i64)>, Error> {
            rows::renounce(db, before, BATCH)?;
            Ok(rows::renounced(db, BATCH)?)
        };
        let renounced = self.store().write(renounced).await?;
        for (digest, key) in &renounced {
            let id = BlobId { digest: digest.clone(), key: *key };
            self.blobs().remove(&id.to_string()).await?;
            let key = *key;
            self.store().write(move |db| rows::forget(db, key)).await?;
        }
        Ok(!renounced.is_empty())
    }
}

/// Takes note, within a write, that one more row needs a blob that was just kept. Where the blob was swept meanwhile, the
/// caller is to try again.
pub(crate) fn need(db: &mut Db, id: &BlobId, now: i64) -> Result<(), Error> {
    if rows::need(db, &id.digest, id.key, now)? { Ok(()) } else { Err(Error::Busy) }
}

/// Takes note, within a write, that one row less needs a blob.
pub(crate) fn let_go(db: &mut Db, digest: &[u8], now: i64) -> Result<(), Error> {
    Ok(rows::let_go(db, digest, now)?)
}
