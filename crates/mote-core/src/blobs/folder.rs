//! Blobs in a folder: each a file, written beside its place and renamed into it.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use bytes::Bytes;

use super::{BlobError, BlobReader};
use crate::keys::random;

/// The folder within for what is being written.
const UNFINISHED: &str = "unfinished";
/// What has been unfinished for so long will be so for good: no request takes that long.
const ABANDONED: Duration = Duration::from_hours(1);

#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
}

impl Folder {
    pub(super) fn open(path: &Path) -> Result<Self, BlobError> {
        make(path)?;
        make(&path.join(UNFINISHED))?;
        tidy(&path.join(UNFINISHED))?;
        Ok(Self { path: path.to_owned() })
    }

    pub(super) async fn put(&self, name: &str, bytes: Bytes) -> Result<(), BlobError> {
        let (folder, place) = (self.path.clone(), self.path.join(name));
        let mut salt = [0; 8];
        random::fill(&mut salt);
        let unfinished = self.path.join(UNFINISHED).join(format!("{name}.{}", hex::encode(salt)));
        blocking(move || {
            let written = write(&unfinished, &bytes).and_then(|()| fs::rename(&unfinished, &place));
            if let Err(error) = written {
                // The disk may be full: then at least of nothing half.
                let _ = fs::remove_file(&unfinished);
                return Err(error);
            }
            sync(&folder)
        })
        .await
    }

    pub(super) async fn open_blob(&self, name: &str) -> Result<Option<BlobReader>, BlobError> {
        let path = self.path.join(name);
        let opened = blocking(move || match File::open(path) {
            Ok(file) => file.metadata().map(|data| Some((file, data.len()))),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        });
        Ok(opened.await?.map(|(file, size)| BlobReader::of_file(file, size)))
    }

    pub(super) async fn remove(&self, name: &str) -> Result<(), BlobError> {
        let path = self.path.join(name);
        blocking(move || absent_is_well(fs::remove_file(path))).await
    }

    pub(super) async fn tidy(&self) -> Result<(), BlobError> {
        let unfinished = self.path.join(UNFINISHED);
        blocking(move || tidy(&unfinished)).await
    }
}

/// Runs what may block on a thread for it.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, BlobError> {
    Ok(tokio::task::spawn_blocking(work).await.map_err(|_| BlobError::Stopped)??)
}

/// Makes a folder that only its owner may read; its name survives a power cut.
fn make(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)?;
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => sync(parent),
        _ => sync(Path::new(".")),
    }
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Makes the names in a folder survive a power cut.
fn sync(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

fn tidy(unfinished: &Path) -> io::Result<()> {
    let now = SystemTime::now();
    for entry in fs::read_dir(unfinished)? {
        let entry = entry?;
        // Another node that shares the folder may have been quicker.
        let Ok(written) = entry.metadata().and_then(|data| data.modified()) else { continue };
        if now.duration_since(written).is_ok_and(|age| age > ABANDONED) {
            absent_is_well(fs::remove_file(entry.path()))?;
        }
    }
    Ok(())
}

fn absent_is_well(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(path: &Path) -> Vec<String> {
        let entries = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<_> = entries.map(|name| name.into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[tokio::test]
    async fn what_was_put_is_read_until_it_is_removed() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("a/blobs");
        let folder = Folder::open(&path).unwrap();
        let bytes = Bytes::from((0..200_000_u32).map(|n| n.to_le_bytes()[0]).collect::<Vec<_>>());
        for _ in 0..2 {
            folder.put("one", bytes.clone()).await.unwrap();
        }
        assert_eq!(names(&path), ["one", UNFINISHED]);
        assert_eq!(names(&path.join(UNFINISHED)), [""; 0]);
        let mut reader = folder.open_blob("one").await.unwrap().unwrap();
        assert_eq!(reader.size(), 200_000);
        let mut read = Vec::new();
        while let Some(chunk) = reader.next().await.unwrap() {
            read.extend(chunk);
        }
        assert_eq!(read, bytes);
        for _ in 0..2 {
            folder.remove("one").await.unwrap();
        }
        assert!(folder.open_blob("one").await.unwrap().is_none());
    }

    #[tokio::test]
    async fn a_folder_that_refuses_is_an_error_and_leaves_nothing() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::open(place.path()).unwrap();
        // Something that is no file stands in the blob's place.
        fs::create_dir_all(place.path().join("one/inner")).unwrap();
        assert!(folder.put("one", Bytes::from_static(b"x")).await.is_err());
        assert_eq!(names(&place.path().join(UNFINISHED)), [""; 0]);
    }

    #[tokio::test]
    async fn what_is_abandoned_is_tidied_and_nothing_else() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::open(place.path()).unwrap();
        let unfinished = place.path().join(UNFINISHED);
        for (name, age) in [("old", 7200), ("new", 60)] {
            let file = File::create(unfinished.join(name)).unwrap();
            file.set_modified(SystemTime::now() - Duration::from_secs(age)).unwrap();
        }
        folder.tidy().await.unwrap();
        assert_eq!(names(&unfinished), ["new"]);
        File::options()
            .write(true)
            .open(unfinished.join("new"))
            .unwrap()
            .set_modified(SystemTime::UNIX_EPOCH)
            .unwrap();
        Folder::open(place.path()).unwrap();
        assert_eq!(names(&unfinished), [""; 0]);
    }
}
