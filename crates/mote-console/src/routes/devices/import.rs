//! Devices added to a product: pasted, from a file, or both.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use mote_core::Mote;
use mote_core::authorization::table::DevicesImport;
use mote_core::devices::{Import, Imported, MOST_IMPORTED};
use serde::Deserialize;

use super::TAB;
use crate::access::OfProduct;
use crate::failure::{Failure, to_tell};
use crate::form::FileForm;
use crate::frames::ProductFrame;
use crate::page::{Shell, page};
use crate::session::Person;

/// Device IDs to add, if they are pasted.
#[derive(Deserialize)]
pub(in crate::routes) struct ImportFields {
    #[serde(default)]
    ids: String,
    claim_user: Option<String>,
}

/// The IDs that are pasted and those in the file: one more than may be imported at most.
fn ids_of(pasted: &str, file: &[u8]) -> Vec<String> {
    // What is no text has no IDs in it; each such line is refused by name.
    let in_file = String::from_utf8_lossy(file);
    let between = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '\u{feff}');
    let parts = pasted.split(between).chain(in_file.split(between));
    parts.filter(|part| !part.is_empty()).take(MOST_IMPORTED + 1).map(str::to_owned).collect()
}

#[derive(Template)]
#[template(path = "devices_import.html")]
struct ImportPage {
    shell: Shell,
    frame: ProductFrame,
    imported: Option<Imported>,
}

/// Refused IDs that are shown; the count says how many there are.
const MOST_SHOWN: usize = 200;

/// `GET /products/{product}/devices/import`
pub(in crate::routes) async fn ask(
    State(mote): State<Mote>,
    person: Person,
    OfProduct(access): OfProduct<DevicesImport>,
) -> Result<Response, Failure> {
    let (shell, frame) = ProductFrame::new(&mote, &person, &access, TAB).await?;
    Ok(page(&ImportPage { shell, frame, imported: None }))
}

/// `POST /products/{product}/devices/import`
pub(in crate::routes) async fn import(
    State(mote): State<Mote>,
    person: Person,
    OfProduct(access): OfProduct<DevicesImport>,
    FileForm { file, fields, turn }: FileForm<ImportFields>,
) -> Result<Response, Failure> {
    let ids = ids_of(&fields.ids, &file.map(|file| file.bytes).unwrap_or_default());
    drop(turn);
    let nothing = ids.is_empty();
    let claim_user = fields.claim_user.filter(|user| !user.trim().is_empty());
    let done = mote.import_devices(&access, Import { ids, claim_user, ..Import::default() }).await;
    let (shell, frame) = ProductFrame::new(&mote, &person, &access, TAB).await?;
    match done {
        Ok(imported) => Ok(page(&ImportPage { shell, frame, imported: Some(imported) })),
        Err(error) => {
            let refused = if nothing {
                "Give at least one device ID: paste them, or choose a file with one a line.".to_owned()
            } else {
                to_tell(error)?
            };
            Ok(page(&ImportPage { shell: shell.with_refused(Some(refused)), frame, imported: None }))
        }
    }
}
