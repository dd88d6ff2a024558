//! Uploading firmware.

use bytes::Bytes;
use mote_store::firmware as rows;
use mote_store::firmware::FirmwareRow;
use mote_store::{Db, api_users, clients};

use super::Firmware;
use super::change::{checked_description, checked_title, entry};
use super::check::check;
use crate::audit::Action;
use crate::authorization::ProductAccess;
use crate::authorization::table::FirmwareCreate;
use crate::blobs::need;
use crate::spaces::still_there;
use crate::tokens::{Grant, Holder};
use crate::{Error, Mote, ProductId};

/// Versions of a product at most: bounds its list, which the API gives whole.
const MOST_VERSIONS: i64 = 1000;
/// The largest version: 65535 stands for none in a binary.
const LARGEST_VERSION: i64 = 65_534;
/// Characters of a file's name that are kept.
const LONGEST_NAME: usize = 128;

/// Firmware that is to be uploaded.
#[derive(Debug)]
pub struct NewFirmware {
    /// Version, which the binary must have too.
    pub version: i64,
    /// Title.
    pub title: String,
    /// Description.
    pub description: Option<String>,
    /// Whether updates that pass it are to stop at it.
    pub mandatory: bool,
    /// What the file is called; may be a path, of which only the last part is kept.
    pub file_name: Option<String>,
    /// The binary.
    pub file: Bytes,
}

impl Mote {
    /// Uploads firmware of the product. When this returns `Ok`, the same bytes can be downloaded for as long as it is not
    /// deleted.
    pub async fn upload_firmware(
        &self,
        access: &ProductAccess<FirmwareCreate>,
        new: NewFirmware,
    ) -> Result<Firmware, Error> {
        let version = version_number(new.version)?;
        let title = checked_title(new.title)?;
        let description = checked_description(new.description.unwrap_or_default())?;
        let size = i64::try_from(new.file.len()).unwrap_or(i64::MAX);
        let product = access.product().id;
        // Refused before anything is written; asked again when it counts.
        self.store().read(move |db| has_room(db, product, version)).await?;
        let (bytes, of) = (new.file.clone(), access.product().clone());
        let checked = tokio::task::spawn_blocking(move || check(&bytes, &of, version)).await;
        checked.map_err(|_| Error::Internal("the check of a binary ended early".into()))??;

        let blob = self.keep_blob(new.file).await?;
        let (uploader_id, uploader_name) = self.uploader(access.grant()).await?;
        let (now, recorder) = (self.now(), self.recorder(access.caller()));
        let row = FirmwareRow {
            id: self.new_key(now),
            product_id: product.0,
            version,
            title,
            description,
            file_name: file_name(new.file_name.as_deref()),
            size,
            digest: blob.digest().to_vec(),
            mandatory: new.mandatory,
            intelligent: false,
            uploader_id,
            uploader_name,
            released_at: None,
            created_at: now.0,
            updated_at: now.0,
        };
        self.store()
            .write(move |db| -> Result<(), Error> {
                still_there(db, product.into())?;
                has_room(db, product, version)?;
                need(db, &blob, now.0)?;
                let entry = entry(Action::FirmwareUploaded, product, version, &row.title);
                recorder.record(db, entry.with("sha256", hex::encode(&row.digest)))?;
                Ok(rows::insert(db, &row)?)
            })
            .await?;
        self.load_firmware(product, version).await
    }

    /// Who uploads, for those who look at it later: an account, or else the name of an API user or an OAuth client.
    async fn uploader(&self, grant: &Grant) -> Result<(Option<i64>, Option<String>), Error> {
        let client = grant.client.0;
        let name = match grant.holder() {
            Holder::User(account) | Holder::Console(account) => return Ok((Some(account.0), None)),
            Holder::ApiUser(id, _) => {
                let found = self.store().read(move |db| api_users::get(db, id.0)).await?;
                found.map(|row| row.username)
            }
            Holder::Product(_) | Holder::Customer(..) => {
                let found = self.store().read(move |db| clients::get(db, client)).await?;
                found.map(|row| row.client_id)
            }
        };
        Ok((None, name))
    }
}

/// Reads a version number.
pub(super) fn version_number(number: i64) -> Result<i32, Error> {
    let fits = (0..=LARGEST_VERSION).contains(&number);
    let wrong = || Error::invalid("version", format!("is a whole number from 0 to {LARGEST_VERSION}"));
    i32::try_from(number).ok().filter(|_| fits).ok_or_else(wrong)
}

fn has_room(db: &mut Db, product: ProductId, version: i32) -> Result<(), Error> {
    if rows::get(db, product.0, version)?.is_some() {
        return Err(Error::Conflict(format!("There is firmware of version {version} already")));
    }
    if rows::count(db, product.0)? >= MOST_VERSIONS {
        let text = format!("There are {MOST_VERSIONS} versions already, which is the most; delete one first");
        return Err(Error::Conflict(text));
    }
    Ok(())
}

/// The last part of what may be a path, without what cannot be shown.
fn file_name(sent: Option<&str>) -> String {
    let last = sent.unwrap_or_default().rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String = last.chars().filter(|c| !c.is_control() && *c != '"').take(LONGEST_NAME).collect();
    match plain.trim() {
        "" | "." | ".." => "firmware.bin".into(),
        name => name.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_path_the_last_part_is_kept() {
        for (sent, kept) in [
            (None, "firmware.bin"),
            (Some("boron-1.bin"), "boron-1.bin"),
            (Some("/etc/passwd"), "passwd"),
            (Some("C:\\work\\my app.bin"), "my app.bin"),
            (Some("../.."), "firmware.bin"),
            (Some("a\"b\r\nc.bin"), "abc.bin"),
            (Some("dir/"), "firmware.bin"),
        ] {
            assert_eq!(file_name(sent), kept, "{sent:?}");
        }
        assert_eq!(file_name(Some(&"x".repeat(500))).len(), LONGEST_NAME);
    }
}
