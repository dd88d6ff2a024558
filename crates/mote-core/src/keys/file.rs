//! Where the server's key comes from: a file that is its owner's alone, or a variable.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::{MalformedKey, ServerKey};

/// Bytes of a key's file that are looked at: what is longer holds something else, and is not worth reading whole.
const READ_AT_MOST: u64 = 4096;
/// Keys at a time: the one in use, and its successor.
const MOST: usize = 2;

/// Why a key could not be had from its file.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// It is not there.
    #[error("there is no server key at {}", .0.display())]
    Missing(PathBuf),
    /// Others than its owner may read it.
    #[error("others may read the server key {}: run `chmod 600 {}`", .0.display(), .0.display())]
    Exposed(PathBuf),
    /// It holds something else.
    #[error("{} does not hold a server key: {cause}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong with what it holds.
        cause: MalformedKey,
    },
    /// Another process is about to replace it.
    #[error("the server key {} is just being replaced by another process", .0.display())]
    Locked(PathBuf),
    /// The system refused.
    #[error("cannot use the server key {}: {cause}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
}

/// The key of a server as its owner keeps it. While it is being replaced, its successor stands beside it: the database says
/// which of the two is in use.
#[derive(Clone, Debug)]
pub struct ServerKeys {
    keys: Vec<ServerKey>,
    /// Where they were read; none for keys that came by variable.
    file: Option<PathBuf>,
}

impl From<&ServerKey> for ServerKeys {
    fn from(key: &ServerKey) -> Self {
        Self { keys: vec![key.clone()], file: None }
    }
}

impl ServerKeys {
    /// Reads one key or two, with white space or a comma between; of two, the second is the successor.
    pub fn parse(text: &str) -> Result<Self, MalformedKey> {
        let words = text.split(|c: char| c.is_whitespace() || c == ',').filter(|word| !word.is_empty());
        let keys: Vec<ServerKey> = words.map(str::parse).collect::<Result<_, _>>()?;
        match keys.len() {
            0 => Err(MalformedKey::Empty),
            1..=MOST => Ok(Self { keys, file: None }),
            _ => Err(MalformedKey::TooMany(MOST)),
        }
    }

    /// Reads a file that only its owner may read.
    pub fn load(path: &Path) -> Result<Self, KeyFileError> {
        let io = |cause: io::Error| match cause.kind() {
            io::ErrorKind::NotFound => KeyFileError::Missing(path.into()),
            _ => KeyFileError::Io { path: path.into(), cause },
        };
        let file = File::open(path).map_err(io)?;
        // The open file is asked, not the path, which might name another file by the time it is read.
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            if file.metadata().map_err(io)?.permissions().mode() & 0o077 != 0 {
                return Err(KeyFileError::Exposed(path.into()));
            }
        }
        let malformed = |cause| KeyFileError::Malformed { path: path.into(), cause };
        let mut bytes = Zeroizing::new(Vec::with_capacity(256));
        file.take(READ_AT_MOST + 1).read_to_end(&mut bytes).map_err(io)?;
        if bytes.len() as u64 > READ_AT_MOST {
            return Err(malformed(MalformedKey::NotText));
        }
        let text = std::str::from_utf8(&bytes).map_err(|_| malformed(MalformedKey::NotText))?;
        Ok(Self { file: Some(path.into()), ..Self::parse(text).map_err(malformed)? })
    }

    /// A new key in a file that must not be there yet.
    pub fn create(path: &Path) -> Result<Self, KeyFileError> {
        let keys = Self { keys: vec![ServerKey::generate()], file: Some(path.into()) };
        // A link, unlike a rename, refuses to replace a key that came there meanwhile.
        keys.write(path, |part, path| fs::hard_link(part, path))?;
        Ok(keys)
    }

    /// The same keys as they stand in their file now; those of a variable stay as they are for as long as a process runs.
    pub fn reload(&self) -> Result<Self, KeyFileError> {
        self.file.as_deref().map_or_else(|| Ok(self.clone()), Self::load)
    }

    /// The keys: the one in use, or the one and its successor.
    #[must_use]
    pub fn all(&self) -> &[ServerKey] {
        &self.keys
    }

    /// Puts these keys into the place of what the file holds, whole or not at all; it stays its owner's.
    pub fn replace(&self, keys: Vec<ServerKey>) -> Result<Self, KeyFileError> {
        let replaced = Self { keys, file: self.file.clone() };
        let Some(path) = &self.file else { return Ok(replaced) };
        // Where the path is a link, what it leads to is replaced, and not the link.
        let real = fs::canonicalize(path).map_err(|cause| KeyFileError::Io { path: path.into(), cause })?;
        replaced.write(&real, |part, path| {
            #[cfg(unix)]
            {
                use std::os::unix::fs::MetadataExt;
                let owner = fs::metadata(path)?;
                std::os::unix::fs::chown(part, Some(owner.uid()), Some(owner.gid()))?;
            }
            fs::rename(part, path)
        })?;
        Ok(replaced)
    }

    /// Keeps other processes from replacing the file until what this gives is dropped; nothing where there is no file.
    pub fn lock(&self) -> Result<Option<KeyFileLock>, KeyFileError> {
        let Some(path) = &self.file else { return Ok(None) };
        let failed = |cause| KeyFileError::Io { path: path.into(), cause };
        let real = fs::canonicalize(path).map_err(failed)?;
        // The folder is locked: the file itself is another one after it was replaced.
        let folder = File::open(folder(&real)).map_err(failed)?;
        match folder.try_lock() {
            Ok(()) => Ok(Some(KeyFileLock(folder))),
            Err(fs::TryLockError::WouldBlock) => Err(KeyFileError::Locked(path.into())),
            Err(fs::TryLockError::Error(cause)) => Err(failed(cause)),
        }
    }

    fn write(
        &self,
        path: &Path,
        publish: impl FnOnce(&Path, &Path) -> io::Result<()>,
    ) -> Result<(), KeyFileError> {
        let mut text = Zeroizing::new(String::with_capacity(256));
        for key in &self.keys {
            text.push_str(&key.to_hex());
            text.push('\n');
        }
        let mut random = [0; 8];
        crate::keys::random::fill(&mut random);
        let part = path.with_extension(format!("part-{}", hex::encode(random)));
        let write = || -> io::Result<()> {
            let mut options = OpenOptions::new();
            // A new file, or none: what lies under that name may be a link, or be open to others already.
            options.write(true).create_new(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let mut file = options.open(&part)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            publish(&part, path)?;
            File::open(folder(path))?.sync_all()
        };
        let done = write();
        let _ = fs::remove_file(&part);
        done.map_err(|cause| KeyFileError::Io { path: path.into(), cause })
    }
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Held by whoever replaces the key in a file.
#[derive(Debug)]
pub struct KeyFileLock(#[expect(dead_code, reason = "it is held, not read")] File);

#[cfg(test)]
mod tests;
