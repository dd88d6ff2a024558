//! Making and changing webhooks, with a preview of what they send.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use mote_core::authorization::ProductAccess;
use mote_core::authorization::table::{IntegrationsCreate, IntegrationsGet, IntegrationsUpdate, ProductsGet};
use mote_core::integrations::{Kind, LONGEST_NAME, NewIntegration, TrialEvent};
use mote_core::{Error, Mote};

use super::delivery::request_text;
use super::form::{HookForm, PAYLOADS};
use super::{Named, TAB, back, webhook};
use crate::access::{OfProduct, OfSpace};
use crate::address::Path;
use crate::failure::{Failure, to_tell};
use crate::form::Form;
use crate::frames::ProductFrame;
use crate::page::{Shell, page};
use crate::session::Person;

/// What a webhook would send.
enum Preview {
    /// Nobody has asked yet.
    None,
    /// The request, as HTTP writes it.
    Request(String),
    /// Why there is none.
    Refused(String),
}

#[derive(Template)]
#[template(path = "integration_edit.html")]
struct EditPage {
    shell: Shell,
    frame: ProductFrame,
    form: HookForm,
    preview: Preview,
}

async fn edit_page(
    mote: &Mote,
    person: &Person,
    looking: &ProductAccess<ProductsGet>,
    form: HookForm,
    preview: Preview,
    refused: Option<String>,
) -> Result<Response, Failure> {
    let (shell, frame) = ProductFrame::new(mote, person, looking, TAB).await?;
    Ok(page(&EditPage { shell: shell.with_refused(refused), frame, form, preview }))
}

/// `GET /products/{product}/integrations/new`
pub(in crate::routes) async fn ask(
    State(mote): State<Mote>,
    person: Person,
    OfSpace(_): OfSpace<IntegrationsCreate>,
    OfProduct(looking): OfProduct<ProductsGet>,
) -> Result<Response, Failure> {
    edit_page(&mote, &person, &looking, HookForm::new(), Preview::None, None).await
}

/// `POST /products/{product}/integrations`
pub(in crate::routes) async fn create(
    State(mote): State<Mote>,
    person: Person,
    OfSpace(access): OfSpace<IntegrationsCreate>,
    OfProduct(looking): OfProduct<ProductsGet>,
    Form(form): Form<HookForm>,
) -> Result<Response, Failure> {
    let new = form.fields(None).and_then(|fields| NewIntegration::parse(fields, Some(Kind::Webhook)));
    let made = async { mote.create_integration(&access, new?).await };
    match made.await {
        Ok(made) => Ok(back(&looking, &format!("/{}?done=saved", made.id.to_hex()))),
        Err(error) => edit_page(&mote, &person, &looking, form, Preview::None, Some(to_tell(error)?)).await,
    }
}

/// `GET /products/{product}/integrations/{id}/edit`
pub(in crate::routes) async fn edit(
    State(mote): State<Mote>,
    person: Person,
    OfSpace(_): OfSpace<IntegrationsUpdate>,
    OfSpace(seeing): OfSpace<IntegrationsGet>,
    OfProduct(looking): OfProduct<ProductsGet>,
    Path(named): Path<Named>,
) -> Result<Response, Failure> {
    let form = HookForm::of(&webhook(&mote, &seeing, &named.id).await?);
    edit_page(&mote, &person, &looking, form, Preview::None, None).await
}

/// `POST /products/{product}/integrations/{id}`
pub(in crate::routes) async fn update(
    State(mote): State<Mote>,
    person: Person,
    OfSpace(access): OfSpace<IntegrationsUpdate>,
    OfSpace(seeing): OfSpace<IntegrationsGet>,
    OfProduct(looking): OfProduct<ProductsGet>,
    Path(named): Path<Named>,
    Form(form): Form<HookForm>,
) -> Result<Response, Failure> {
    let before = webhook(&mote, &seeing, &named.id).await?;
    let fields = form.fields(Some(&before));
    let changed = async { mote.replace_integration(&access, &named.id, fields?, Some(Kind::Webhook)).await };
    match changed.await {
        Ok(_) => Ok(back(&looking, &format!("/{}?done=saved", named.id))),
        Err(error) => {
            let form = HookForm { id: before.id.to_hex(), ..form };
            edit_page(&mote, &person, &looking, form, Preview::None, Some(to_tell(error)?)).await
        }
    }
}

/// `POST /products/{product}/integrations/preview`: the form again, with what it would send.
pub(in crate::routes) async fn preview(
    State(mote): State<Mote>,
    person: Person,
    OfSpace(access): OfSpace<IntegrationsCreate>,
    OfSpace(seeing): OfSpace<IntegrationsGet>,
    OfProduct(looking): OfProduct<ProductsGet>,
    Form(form): Form<HookForm>,
) -> Result<Response, Failure> {
    let before = match form.id.as_str() {
        "" => None,
        id => Some(webhook(&mote, &seeing, id).await?),
    };
    let data = Some(form.sample.clone()).filter(|sample| !sample.is_empty());
    let device = before.as_ref().and_then(|hook| hook.device.as_ref()).map(ToString::to_string);
    let fields = form.fields(before.as_ref());
    let event = TrialEvent { data, device };
    let preview =
        match fields.and_then(|fields| mote.preview_webhook(&access, fields, before.as_ref(), event)) {
            Ok(Ok(request)) => {
                let headers = request.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
                Preview::Request(request_text(&request.method, &request.url, headers, &request.body))
            }
            Ok(Err(why)) => Preview::Refused(why),
            Err(error @ Error::Invalid { .. }) => Preview::Refused(to_tell(error)?),
            Err(error) => return Err(error.into()),
        };
    edit_page(&mote, &person, &looking, form, preview, None).await
}
