//! The **Authentication** tab of a product: its OAuth clients.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use mote_core::Mote;
use mote_core::authorization::ProductAccess;
use mote_core::authorization::table::{ClientsCreate, ClientsList, ClientsRemove, ClientsUpdate};
use mote_core::clients::{Client, ClientChange, ClientKind, LivingTokens, NewClient};
use serde::Deserialize;

use crate::access::OfProduct;
use crate::failure::{Failure, to_tell};
use crate::form::{Form, Nothing};
use crate::page::{Done, ProductFrame, Shell, page};
use crate::session::Person;

const TAB: &str = "Authentication";

#[derive(Template)]
#[template(path = "clients.html")]
struct ListPage {
    shell: Shell,
    frame: ProductFrame,
    clients: Vec<Client>,
    why_not: Option<String>,
}

/// `GET /products/{product}/authentication`
pub(super) async fn list(
    State(mote): State<Mote>,
    person: Person,
    OfProduct(access): OfProduct<ClientsList>,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    let (shell, frame) = ProductFrame::new(&mote, &person, &access, TAB).await?;
    let shell = shell.with_done(done.done.as_deref());
    let (clients, why_not) = (mote.product_clients(&access).await?, frame.why_not::<ClientsCreate>());
    Ok(page(&ListPage { shell, frame, clients, why_not }))
}

/// A new client's fields.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct NewForm {
    name: String,
    purpose: String,
    redirect_uri: String,
    kind: String,
    scope: String,
}

impl NewForm {
    /// What the purpose comes to. Fields of the other purposes may be filled in: without scripts all of them are in sight.
    fn new_client(&self) -> NewClient {
        let web = Some(self.redirect_uri.clone());
        let customers = Some("create_customer".to_owned());
        let (kind, redirect_uri, scope) = match self.purpose.as_str() {
            "mobile" => ("installed", None, customers),
            "web" => ("web", web, customers),
            "custom" => {
                let redirect_uri = web.filter(|uri| self.kind == "web" || !uri.is_empty());
                (self.kind.as_str(), redirect_uri, Some(self.scope.clone()))
            }
            _ => ("installed", None, None),
        };
        NewClient { name: self.name.clone(), kind: kind.to_owned(), redirect_uri, scope }
    }
}

#[derive(Template)]
#[template(path = "client_new.html")]
struct NewPage {
    shell: Shell,
    frame: ProductFrame,
    form: NewForm,
}

async fn new_page(
    mote: &Mote,
    person: &Person,
    access: &ProductAccess<ClientsCreate>,
    form: NewForm,
    refused: Option<String>,
) -> Result<Response, Failure> {
    let (shell, frame) = ProductFrame::new(mote, person, access, TAB).await?;
    Ok(page(&NewPage { shell: shell.with_refused(refused), frame, form }))
}

/// `GET /products/{product}/authentication/new`
pub(super) async fn ask(
    State(mote): State<Mote>,
    person: Person,
    OfProduct(access): OfProduct<ClientsCreate>,
) -> Result<Response, Failure> {
    let form = NewForm { purpose: "server".into(), ..NewForm::default() };
    new_page(&mote, &person, &access, form, None).await
}

/// The one page that shows a client's secret. It is the answer to a form, so that no browser keeps it to go back to.
#[derive(Template)]
#[template(path = "client_created.html")]
struct CreatedPage {
    shell: Shell,
    frame: ProductFrame,
    client: Client,
    secret: String,
    /// Trades it for a token.
    line: String,
}

/// `POST /products/{product}/authentication`
pub(super) async fn create(
    State(mote): State<Mote>,
    person: Person,
    OfProduct(access): OfProduct<ClientsCreate>,
    Form(form): Form<NewForm>,
) -> Result<Response, Failure> {
    match mote.create_product_client(&access, form.new_client()).await {
        Ok(made) => {
            let (shell, frame) = ProductFrame::new(&mote, &person, &access, TAB).await?;
            let (client, secret) = (made.client, made.secret.expose().to_string());
            let url = &mote.settings().public_url;
            let line = format!(
                "curl {url}/oauth/token -u \"{}:{secret}\" -d grant_type=client_credentials",
                client.id
            );
            Ok(page(&CreatedPage { shell, frame, client, secret, line }))
        }
        Err(error) => new_page(&mote, &person, &access, form, Some(to_tell(error)?)).await,
    }
}

#[derive(Template)]
#[template(path = "client.html")]
struct ClientPage {
    shell: Shell,
    frame: ProductFrame,
    client: Client,
    tokens: String,
    may_not_update: Option<String>,
    may_not_remove: Option<String>,
}

/// The parameters of a client's path.
#[derive(Deserialize)]
pub(super) struct Named {
    client: String,
}

/// `GET /products/{product}/authentication/{client}`
pub(super) async fn see(
    State(mote): State<Mote>,
    person: Person,
    OfProduct(access): OfProduct<ClientsList>,
    Path(named): Path<Named>,
) -> Result<Response, Failure> {
    let (client, tokens) = mote.product_client(&access, &named.client).await?;
    let (shell, frame) = ProductFrame::new(&mote, &person, &access, TAB).await?;
    let tokens = match tokens {
        LivingTokens::Count(0) => "No living token ends with it.".to_owned(),
        LivingTokens::Count(1) => "1 living token ends with it.".to_owned(),
        LivingTokens::Count(count) => format!("{count} living tokens end with it."),
        LivingTokens::Beyond(count) => format!("More than {count} living tokens end with it."),
    };
    let (may_not_update, may_not_remove) =
        (frame.why_not::<ClientsUpdate>(), frame.why_not::<ClientsRemove>());
    Ok(page(&ClientPage { shell, frame, client, tokens, may_not_update, may_not_remove }))
}

#[derive(Deserialize)]
pub(super) struct Change {
    name: Option<String>,
    scope: Option<String>,
}

/// `POST /products/{product}/authentication/{client}`
pub(super) async fn update(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<ClientsUpdate>,
    Path(named): Path<Named>,
    Form(form): Form<Change>,
) -> Result<Redirect, Failure> {
    let change = ClientChange { name: form.name, scope: form.scope };
    mote.update_product_client(&access, &named.client, change).await?;
    Ok(back(&access, "client-changed"))
}

/// `POST /products/{product}/authentication/{client}/delete`
pub(super) async fn delete(
    State(mote): State<Mote>,
    OfProduct(access): OfProduct<ClientsRemove>,
    Path(named): Path<Named>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response, Failure> {
    mote.delete_product_client(&access, &named.client).await?;
    Ok(back(&access, "client-deleted").into_response())
}

fn back<R>(access: &ProductAccess<R>, done: &str) -> Redirect {
    Redirect::to(&format!("/products/{}/authentication?done={done}", access.product().slug))
}
