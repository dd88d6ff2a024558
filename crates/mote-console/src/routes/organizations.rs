//! Organizations: which one is in, their products, and their end. Their team is in [`super::team`].

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use mote_core::Mote;
use mote_core::authorization::table::{
    OrganizationProductsCreate, OrganizationProductsList, OrganizationsCreate, OrganizationsGet,
    OrganizationsList, OrganizationsRemove,
};
use mote_core::authorization::{AccountAccess, OrganizationAccess};
use mote_core::names::LONGEST_NAME;
use mote_core::organizations::{NewOrganization, Organization};
use mote_core::products::Product;
use serde::Deserialize;

use crate::access::{OfAccount, OfOrganization};
use crate::address::Query;
use crate::failure::{Failure, to_tell};
use crate::form::Form;
use crate::frames::OrganizationFrame;
use crate::page::{Done, Shell, page};
use crate::session::Person;

#[derive(Template)]
#[template(path = "organizations.html")]
struct ListPage {
    shell: Shell,
    organizations: Vec<Organization>,
    name: String,
}

async fn list_page(
    mote: &Mote,
    person: &Person,
    access: &AccountAccess<OrganizationsList>,
    name: String,
    (done, refused): (Option<&str>, Option<String>),
) -> Result<Response, Failure> {
    let organizations = mote.list_organizations(access).await?;
    let shell = Shell::new("Organizations", person).with_done(done).with_refused(refused);
    Ok(page(&ListPage { shell, organizations, name }))
}

/// `GET /organizations`
pub(super) async fn list(
    State(mote): State<Mote>,
    person: Person,
    OfAccount(access): OfAccount<OrganizationsList>,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    list_page(&mote, &person, &access, String::new(), (done.done.as_deref(), None)).await
}

/// A new organization's fields.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct NewForm {
    name: String,
}

/// `POST /organizations`
pub(super) async fn create(
    State(mote): State<Mote>,
    person: Person,
    OfAccount(access): OfAccount<OrganizationsCreate>,
    OfAccount(listing): OfAccount<OrganizationsList>,
    Form(form): Form<NewForm>,
) -> Result<Response, Failure> {
    match mote.create_organization(&access, NewOrganization { name: form.name.clone() }).await {
        Ok(made) => Ok(Redirect::to(&format!("/organizations/{}", made.slug)).into_response()),
        Err(error) => list_page(&mote, &person, &listing, form.name, (None, Some(to_tell(error)?))).await,
    }
}

#[derive(Template)]
#[template(path = "organization.html")]
struct OrganizationPage {
    shell: Shell,
    frame: OrganizationFrame,
    products: Vec<Product>,
    may_not_create: Option<String>,
}

/// `GET /organizations/{organization}`
pub(super) async fn see(
    State(mote): State<Mote>,
    person: Person,
    OfOrganization(access): OfOrganization<OrganizationProductsList>,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    let products = mote.list_organization_products(&access).await?;
    let (shell, frame) = OrganizationFrame::new(&mote, &person, &access, "Products").await?;
    let shell = shell.with_done(done.done.as_deref());
    let may_not_create = frame.why_not::<OrganizationProductsCreate>();
    Ok(page(&OrganizationPage { shell, frame, products, may_not_create }))
}

#[derive(Template)]
#[template(path = "organization_settings.html")]
struct SettingsPage {
    shell: Shell,
    frame: OrganizationFrame,
    may_not_remove: Option<String>,
}

async fn settings_page(
    mote: &Mote,
    person: &Person,
    access: &OrganizationAccess<OrganizationsGet>,
    refused: Option<String>,
) -> Result<Response, Failure> {
    let (shell, frame) = OrganizationFrame::new(mote, person, access, "Settings").await?;
    let may_not_remove = frame.why_not::<OrganizationsRemove>();
    Ok(page(&SettingsPage { shell: shell.with_refused(refused), frame, may_not_remove }))
}

/// `GET /organizations/{organization}/settings`
pub(super) async fn settings(
    State(mote): State<Mote>,
    person: Person,
    OfOrganization(access): OfOrganization<OrganizationsGet>,
) -> Result<Response, Failure> {
    settings_page(&mote, &person, &access, None).await
}

#[derive(Deserialize)]
pub(super) struct End {
    slug: Option<String>,
}

/// `POST /organizations/{organization}/delete`: with the slug typed in, so that no slip does it.
pub(super) async fn delete(
    State(mote): State<Mote>,
    person: Person,
    OfOrganization(access): OfOrganization<OrganizationsRemove>,
    OfOrganization(looking): OfOrganization<OrganizationsGet>,
    Form(form): Form<End>,
) -> Result<Response, Failure> {
    let slug = &access.organization().slug;
    if form.slug.as_deref().map(str::trim) != Some(slug) {
        let why = format!("To delete the organization, type its slug: {slug}");
        return settings_page(&mote, &person, &looking, Some(why)).await;
    }
    match mote.delete_organization(&access).await {
        Ok(()) => Ok(Redirect::to("/organizations?done=organization-deleted").into_response()),
        Err(error) => settings_page(&mote, &person, &looking, Some(to_tell(error)?)).await,
    }
}
