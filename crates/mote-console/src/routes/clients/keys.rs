//! A client's public keys: another one is made known, an old one is ended.

use axum::extract::State;
use axum::response::Redirect;
use mote_core::Mote;
use mote_core::clients::NewPublicKey;
use serde::Deserialize;

use super::secrets::expires_in;
use super::{MayUpdate, Named, base};
use crate::address::Path;
use crate::failure::Failure;
use crate::form::{Form, Nothing};

/// The fields of a new key.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::routes) struct NewKeyForm {
    name: String,
    public_key: String,
    /// Its life in days; `never` for no end.
    days: String,
}

/// `POST /products/{product}/authentication/{client}/keys`
pub(in crate::routes) async fn add(
    State(mote): State<Mote>,
    access: MayUpdate,
    Path(named): Path<Named>,
    Form(form): Form<NewKeyForm>,
) -> Result<Redirect, Failure> {
    let expires_in = expires_in(&form.days);
    let new = NewPublicKey { name: form.name, public_key: form.public_key, expires_in };
    let client = &named.client;
    match &access {
        MayUpdate::Product(access) => mote.add_product_client_key(access, client, new).await?,
        MayUpdate::Account(access) => mote.add_account_client_key(access, client, new).await?,
    };
    Ok(Redirect::to(&format!("{}/{client}?done=key-added", base(&access))))
}

/// The parameters of a key's path.
#[derive(Deserialize)]
pub(in crate::routes) struct NamedKey {
    client: String,
    key: String,
}

/// `POST /products/{product}/authentication/{client}/keys/{key}/end`
pub(in crate::routes) async fn end(
    State(mote): State<Mote>,
    access: MayUpdate,
    Path(named): Path<NamedKey>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Redirect, Failure> {
    let NamedKey { client, key } = &named;
    match &access {
        MayUpdate::Product(access) => mote.delete_product_client_key(access, client, key).await?,
        MayUpdate::Account(access) => mote.delete_account_client_key(access, client, key).await?,
    }
    Ok(Redirect::to(&format!("{}/{client}?done=key-ended", base(&access))))
}
