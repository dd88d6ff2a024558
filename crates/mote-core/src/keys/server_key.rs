//! The server's key and the file it is kept in.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// 32 random bytes on which everything secret in the database depends.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct ServerKey([u8; 32]);

impl std::fmt::Debug for ServerKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ServerKey(…)")
    }
}

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
    #[error("{} does not hold a server key: it must be 64 hex digits", .0.display())]
    Malformed(PathBuf),
    /// The system refused.
    #[error("cannot use the server key {}: {cause}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
}

impl ServerKey {
    /// A new one.
    #[must_use]
    pub fn generate() -> Self {
        let mut bytes = [0; 32];
        crate::keys::random::fill(&mut bytes);
        Self(bytes)
    }

    /// Reads 64 hex digits; white space around them does not count.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text.trim(), &mut bytes).ok()?;
        Some(Self(bytes))
    }

    /// Reads the key in a file that only its owner may read.
    pub fn load(path: &Path) -> Result<Self, KeyFileError> {
        let io = |cause: io::Error| match cause.kind() {
            io::ErrorKind::NotFound => KeyFileError::Missing(path.into()),
            _ => KeyFileError::Io { path: path.into(), cause },
        };
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            if fs::metadata(path).map_err(io)?.permissions().mode() & 0o077 != 0 {
                return Err(KeyFileError::Exposed(path.into()));
            }
        }
        let text = Zeroizing::new(fs::read(path).map_err(io)?);
        let text = std::str::from_utf8(&text).map_err(|_| KeyFileError::Malformed(path.into()))?;
        Self::from_hex(text).ok_or_else(|| KeyFileError::Malformed(path.into()))
    }

    /// Writes the key to a file that must not be there yet, readable by its owner only, whole or not at all.
    pub fn create(&self, path: &Path) -> Result<(), KeyFileError> {
        let text = Zeroizing::new(format!("{}\n", Zeroizing::new(hex::encode(self.0)).as_str()));
        let part = path.with_extension(format!("part-{}", std::process::id()));
        let write = || -> io::Result<()> {
            let mut options = OpenOptions::new();
            options.write(true).create(true).truncate(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let mut file = options.open(&part)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            // A link, unlike a rename, refuses to replace a key that came there meanwhile.
            fs::hard_link(&part, path)?;
            File::open(path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")))?
                .sync_all()
        };
        let done = write();
        let _ = fs::remove_file(&part);
        done.map_err(|cause| KeyFileError::Io { path: path.into(), cause })
    }

    /// A value to keep in the database: the same for the same key, and no help in finding it.
    #[must_use]
    pub fn key_check(&self) -> [u8; 16] {
        let derived = Zeroizing::new(self.derive("key check", ""));
        let mut check = [0; 16];
        check.copy_from_slice(&derived[..16]);
        check
    }

    /// A key of its own for each use.
    pub(super) fn derive(&self, use_: &str, purpose: &str) -> [u8; 32] {
        blake3::derive_key(&format!("mote 2026 {use_} {purpose}"), &self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_comes_back_from_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("server.key");
        assert!(matches!(ServerKey::load(&path), Err(KeyFileError::Missing(_))));
        let key = ServerKey::generate();
        key.create(&path).unwrap();
        assert_eq!(ServerKey::load(&path).unwrap().0, key.0);
        assert!(ServerKey::generate().create(&path).is_err(), "a key is never overwritten");
        assert_eq!(ServerKey::load(&path).unwrap().0, key.0);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_key_that_others_may_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("server.key");
        ServerKey::generate().create(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(ServerKey::load(&path).unwrap_err().to_string().contains("chmod 600"));
    }

    #[test]
    fn what_is_no_key_is_named_as_such() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("server.key");
        ServerKey::generate().create(&path).unwrap();
        fs::write(&path, "0123").unwrap();
        assert!(matches!(ServerKey::load(&path), Err(KeyFileError::Malformed(_))));
    }
}
