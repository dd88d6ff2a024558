//! A blob, piece by piece.

use std::fs::File;
use std::future::poll_fn;
use std::pin::Pin;

use bytes::Bytes;
use futures_core::Stream;
use tokio::io::AsyncReadExt;

use super::BlobError;

/// Bytes of a piece at most.
const PIECE: usize = 64 * 1024;

type Pieces = Pin<Box<dyn Stream<Item = object_store::Result<Bytes>> + Send>>;

/// Reads a blob piece by piece, so that one that is slowly fetched costs little memory.
pub struct BlobReader {
    size: u64,
    source: Source,
}

enum Source {
    File(tokio::fs::File),
    Bucket(Pieces),
}

impl std::fmt::Debug for BlobReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BlobReader").field("size", &self.size).finish_non_exhaustive()
    }
}

impl BlobReader {
    pub(super) fn of_file(file: File, size: u64) -> Self {
        Self { size, source: Source::File(tokio::fs::File::from_std(file)) }
    }

    pub(super) fn of_bucket(size: u64, pieces: Pieces) -> Self {
        Self { size, source: Source::Bucket(pieces) }
    }

    /// Bytes of the whole.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The next piece; none at the end.
    pub async fn next(&mut self) -> Result<Option<Bytes>, BlobError> {
        match &mut self.source {
            Source::File(file) => {
                let mut piece = Vec::with_capacity(PIECE);
                let read = file.take(PIECE as u64).read_to_end(&mut piece).await?;
                Ok((read > 0).then(|| piece.into()))
            }
            Source::Bucket(pieces) => {
                Ok(poll_fn(|context| pieces.as_mut().poll_next(context)).await.transpose()?)
            }
        }
    }
}
