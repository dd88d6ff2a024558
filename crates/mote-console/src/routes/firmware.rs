//! The firmware of a product: uploaded, released, taken back.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use mote_core::authorization::ProductAccess;
use mote_core::authorization::table::{FirmwareCreate, FirmwareList, FirmwareRelease, FirmwareRemove};
use mote_core::firmware::{Firmware, NewFirmware, Release};
use mote_core::{Error, Mote};
use serde::Deserialize;

use crate::access::OfProduct;
use crate::address::{Path, Query};
use crate::failure::{Failure, to_tell};
use crate::form::{FileForm, Form, Nothing};
use crate::frames::ProductFrame;
use crate::page::{Done, Shell, page};
use crate::session::Person;

const TAB: &str = "Firmware";

#[derive(Template)]
#[template(path = "firmware.html")]
struct FirmwarePage {
    shell: Shell,
    frame: ProductFrame,
    versions: Vec<Firmware>,
    may_not_upload: Option<String>,
    may_not_release: Option<String>,
    may_not_remove: Option<String>,
}

async fn firmware_page(
    mote: &Mote,
    person: &Person,
    access: &ProductAccess<FirmwareList>,
    done: Option<&str>,
    refused: Option<String>,
) -> Result<Response, Failure> {
    let (shell, frame) = ProductFrame::new(mote, person, access, TAB).await?;
    let shell = shell.with_done(done).with_refused(refused);
    let versions = mote.list_firmware(access).await?;
    let (may_not_upload, may_not_release, may_not_remove) = (
        frame.why_not::<FirmwareCreate>(),
        frame.why_not::<FirmwareRelease>(),
        frame.why_not::<FirmwareRemove>(),
    );
    Ok(page(&FirmwarePage { shell, frame, versions, may_not_upload, may_not_release, may_not_remove }))
}

/// `GET /products/{product}/firmware`
pub(super) async fn list(
    State(mote): State<Mote>,
    person: Person,
    OfProduct(access): OfProduct<FirmwareList>,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    firmware_page(&mote, &person, &access, done.done.as_deref(), None).await
}

/// Back to the list, with what came of it.
async fn after<T>(
    mote: &Mote,
    person: &Person,
    looking: &ProductAccess<FirmwareList>,
    done: &str,
    result: Result<T, Error>,
) -> Result<Response, Failure> {
    match result {
        Ok(_) => {
            let slug = &looking.product().slug;
            Ok(Redirect::to(&format!("/products/{slug}/firmware?done={done}")).into_response())
        }
        Err(error) => firmware_page(mote, person, looking, None, Some(to_tell(error)?)).await,
    }
}

/// What is said of a binary.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Fields {
    version: String,
    title: String,
    description: String,
    mandatory: Option<String>,
}

/// `POST /products/{product}/firmware`
pub(super) async fn upload(
    State(mote): State<Mote>,
    person: Person,
    OfProduct(access): OfProduct<FirmwareCreate>,
    OfProduct(looking): OfProduct<FirmwareList>,
    FileForm { file, fields, turn: _turn }: FileForm<Fields>,
) -> Result<Response, Failure> {
    let new = NewFirmware {
        // What is no number is no version.
        version: fields.version.trim().parse().unwrap_or(-1),
        title: fields.title,
        description: Some(fields.description),
        mandatory: fields.mandatory.is_some(),
        file_name: file.as_ref().and_then(|file| file.name.clone()),
        file: file.map(|file| file.bytes).unwrap_or_default(),
    };
    let uploaded = mote.upload_firmware(&access, new).await;
    after(&mote, &person, &looking, "saved", uploaded).await
}

/// The parameters of a version's path.
#[derive(Deserialize)]
pub(super) struct Named {
    version: i32,
}

/// To whom a version is released; a box that is not ticked is not sent.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct To {
    everybody: Option<String>,
    groups: Vec<String>,
    at_once: Option<String>,
}

/// `POST /products/{product}/firmware/{version}/release`
pub(super) async fn release(
    State(mote): State<Mote>,
    person: Person,
    OfProduct(access): OfProduct<FirmwareRelease>,
    OfProduct(looking): OfProduct<FirmwareList>,
    Path(named): Path<Named>,
    Form(form): Form<To>,
) -> Result<Response, Failure> {
    let release = Release {
        version: named.version.into(),
        product_default: Some(form.everybody.is_some()),
        groups: Some(form.groups),
        intelligent: form.at_once.is_some(),
    };
    let released = mote.release_firmware(&access, release).await;
    after(&mote, &person, &looking, "saved", released).await
}

/// `POST /products/{product}/firmware/{version}/delete`
pub(super) async fn delete(
    State(mote): State<Mote>,
    person: Person,
    OfProduct(access): OfProduct<FirmwareRemove>,
    OfProduct(looking): OfProduct<FirmwareList>,
    Path(named): Path<Named>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response, Failure> {
    let deleted = mote.delete_firmware(&access, named.version).await;
    after(&mote, &person, &looking, "deleted", deleted).await
}
