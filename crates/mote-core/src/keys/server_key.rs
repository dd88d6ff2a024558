//! The server's key and the file it is kept in.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// 32 random bytes on which everything secret in the database depends.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct ServerKey([u8; 32]);

impl std::fmt::Debug for ServerKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ServerKey(…)")
    }
}

/// Hex digits of a key.
const DIGITS: usize = 64;
/// Bytes of a key's file that are looked at: what is longer holds something else, and is not worth reading whole.
const READ_AT_MOST: u64 = 4096;

/// Why a text is no key. Says where to look, and never what stands there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MalformedKey {
    /// Nothing, or white space alone.
    #[error("it is empty; a key is {DIGITS} hex digits")]
    Empty,
    /// Hex digits, too few or too many.
    #[error("it has {0} hex digits; a key has {DIGITS}")]
    Length(
        /// How many there are.
        usize,
    ),
    /// Something that is no hex digit.
    #[error("character {0} is not a hex digit; a key is {DIGITS} of them")]
    NotHex(
        /// Which character, counted from 1, white space before the key left out.
        usize,
    ),
    /// More than any key, or bytes that are no text.
    #[error("it is not text of {DIGITS} hex digits")]
    NotText,
}

impl FromStr for ServerKey {
    type Err = MalformedKey;

    fn from_str(text: &str) -> Result<Self, MalformedKey> {
        let text = text.trim();
        if text.is_empty() {
            return Err(MalformedKey::Empty);
        }
        if let Some(at) = text.chars().position(|c| !c.is_ascii_hexdigit()) {
            return Err(MalformedKey::NotHex(at + 1));
        }
        let mut key = Self([0; 32]);
        hex::decode_to_slice(text, &mut key.0).map_err(|_| MalformedKey::Length(text.len()))?;
        Ok(key)
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
    #[error("{} does not hold a server key: {cause}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong with what it holds.
        cause: MalformedKey,
    },
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

    /// Reads 64 hex digits; white space around them does not count. `text.parse()` does the same and says what is wrong.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    /// The 64 digits, for the key's file and nothing else.
    #[must_use]
    pub fn to_hex(&self) -> Zeroizing<String> {
        Zeroizing::new(hex::encode(self.0))
    }

    /// Reads the key in a file that only its owner may read.
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
        let mut bytes = Zeroizing::new(Vec::with_capacity(128));
        file.take(READ_AT_MOST + 1).read_to_end(&mut bytes).map_err(io)?;
        if bytes.len() as u64 > READ_AT_MOST {
            return Err(malformed(MalformedKey::NotText));
        }
        let text = std::str::from_utf8(&bytes).map_err(|_| malformed(MalformedKey::NotText))?;
        text.parse().map_err(malformed)
    }

    /// Writes the key to a file that must not be there yet, readable by its owner only, whole or not at all.
    pub fn create(&self, path: &Path) -> Result<(), KeyFileError> {
        let text = Zeroizing::new(format!("{}\n", *self.to_hex()));
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
    pub(crate) fn derive(&self, use_: &str, purpose: &str) -> [u8; 32] {
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
        let long = "0".repeat(5000);
        for (text, why) in [
            ("", "it is empty"),
            (" \n", "it is empty"),
            ("0123\n", "it has 4 hex digits; a key has 64"),
            ("01:23", "character 3 is not a hex digit"),
            (&long, "it is not text"),
        ] {
            fs::write(&path, text).unwrap();
            let error = ServerKey::load(&path).unwrap_err();
            assert!(matches!(error, KeyFileError::Malformed { .. }));
            assert!(error.to_string().contains(why), "{error}");
            assert!(error.to_string().contains(path.to_str().unwrap()), "{error}");
        }
        fs::write(&path, [0xff; 64]).unwrap();
        assert!(ServerKey::load(&path).unwrap_err().to_string().contains("it is not text"));
    }

    #[test]
    fn a_key_reads_as_it_was_written_and_never_prints() {
        let key = ServerKey::generate();
        assert_eq!(key.to_hex().len(), DIGITS);
        assert_eq!(ServerKey::from_hex(&format!(" {}\r\n", *key.to_hex())).unwrap().0, key.0);
        assert_eq!(ServerKey::from_hex(&key.to_hex().to_uppercase()).unwrap().0, key.0);
        assert!(!format!("{key:?}").contains(&key.to_hex()[..8]));
    }

    /// The database of an earlier release must go on being readable: these may never change.
    #[test]
    fn what_is_derived_stays_the_same() {
        let key = ServerKey::from_hex(&"01".repeat(32)).unwrap();
        assert_eq!(hex::encode(key.key_check()), "520763f5f38bad3e96ce88f253358a41");
        assert_ne!(key.key_check(), ServerKey::from_hex(&"02".repeat(32)).unwrap().key_check());
        assert_ne!(key.derive("digest", "totp"), key.derive("seal", "totp"));
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic_or_is_repeated(text in ".*") {
            if let Err(error) = text.parse::<ServerKey>() {
                proptest::prop_assert!(text.len() < 12 || !error.to_string().contains(&text));
            }
        }
    }
}
