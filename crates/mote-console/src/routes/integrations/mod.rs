//! The integrations of a product: listed, looked at, tried out, switched and deleted. [`mod@edit`] makes and changes webhooks.

mod delivery;
mod edit;
mod form;

pub(super) use edit::{ask, create, edit, preview, update};

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use mote_core::authorization::table::{
    IntegrationsCreate, IntegrationsGet, IntegrationsList, IntegrationsRemove, IntegrationsTest,
    IntegrationsUpdate, ProductsGet,
};
use mote_core::authorization::{ProductAccess, SpaceAccess};
use mote_core::integrations::{Integration, IntegrationHealth, Kind, Trial, TrialEvent};
use mote_core::{Error, Mote};
use serde::Deserialize;

use crate::access::{OfProduct, OfSpace};
use crate::address::{Path, Query};
use crate::failure::{Failure, to_tell};
use crate::form::{Form, Nothing, pretty};
use crate::frames::ProductFrame;
use crate::page::{Done, Shell, Shown, page, shown};
use crate::session::Person;
use delivery::Delivery;

const TAB: &str = "Integrations";
/// Integrations on a page.
const PER_PAGE: i64 = 50;

#[derive(Template)]
#[template(path = "integrations.html")]
struct ListPage {
    shell: Shell,
    frame: ProductFrame,
    integrations: Vec<IntegrationHealth>,
    number: i64,
    pages: i64,
    may_not_create: Option<String>,
}

/// Which page of the list.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    page: Option<i64>,
    done: Option<String>,
}

/// `GET /products/{product}/integrations`
pub(super) async fn list(
    State(mote): State<Mote>,
    person: Person,
    OfSpace(access): OfSpace<IntegrationsList>,
    OfProduct(looking): OfProduct<ProductsGet>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let (shell, frame) = ProductFrame::new(&mote, &person, &looking, TAB).await?;
    let shell = shell.with_done(asked.done.as_deref());
    let number = asked.page.unwrap_or(1);
    let (integrations, total) = mote.list_integrations_and_health(&access, Some(number), PER_PAGE).await?;
    let pages = (total + PER_PAGE - 1) / PER_PAGE;
    let may_not_create = frame.why_not::<IntegrationsCreate>();
    Ok(page(&ListPage { shell, frame, integrations, number, pages, may_not_create }))
}

/// What an integration calls: a webhook's address, or the service.
fn target(integration: &Integration) -> String {
    let text = |name: &str| integration.settings.as_json().get(name).and_then(|value| value.as_str());
    match integration.kind {
        Kind::Webhook => text("url").unwrap_or_default().to_owned(),
        Kind::AzureIotHub => format!("Azure IoT Hub {}", text("hub_name").unwrap_or_default()),
        Kind::GoogleMaps => "Google Geolocation".to_owned(),
    }
}

#[derive(Template)]
#[template(path = "integration.html")]
struct IntegrationPage {
    shell: Shell,
    frame: ProductFrame,
    integration: Integration,
    /// Its settings without passwords and keys.
    settings: String,
    sleeping_until: Option<Shown>,
    deliveries: Vec<Delivery>,
    /// What has just been tried, and what came of it.
    tried: Option<(String, Trial)>,
    may_not_test: Option<String>,
    may_not_update: Option<String>,
    may_not_remove: Option<String>,
}

/// What a person who looks at an integration has proved, and what he has just done.
struct Look<'a> {
    person: &'a Person,
    access: &'a SpaceAccess<IntegrationsGet>,
    looking: &'a ProductAccess<ProductsGet>,
    id: &'a str,
    done: Option<&'a str>,
    refused: Option<String>,
    tried: Option<(String, Trial)>,
}

async fn integration_page(mote: &Mote, look: Look<'_>) -> Result<Response, Failure> {
    let detail = mote.get_integration(look.access, look.id, None).await?;
    let (shell, frame) = ProductFrame::new(mote, look.person, look.looking, TAB).await?;
    let shell = shell.with_done(look.done).with_refused(look.refused);
    let settings = detail.integration.settings.masked(detail.integration.kind);
    let (may_not_test, may_not_update, may_not_remove) = (
        frame.why_not::<IntegrationsTest>(),
        frame.why_not::<IntegrationsUpdate>(),
        frame.why_not::<IntegrationsRemove>(),
    );
    Ok(page(&IntegrationPage {
        shell,
        frame,
        settings: pretty(&settings),
        sleeping_until: detail.sleeping_until.map(shown),
        deliveries: detail.logs.iter().map(Delivery::of).collect(),
        integration: detail.integration,
        tried: look.tried,
        may_not_test,
        may_not_update,
        may_not_remove,
    }))
}

