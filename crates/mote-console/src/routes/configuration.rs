//! What a product, or a device of it, is configured with, and within which schema.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use mote_core::authorization::ProductAccess;
use mote_core::authorization::table::{ConfigurationGet, ConfigurationUpdate};
use mote_core::{Error, Mote};
use serde::Deserialize;

use crate::access::OfProduct;
use crate::address::{Path, Query};
use crate::failure::{Failure, to_tell};
use crate::form::{Form, object_in, pretty};
use crate::frames::ProductFrame;
use crate::page::{Done, Shell, page};
use crate::session::Person;

#[derive(Template)]
#[template(path = "configuration.html")]
struct ConfigurationPage {
    shell: Shell,
    frame: ProductFrame,
    /// The page's own path, where its forms go too.
    path: String,
    /// The device; none for the product as a whole.
    device: Option<String>,
    form: Configured,
    /// What a device has confirmed to have.
    current: String,
    /// What a device is yet to be given.
    pending: String,
    may_not_update: Option<String>,
}

/// The parameters of the path; of a product's page, none.
#[derive(Deserialize)]
pub(super) struct Named {
    device: Option<String>,
}

/// The fields of both forms of the page, each of which sends its own.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Configured {
    values: Option<String>,
    schema: Option<String>,
}

impl Named {
    /// The page's path.
    fn path(&self, slug: &str) -> String {
        match &self.device {
            Some(device) => format!("/products/{slug}/devices/{device}/configuration"),
            None => format!("/products/{slug}/configuration"),
        }
    }
}

/// What is set, as text; empty for nothing.
fn text_of(values: &serde_json::Map<String, serde_json::Value>) -> String {
    if values.is_empty() { String::new() } else { pretty(values) }
}

async fn configuration_page(
    mote: &Mote,
    person: &Person,
    access: &ProductAccess<ConfigurationGet>,
    named: Named,
    tried: Configured,
    (done, refused): (Option<&str>, Option<String>),
) -> Result<Response, Failure> {
    let (schema, set) = if let Some(device) = &named.device {
        let schema = mote.device_schema(access, device).await?;
        (schema, mote.device_configuration(access, device).await.map(|set| (set.pending, set.current)))
    } else {
        let set = mote.product_configuration(access).await;
        (mote.product_schema(access).await?, set.map(|set| (set, serde_json::Map::new())))
    };
    let (wanted, current) = match set {
        Ok(set) => set,
        // The device is there, since its schema was found.
        Err(Error::NotFound(_)) => Default::default(),
        Err(error) => return Err(error.into()),
    };
    let tab = if named.device.is_some() { "Devices" } else { "Configuration" };
    let (shell, frame) = ProductFrame::new(mote, person, access, tab).await?;
    let shell = shell.with_done(done).with_refused(refused);
    let may_not_update = frame.why_not::<ConfigurationUpdate>();
    let values = if wanted.is_empty() { &current } else { &wanted };
    Ok(page(&ConfigurationPage {
        path: named.path(&frame.product.slug),
        shell,
        frame,
        form: Configured {
            values: tried.values.or_else(|| Some(text_of(values))),
            schema: tried.schema.or_else(|| Some(pretty(&schema))),
        },
        current: text_of(&current),
        pending: named.device.as_ref().map(|_| text_of(&wanted)).unwrap_or_default(),
        device: named.device,
        may_not_update,
    }))
}

/// `GET /products/{product}/configuration`, and the same below a device's path
pub(super) async fn see(
    State(mote): State<Mote>,
    person: Person,
    OfProduct(access): OfProduct<ConfigurationGet>,
    Path(named): Path<Named>,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    let said = (done.done.as_deref(), None);
    configuration_page(&mote, &person, &access, named, Configured::default(), said).await
}

/// `POST /products/{product}/configuration`, and the same below a device's path
pub(super) async fn set(
    State(mote): State<Mote>,
    person: Person,
    OfProduct(access): OfProduct<ConfigurationUpdate>,
    OfProduct(looking): OfProduct<ConfigurationGet>,
    Path(named): Path<Named>,
    Form(form): Form<Configured>,
) -> Result<Response, Failure> {
    let set = async {
        let values = object_in("values", form.values.as_deref().unwrap_or_default())?.unwrap_or_default();
        match &named.device {
            Some(device) => mote.set_device_configuration(&access, device, values).await.map(drop),
            None => mote.set_product_configuration(&access, None, values).await,
        }
    };
    let tried = Configured { values: form.values.clone().or_else(|| Some(String::new())), schema: None };
    after(&mote, &person, &looking, set.await, named, tried).await
}

/// `POST /products/{product}/configuration/schema`, and the same below a device's path
pub(super) async fn set_schema(
    State(mote): State<Mote>,
    person: Person,
    OfProduct(access): OfProduct<ConfigurationUpdate>,
    OfProduct(looking): OfProduct<ConfigurationGet>,
    Path(named): Path<Named>,
    Form(form): Form<Configured>,
) -> Result<Response, Failure> {
    let set = async {
        let schema = object_in("schema", form.schema.as_deref().unwrap_or_default())?;
        match (schema.map(Into::into), &named.device) {
            (Some(schema), Some(device)) => mote.set_device_schema(&access, device, schema).await.map(drop),
            (Some(schema), None) => mote.set_product_schema(&access, schema).await.map(drop),
            (None, Some(device)) => mote.delete_device_schema(&access, device).await,
            (None, None) => mote.delete_product_schema(&access).await,
        }
    };
    after(&mote, &person, &looking, set.await, named, Configured { values: None, schema: form.schema }).await
}

/// Back to the page, with what came of it.
async fn after(
    mote: &Mote,
    person: &Person,
    looking: &ProductAccess<ConfigurationGet>,
    result: Result<(), Error>,
    named: Named,
    tried: Configured,
) -> Result<Response, Failure> {
    match result {
        Ok(()) => {
            let path = named.path(&looking.product().slug);
            Ok(Redirect::to(&format!("{path}?done=saved")).into_response())
        }
        // Where it was is gone.
        Err(error @ Error::NotFound(_)) => Err(error.into()),
        Err(error) => {
            let said = (None, Some(to_tell(error)?));
            configuration_page(mote, person, looking, named, tried, said).await
        }
    }
}
