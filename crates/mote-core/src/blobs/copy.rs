//! Copies of all blobs that something needs, for backups.

use std::path::Path;

use mote_store::blobs as rows;

use super::{BlobError, BlobId};
use crate::{Error, Mote};

/// Blobs that are looked up at a time.
const BATCH: i64 = 500;

impl Mote {
    /// Copies every blob that something needs into another place, and proves each copy by its digest. `tell` hears how many
    /// are done. How many there were.
    ///
    /// Fails with [`Error::NotFound`] where one is gone from `from`, or is not what it was.
    pub async fn copy_blobs(
        &self,
        from: &Path,
        into: &Path,
        mut tell: impl FnMut(usize),
    ) -> Result<usize, Error> {
        let (mut after, mut done) = (Vec::new(), 0);
        loop {
            let seen = after.clone();
            let found = self.store().read(move |db| rows::needed_after(db, &seen, BATCH)).await?;
            let Some(last) = found.last() else { return Ok(done) };
            after.clone_from(&last.digest);
            for row in &found {
                let id = BlobId::of_row(row);
                let (from, into) = (from.join(id.to_string()), into.join(id.to_string()));
                let digest = row.digest.clone();
                let copied = tokio::task::spawn_blocking(move || copy(&from, &into, &digest));
                copied
                    .await
                    .map_err(|_| BlobError::Stopped)?
                    .map_err(|e| Error::NotFound(format!("the binary {id} cannot be copied: {e}")))?;
                done += 1;
                tell(done);
            }
        }
    }
}

fn copy(from: &Path, into: &Path, digest: &[u8]) -> std::io::Result<()> {
    std::fs::copy(from, into)?;
    let copy = std::fs::File::open(into)?;
    copy.sync_all()?;
    let mut hasher = blake3::Hasher::new();
    std::io::copy(&mut std::io::BufReader::new(copy), &mut hasher)?;
    if hasher.finalize().as_bytes()[..] == *digest {
        Ok(())
    } else {
        Err(std::io::Error::other("it is not what it was when it was kept"))
    }
}
