//! A client's secrets: another one is made and shown once, an old one is ended.

use axum::extract::State;
use axum::response::{Redirect, Response};
use mote_core::Mote;
use mote_core::clients::{CreatedSecret, NewSecret};
use serde::Deserialize;

use super::{MayUpdate, Named, base, created_page};
use crate::address::Path;
use crate::failure::Failure;
use crate::form::{Form, Nothing};
use crate::session::Person;

/// The fields of a new secret.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::routes) struct NewSecretForm {
    name: String,
    /// Its life in days; `never` for no end.
    days: String,
}

impl NewSecretForm {
    fn new_secret(self) -> NewSecret {
        NewSecret { expires_in: expires_in(&self.days), name: self.name }
    }
}

/// A life that is given in days, or as `never`; what is neither is for the use case to refuse.
pub(super) fn expires_in(days: &str) -> Option<i64> {
    (days != "never").then(|| days.parse::<i64>().unwrap_or(-1).saturating_mul(86_400))
}

/// `POST /products/{product}/authentication/{client}/secrets`
pub(in crate::routes) async fn create(
    State(mote): State<Mote>,
    person: Person,
    access: MayUpdate,
    Path(named): Path<Named>,
    Form(form): Form<NewSecretForm>,
) -> Result<Response, Failure> {
    let (id, new) = (&named.client, form.new_secret());
    let CreatedSecret { client, secret, .. } = match &access {
        MayUpdate::Product(access) => mote.create_product_client_secret(access, id, new).await?,
        MayUpdate::Account(access) => mote.create_account_client_secret(access, id, new).await?,
    };
    created_page(&mote, &person, &access, client, &secret, "Your secret is ready").await
}

/// The parameters of a secret's path.
#[derive(Deserialize)]
pub(in crate::routes) struct NamedSecret {
    client: String,
    secret: String,
}

/// `POST /products/{product}/authentication/{client}/secrets/{secret}/end`
pub(in crate::routes) async fn end(
    State(mote): State<Mote>,
    access: MayUpdate,
    Path(named): Path<NamedSecret>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Redirect, Failure> {
    let NamedSecret { client, secret } = &named;
    match &access {
        MayUpdate::Product(access) => mote.delete_product_client_secret(access, client, secret).await?,
        MayUpdate::Account(access) => mote.delete_account_client_secret(access, client, secret).await?,
    }
    Ok(Redirect::to(&format!("{}/{client}?done=secret-ended", base(&access))))
}
