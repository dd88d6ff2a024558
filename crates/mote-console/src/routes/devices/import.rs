//! Devices added to a product: pasted, from a file, or both.

use askama::Template;
use axum::extract::{FromRequest, Request, State};
use axum::response::Response;
use mote_api::body::UploadForm;
use mote_core::Mote;
use mote_core::authorization::table::DevicesImport;
use mote_core::devices::{Import, Imported};
use serde::Deserialize;

use super::TAB;
use crate::access::OfProduct;
use crate::failure::{Failure, to_tell};
use crate::form;
use crate::frames::ProductFrame;
use crate::page::{Shell, page};
use crate::session::Person;

/// Device IDs to add: pasted, in a file, or both.
pub(in crate::routes) struct ImportForm {
    ids: Vec<String>,
    claim_user: Option<String>,
}

#[derive(Deserialize)]
struct ImportFields {
    form_token: Option<String>,
    #[serde(default)]
    ids: String,
    claim_user: Option<String>,
}

impl FromRequest<Mote> for ImportForm {
    type Rejection = Failure;

    async fn from_request(request: Request, mote: &Mote) -> Result<Self, Failure> {
        let headers = request.headers().clone();
        let form = UploadForm::<ImportFields>::read(request, &["file"]).await;
        let form = form.map_err(|_| Failure::Malformed)?;
        form::check(&headers, mote, form.fields.form_token.as_deref()).await?;
        let file = form.file.map(|file| file.bytes).unwrap_or_default();
        // What is no text has no IDs in it; each such line is refused by name.
        let text = format!("{}\n{}", form.fields.ids, String::from_utf8_lossy(&file));
        let parts = text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '\u{feff}'));
        let ids = parts.filter(|part| !part.is_empty()).map(str::to_owned).collect();
        let claim_user = form.fields.claim_user.filter(|user| !user.trim().is_empty());
        Ok(Self { ids, claim_user })
    }
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
    form: ImportForm,
) -> Result<Response, Failure> {
    let nothing = form.ids.is_empty();
    let done = mote.import_devices(&access, Import { ids: form.ids, claim_user: form.claim_user }).await;
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
