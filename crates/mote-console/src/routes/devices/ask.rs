//! What a connected device is asked: its functions, its variables, fresh vitals.

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use mote_core::authorization::table::{DevicesCall, DevicesRead, DiagnosticsUpdate};
use mote_core::{Error, Mote};
use serde::Deserialize;
use serde_json::Value;

use super::device::{Named, Said, Seeing, device_page};
use crate::access::OfProduct;
use crate::address::Path;
use crate::failure::{Failure, to_tell};
use crate::form::{Form, Nothing, pretty};
use crate::session::Person;

/// What a device answered.
pub(super) struct Answered {
    /// The function or variable.
    pub(super) name: String,
    /// What it returned, or its value.
    pub(super) value: String,
}

/// The device's page with what came of the question.
async fn after(
    mote: &Mote,
    person: &Person,
    seeing: &Seeing,
    named: &str,
    (name, answer): (String, Result<String, Error>),
) -> Result<Response, Failure> {
    let said = match answer {
        Ok(value) => Said { answered: Some(Answered { name, value }), ..Said::default() },
        Err(error) => Said { refused: Some(to_tell(error)?), ..Said::default() },
    };
    device_page(mote, person, seeing, named, said).await
}

/// A function and its argument, or a variable.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::routes) struct Question {
    name: String,
    argument: String,
}

/// `POST /products/{product}/devices/{device}/call`
pub(in crate::routes) async fn call(
    State(mote): State<Mote>,
    person: Person,
    OfProduct(access): OfProduct<DevicesCall>,
    seeing: Seeing,
    Path(named): Path<Named>,
    Form(form): Form<Question>,
) -> Result<Response, Failure> {
    let answer = mote.call_product_device(&access, &named.device, &form.name, &form.argument).await;
    let answer = answer.map(|(_, returned)| returned.to_string());
    after(&mote, &person, &seeing, &named.device, (form.name, answer)).await
}

/// `POST /products/{product}/devices/{device}/read`
pub(in crate::routes) async fn read(
    State(mote): State<Mote>,
    person: Person,
    OfProduct(access): OfProduct<DevicesRead>,
    seeing: Seeing,
    Path(named): Path<Named>,
    Form(form): Form<Question>,
) -> Result<Response, Failure> {
    let answer = mote.read_product_device(&access, &named.device, &form.name).await;
    let answer = answer.map(|(_, value)| match value {
        Value::String(text) => text,
        other => pretty(&other),
    });
    after(&mote, &person, &seeing, &named.device, (form.name, answer)).await
}

/// `POST /products/{product}/devices/{device}/vitals`: asks it for fresh ones, which it then brings as an event.
pub(in crate::routes) async fn refresh(
    State(mote): State<Mote>,
    person: Person,
    OfProduct(access): OfProduct<DiagnosticsUpdate>,
    seeing: Seeing,
    Path(named): Path<Named>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response, Failure> {
    match mote.refresh_product_device_vitals(&access, &named.device).await {
        Ok(()) => {
            let path = format!("/products/{}/devices/{}?done=asked", access.product().slug, named.device);
            Ok(Redirect::to(&path).into_response())
        }
        Err(error) => after(&mote, &person, &seeing, &named.device, (String::new(), Err(error))).await,
    }
}
