//! A product's events, as they come, and publishing one.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use mote_core::Mote;
use mote_core::authorization::ProductAccess;
use mote_core::authorization::table::{ProductEventsListen, ProductEventsPublish};
use mote_core::events::Publication;
use serde::Deserialize;

use crate::access::OfProduct;
use crate::address::{Path, Query};
use crate::failure::{Failure, to_tell};
use crate::form::Form;
use crate::frames::ProductFrame;
use crate::page::{Shell, page};
use crate::session::Person;

const TAB: &str = "Events";

#[derive(Template)]
#[template(path = "events.html")]
struct EventsPage {
    shell: Shell,
    frame: ProductFrame,
    prefix: String,
    /// Where the events come from.
    stream: String,
    form: NewEvent,
    may_not_publish: Option<String>,
}

/// Which events are asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    prefix: String,
    done: Option<String>,
}

async fn events_page(
    mote: &Mote,
    person: &Person,
    access: &ProductAccess<ProductEventsListen>,
    asked: Asked,
    form: NewEvent,
    refused: Option<String>,
) -> Result<Response, Failure> {
    let (shell, frame) = ProductFrame::new(mote, person, access, TAB).await?;
    let shell = shell.with_done(asked.done.as_deref()).with_refused(refused);
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("prefix", &asked.prefix).finish();
    let stream = format!("/products/{}/events/stream?{query}", frame.product.slug);
    let may_not_publish = frame.why_not::<ProductEventsPublish>();
    Ok(page(&EventsPage { shell, frame, prefix: asked.prefix, stream, form, may_not_publish }))
}

/// `GET /products/{product}/events`
pub(super) async fn see(
    State(mote): State<Mote>,
    person: Person,
    OfProduct(access): OfProduct<ProductEventsListen>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    events_page(&mote, &person, &access, asked, NewEvent::default(), None).await
}

/// `GET /products/{product}/events/stream`: Server-Sent Events, for the script of the page.
pub(super) async fn stream(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<ProductEventsListen>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    Ok(mote_api::stream_of_events(mote.product_events(&access, None, &asked.prefix).await?))
}

/// The parameters of a device's path.
#[derive(Deserialize)]
pub(super) struct Named {
    device: String,
}

/// `GET /products/{product}/devices/{device}/events/stream`: those of one device, likewise.
pub(super) async fn stream_of_device(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<ProductEventsListen>,
    Path(named): Path<Named>,
) -> Result<Response, Failure> {
    Ok(mote_api::stream_of_events(mote.product_events(&access, Some(&named.device), "").await?))
}

/// An event to publish.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct NewEvent {
    name: String,
    data: Option<String>,
}

/// `POST /products/{product}/events`
pub(super) async fn publish(
    State(mote): State<Mote>,
    person: Person,
    OfProduct(access): OfProduct<ProductEventsPublish>,
    OfProduct(looking): OfProduct<ProductEventsListen>,
    Form(form): Form<NewEvent>,
) -> Result<Response, Failure> {
    let publication = Publication { name: form.name.clone(), data: form.data.clone(), ttl: None };
    match mote.publish_product_event(&access, None, publication).await {
        Ok(_) => {
            let slug = &access.product().slug;
            Ok(Redirect::to(&format!("/products/{slug}/events?done=sent")).into_response())
        }
        Err(error) => {
            events_page(&mote, &person, &looking, Asked::default(), form, Some(to_tell(error)?)).await
        }
    }
}
