//! Archives by their links, which clients follow without a token.

use mote_store::libraries as rows;
use mote_store::libraries::VersionRow;

use super::Download;
use super::library::{find, find_version, unknown};
use crate::blobs::{BlobId, BlobReader};
use crate::keys::{Digest, Purpose};
use crate::{Error, Mote};

/// Seconds that a link to a private archive works.
const LIFE: i64 = 60 * 60;

impl Mote {
    /// How to download a version that somebody may see. What is private is opened by a signature over the version's key
    /// and the end of the link's life, under a key that this server alone has; it opens that archive and nothing else.
    pub(super) fn link_to_archive(&self, version: &VersionRow) -> Download {
        if version.published_at > 0 {
            return Download::Open;
        }
        let expires = self.now().plus_seconds(LIFE).0 / 1000;
        Download::Signed { expires, signature: self.archive_signature(version.id, expires).to_hex() }
    }

    /// Opens the archive that a link leads to, and counts the download unless it is only looked at. Whether there is a
    /// private one that the link does not open is not said.
    pub async fn open_library_archive(
        &self,
        name: &str,
        version: &str,
        link: &Download,
        counted: bool,
    ) -> Result<BlobReader, Error> {
        let (name, number) = (name.to_owned(), version.to_owned());
        let (library, version, blob) = self
            .store()
            .read(move |db| -> Result<_, Error> {
                let library = find(db, &name)?;
                let version = find_version(db, library.id, &number)?;
                let blob = BlobId::of_digest(db, &version.digest)?;
                Ok((library.id, version, blob))
            })
            .await?;
        if version.published_at == 0 && !self.opens(link, version.id) {
            return Err(unknown());
        }
        let reader = self.open_blob(&blob).await?;
        if counted {
            self.store().write(move |db| rows::count_install(db, library)).await?;
        }
        Ok(reader)
    }

    fn opens(&self, link: &Download, version: i64) -> bool {
        let Download::Signed { expires, signature } = link else { return false };
        let living = self.now().0 / 1000 < *expires;
        let made = |shown: Digest| {
            let signed = signed(version, *expires);
            self.keys().digester.made(Purpose::LibraryArchive, &signed, &shown, self.now())
        };
        living && Digest::from_hex(signature).is_some_and(made)
    }

    fn archive_signature(&self, version: i64, expires: i64) -> Digest {
        self.keys().digester.digest(Purpose::LibraryArchive, &signed(version, expires))
    }
}

fn signed(version: i64, expires: i64) -> Vec<u8> {
    [version.to_be_bytes(), expires.to_be_bytes()].concat()
}
