//! Changing and deleting firmware.

use mote_store::firmware as rows;

use super::Firmware;
use super::version::unknown;
use crate::audit::{Action, Entry};
use crate::authorization::ProductAccess;
use crate::authorization::table::{FirmwareRemove, FirmwareUpdate};
use crate::{Error, Mote, ProductId, blobs};

/// Characters of a title at most.
const LONGEST_TITLE: usize = 200;
/// Characters of a description at most.
const LONGEST_DESCRIPTION: usize = 4000;

/// What is to be changed of a version. Its binary stays.
#[derive(Debug, Default)]
pub struct FirmwareChange {
    /// New title.
    pub title: Option<String>,
    /// New description.
    pub description: Option<String>,
    /// Whether updates that pass it are to stop at it.
    pub mandatory: Option<bool>,
}

impl Mote {
    /// Changes what is said of a version.
    pub async fn update_firmware(
        &self,
        access: &ProductAccess<FirmwareUpdate>,
        version: i32,
        change: FirmwareChange,
    ) -> Result<Firmware, Error> {
        if change.title.is_none() && change.description.is_none() && change.mandatory.is_none() {
            return Err(Error::invalid("title", "description or mandatory is needed: what is to be changed"));
        }
        let title = change.title.map(checked_title).transpose()?;
        let description = change.description.map(checked_description).transpose()?;
        let (product, now, recorder) = (access.product().id, self.now(), self.recorder(access.caller()));
        self.store()
            .write(move |db| -> Result<(), Error> {
                let (mut row, _) = rows::get(db, product.0, version)?.ok_or_else(unknown)?;
                row.title = title.clone().unwrap_or(row.title);
                row.description = description.clone().unwrap_or(row.description);
                row.mandatory = change.mandatory.unwrap_or(row.mandatory);
                row.updated_at = now.0;
                recorder.record(db, entry(Action::FirmwareUpdated, product, version, &row.title))?;
                Ok(rows::update(db, &row)?)
            })
            .await?;
        self.load_firmware(product, version).await
    }

    /// Deletes a version that was never released, and that no device is locked to.
    pub async fn delete_firmware(
        &self,
        access: &ProductAccess<FirmwareRemove>,
        version: i32,
    ) -> Result<(), Error> {
        let (product, now, recorder) = (access.product().id, self.now(), self.recorder(access.caller()));
        self.store()
            .write(move |db| -> Result<(), Error> {
                let (row, _) = rows::get(db, product.0, version)?.ok_or_else(unknown)?;
                if row.released_at.is_some() {
                    let text = "was released, and stays: only what was never released can be deleted";
                    return Err(Error::Conflict(format!("Version {version} {text}")));
                }
                let locked = rows::locked(db, product.0, version)?;
                if locked > 0 {
                    let text = format!("{locked} devices are locked to version {version}; unlock them first");
                    return Err(Error::Conflict(text));
                }
                recorder.record(db, entry(Action::FirmwareDeleted, product, version, &row.title))?;
                rows::delete(db, row.id)?;
                blobs::let_go(db, &row.digest, now.0)
            })
            .await
    }
}

/// That something was done to a version of firmware.
pub(super) fn entry(action: Action, product: ProductId, version: i32, title: &str) -> Entry {
    Entry::new(action, version, title).of(product)
}

pub(super) fn checked_title(text: String) -> Result<String, Error> {
    let fits =
        (1..=LONGEST_TITLE).contains(&text.trim().chars().count()) && !text.chars().any(char::is_control);
    let wrong = || Error::invalid("title", format!("is 1 to {LONGEST_TITLE} characters of text"));
    if fits { Ok(text) } else { Err(wrong()) }
}

pub(super) fn checked_description(text: String) -> Result<String, Error> {
    let fits = text.chars().count() <= LONGEST_DESCRIPTION && !text.contains('\0');
    let wrong =
        || Error::invalid("description", format!("is text of {LONGEST_DESCRIPTION} characters at most"));
    if fits { Ok(text) } else { Err(wrong()) }
}
