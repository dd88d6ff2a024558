//! The groups of a product's devices.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use mote_core::authorization::ProductAccess;
use mote_core::authorization::table::{GroupsCreate, GroupsGet, GroupsList, GroupsRemove, GroupsUpdate};
use mote_core::groups::{Group, GroupChange, NewGroup};
use mote_core::{Error, Mote};
use serde::Deserialize;

use crate::access::OfProduct;
use crate::address::{Path, Query};
use crate::failure::{Failure, to_tell};
use crate::form::{Form, Nothing};
use crate::frames::ProductFrame;
use crate::page::{Done, Shell, page};
use crate::session::Person;

const TAB: &str = "Groups";

#[derive(Template)]
#[template(path = "groups.html")]
struct GroupsPage {
    shell: Shell,
    frame: ProductFrame,
    groups: Vec<Group>,
    form: NewForm,
    may_not_create: Option<String>,
}

async fn groups_page(
    mote: &Mote,
    person: &Person,
    access: &ProductAccess<GroupsList>,
    form: NewForm,
    done: Option<&str>,
    refused: Option<String>,
) -> Result<Response, Failure> {
    let (shell, frame) = ProductFrame::new(mote, person, access, TAB).await?;
    let shell = shell.with_done(done).with_refused(refused);
    let groups = mote.list_groups(access, None).await?;
    let may_not_create = frame.why_not::<GroupsCreate>();
    Ok(page(&GroupsPage { shell, frame, groups, form, may_not_create }))
}

/// `GET /products/{product}/groups`
pub(super) async fn list(
    State(mote): State<Mote>,
    person: Person,
    OfProduct(access): OfProduct<GroupsList>,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    groups_page(&mote, &person, &access, NewForm::default(), done.done.as_deref(), None).await
}

/// A group's fields.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct NewForm {
    name: String,
    description: String,
    color: Option<String>,
}

/// Back to the list, with what came of it.
async fn after<T>(
    mote: &Mote,
    person: &Person,
    looking: &ProductAccess<GroupsList>,
    form: NewForm,
    done: &str,
    result: Result<T, Error>,
) -> Result<Response, Failure> {
    match result {
        Ok(_) => {
            let slug = &looking.product().slug;
            Ok(Redirect::to(&format!("/products/{slug}/groups?done={done}")).into_response())
        }
        Err(error) => groups_page(mote, person, looking, form, None, Some(to_tell(error)?)).await,
    }
}

/// `POST /products/{product}/groups`
pub(super) async fn create(
    State(mote): State<Mote>,
    person: Person,
    OfProduct(access): OfProduct<GroupsCreate>,
    OfProduct(looking): OfProduct<GroupsList>,
    Form(form): Form<NewForm>,
) -> Result<Response, Failure> {
    let new = NewGroup {
        name: form.name.clone(),
        description: Some(form.description.clone()),
        color: form.color.clone(),
    };
    let made = mote.create_group(&access, new).await;
    after(&mote, &person, &looking, form, "saved", made).await
}

/// The parameters of a group's path.
#[derive(Deserialize)]
pub(super) struct Named {
    group: String,
}

#[derive(Template)]
#[template(path = "group.html")]
struct GroupPage {
    shell: Shell,
    frame: ProductFrame,
    group: Group,
    may_not_update: Option<String>,
    may_not_remove: Option<String>,
}

async fn group_page(
    mote: &Mote,
    person: &Person,
    access: &ProductAccess<GroupsGet>,
    named: &str,
    (done, refused): (Option<&str>, Option<String>),
) -> Result<Response, Failure> {
    let group = mote.get_group(access, named).await?;
    let (shell, frame) = ProductFrame::new(mote, person, access, TAB).await?;
    let shell = shell.with_done(done).with_refused(refused);
    let (may_not_update, may_not_remove) = (frame.why_not::<GroupsUpdate>(), frame.why_not::<GroupsRemove>());
    Ok(page(&GroupPage { shell, frame, group, may_not_update, may_not_remove }))
}

/// `GET /products/{product}/groups/{group}`
pub(super) async fn see(
    State(mote): State<Mote>,
    person: Person,
    OfProduct(access): OfProduct<GroupsGet>,
    Path(named): Path<Named>,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    group_page(&mote, &person, &access, &named.group, (done.done.as_deref(), None)).await
}

/// `POST /products/{product}/groups/{group}`
pub(super) async fn update(
    State(mote): State<Mote>,
    person: Person,
    OfProduct(access): OfProduct<GroupsUpdate>,
    OfProduct(looking): OfProduct<GroupsGet>,
    Path(named): Path<Named>,
    Form(form): Form<NewForm>,
) -> Result<Response, Failure> {
    let change =
        GroupChange { name: Some(form.name), description: Some(form.description), color: form.color };
    match mote.update_group(&access, &named.group, change).await {
        Ok(group) => {
            let (slug, name) = (&looking.product().slug, &group.name);
            Ok(Redirect::to(&format!("/products/{slug}/groups/{name}?done=saved")).into_response())
        }
        Err(error) => group_page(&mote, &person, &looking, &named.group, (None, Some(to_tell(error)?))).await,
    }
}

/// A color as browsers take it for a field: with two digits each.
fn six_digits(color: &str) -> String {
    match color.strip_prefix('#') {
        Some(digits) if digits.len() == 3 => {
            let twice = digits.chars().flat_map(|digit| [digit, digit]);
            std::iter::once('#').chain(twice).collect()
        }
        _ => color.to_owned(),
    }
}

/// `POST /products/{product}/groups/{group}/delete`
pub(super) async fn delete(
    State(mote): State<Mote>,
    person: Person,
    OfProduct(access): OfProduct<GroupsRemove>,
    OfProduct(looking): OfProduct<GroupsList>,
    Path(named): Path<Named>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response, Failure> {
    let deleted = mote.delete_group(&access, &named.group).await;
    after(&mote, &person, &looking, NewForm::default(), "deleted", deleted).await
}