/// The parameters of an integration's path.
#[derive(Deserialize)]
pub(super) struct Named {
    id: String,
}

impl<'a> Look<'a> {
    const fn new(
        person: &'a Person,
        access: &'a SpaceAccess<IntegrationsGet>,
        looking: &'a ProductAccess<ProductsGet>,
        id: &'a str,
    ) -> Self {
        Self { person, access, looking, id, done: None, refused: None, tried: None }
    }
}

/// `GET /products/{product}/integrations/{id}`
pub(super) async fn see(
    State(mote): State<Mote>,
    person: Person,
    OfSpace(access): OfSpace<IntegrationsGet>,
    OfProduct(looking): OfProduct<ProductsGet>,
    Path(named): Path<Named>,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    let look = Look::new(&person, &access, &looking, &named.id);
    let look = Look { done: done.done.as_deref(), ..look };
    integration_page(&mote, look).await
}

/// The event of a test.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Sample {
    data: Option<String>,
}

/// `POST /products/{product}/integrations/{id}/test`: the page tells what came of it.
pub(super) async fn test(
    State(mote): State<Mote>,
    person: Person,
    OfSpace(access): OfSpace<IntegrationsTest>,
    OfSpace(seeing): OfSpace<IntegrationsGet>,
    OfProduct(looking): OfProduct<ProductsGet>,
    Path(named): Path<Named>,
    Form(form): Form<Sample>,
) -> Result<Response, Failure> {
    let data = form.data.clone().unwrap_or_default();
    let tried = mote.test_integration(&access, &named.id, TrialEvent { data: form.data, device: None }).await;
    let (tried, refused) = match tried {
        Ok(tried) => (Some((data, tried)), None),
        Err(error) => (None, Some(to_tell(error)?)),
    };
    let look = Look { refused, tried, ..Look::new(&person, &seeing, &looking, &named.id) };
    integration_page(&mote, look).await
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Switch {
    off: Option<String>,
}

/// `POST /products/{product}/integrations/{id}/switch`
pub(super) async fn switch(
    State(mote): State<Mote>,
    person: Person,
    OfSpace(access): OfSpace<IntegrationsUpdate>,
    OfSpace(seeing): OfSpace<IntegrationsGet>,
    OfProduct(looking): OfProduct<ProductsGet>,
    Path(named): Path<Named>,
    Form(form): Form<Switch>,
) -> Result<Response, Failure> {
    match mote.switch_integration(&access, &named.id, form.off.is_some()).await {
        Ok(_) => Ok(back(&looking, &format!("/{}?done=saved", named.id))),
        Err(error) => {
            let look = Look::new(&person, &seeing, &looking, &named.id);
            let look = Look { refused: Some(to_tell(error)?), ..look };
            integration_page(&mote, look).await
        }
    }
}

/// `POST /products/{product}/integrations/{id}/delete`
pub(super) async fn delete(
    State(mote): State<Mote>,
    OfSpace(access): OfSpace<IntegrationsRemove>,
    OfProduct(looking): OfProduct<ProductsGet>,
    Path(named): Path<Named>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response, Failure> {
    mote.delete_integration(&access, &named.id, None).await?;
    Ok(back(&looking, "?done=deleted"))
}

/// On to a page of the integrations.
fn back(looking: &ProductAccess<ProductsGet>, rest: &str) -> Response {
    Redirect::to(&format!("/products/{}/integrations{rest}", looking.product().slug)).into_response()
}

/// A webhook of the product that its form can show.
async fn webhook(mote: &Mote, access: &SpaceAccess<IntegrationsGet>, id: &str) -> Result<Integration, Error> {
    Ok(mote.get_integration(access, id, Some(Kind::Webhook)).await?.integration)
}
