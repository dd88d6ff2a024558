//! A product's settings, and its end.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use mote_core::Mote;
use mote_core::authorization::ProductAccess;
use mote_core::authorization::table::{ProductsGet, ProductsRemove, ProductsUpdate};
use mote_core::names::LONGEST_NAME;
use mote_core::products::ProductChange;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::access::OfProduct;
use crate::address::Query;
use crate::failure::{Failure, to_tell};
use crate::form::Form;
use crate::frames::ProductFrame;
use crate::page::{Done, Shell, page};
use crate::session::Person;

const TAB: &str = "Settings";

#[derive(Template)]
#[template(path = "settings.html")]
struct SettingsPage {
    shell: Shell,
    frame: ProductFrame,
    may_not_update: Option<String>,
    may_not_remove: Option<String>,
}

async fn settings_page(
    mote: &Mote,
    person: &Person,
    access: &ProductAccess<ProductsGet>,
    done: Option<&str>,
    refused: Option<String>,
) -> Result<Response, Failure> {
    let (shell, frame) = ProductFrame::new(mote, person, access, TAB).await?;
    let shell = shell.with_done(done).with_refused(refused);
    let (may_not_update, may_not_remove) =
        (frame.why_not::<ProductsUpdate>(), frame.why_not::<ProductsRemove>());
    Ok(page(&SettingsPage { shell, frame, may_not_update, may_not_remove }))
}

/// `GET /products/{product}/settings`
pub(super) async fn see(
    State(mote): State<Mote>,
    person: Person,
    OfProduct(access): OfProduct<ProductsGet>,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    settings_page(&mote, &person, &access, done.done.as_deref(), None).await
}

/// What can be set; a box that is not ticked is not sent.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Change {
    name: String,
    description: String,
    team_tokens: Option<String>,
    quarantine: Option<String>,
    self_provisioning: Option<String>,
}

/// `POST /products/{product}/settings`
pub(super) async fn update(
    State(mote): State<Mote>,
    person: Person,
    OfProduct(access): OfProduct<ProductsUpdate>,
    OfProduct(looking): OfProduct<ProductsGet>,
    Form(form): Form<Change>,
) -> Result<Response, Failure> {
    let switches = [
        ("team_tokens", form.team_tokens),
        ("quarantine", form.quarantine),
        ("self_provisioning", form.self_provisioning),
    ];
    let settings: Map<String, Value> =
        switches.into_iter().map(|(name, ticked)| (name.to_owned(), ticked.is_some().into())).collect();
    let change = ProductChange { name: Some(form.name), description: Some(form.description), settings };
    match mote.update_product(&access, change).await {
        Ok(product) => {
            Ok(Redirect::to(&format!("/products/{}/settings?done=saved", product.slug)).into_response())
        }
        Err(error) => settings_page(&mote, &person, &looking, None, Some(to_tell(error)?)).await,
    }
}

#[derive(Deserialize)]
pub(super) struct End {
    slug: Option<String>,
}

/// `POST /products/{product}/delete`: with the slug typed in, so that no slip does it.
pub(super) async fn delete(
    State(mote): State<Mote>,
    person: Person,
    OfProduct(access): OfProduct<ProductsRemove>,
    OfProduct(looking): OfProduct<ProductsGet>,
    Form(form): Form<End>,
) -> Result<Response, Failure> {
    if form.slug.as_deref().map(str::trim) != Some(access.product().slug.as_str()) {
        let why = format!("To delete the product, type its slug: {}", access.product().slug);
        return settings_page(&mote, &person, &looking, None, Some(why)).await;
    }
    match mote.delete_product(&access).await {
        Ok(()) => Ok(Redirect::to("/?done=deleted").into_response()),
        Err(error) => settings_page(&mote, &person, &looking, None, Some(to_tell(error)?)).await,
    }
}
