//! Making, listing, changing and deleting groups.

use mote_store::Db;
use mote_store::groups as rows;
use mote_store::groups::GroupRow;

use super::{Group, GroupColor, GroupName};
use crate::audit::{Action, Entry};
use crate::authorization::ProductAccess;
use crate::authorization::table::{GroupsCreate, GroupsGet, GroupsList, GroupsRemove, GroupsUpdate};
use crate::notices::Notice;
use crate::spaces::still_there;
use crate::{Error, Moment, Mote, ProductId};

/// Groups of a product at most: bounds its list, which the API gives whole.
const MOST_GROUPS: i64 = 500;
/// Characters of a description at most.
const LONGEST_DESCRIPTION: usize = 1000;

/// What a new group is to be.
#[derive(Debug, Default)]
pub struct NewGroup {
    /// Name.
    pub name: String,
    /// Description.
    pub description: Option<String>,
    /// Color.
    pub color: Option<String>,
}

/// What is to be changed of a group.
#[derive(Debug, Default)]
pub struct GroupChange {
    /// New name; devices stay in the group.
    pub name: Option<String>,
    /// New description.
    pub description: Option<String>,
    /// New color.
    pub color: Option<String>,
}

impl Mote {
    /// The product's groups, by name; those whose name has `part` in it.
    pub async fn list_groups(
        &self,
        access: &ProductAccess<GroupsList>,
        part: Option<&str>,
    ) -> Result<Vec<Group>, Error> {
        let product = access.product().id;
        let found = self.store().read(move |db| rows::of_products(db, &[product.0])).await?;
        let part = part.unwrap_or_default();
        Ok(found.into_iter().filter(|row| row.name.contains(part)).map(Into::into).collect())
    }

    /// Makes a group.
    pub async fn create_group(
        &self,
        access: &ProductAccess<GroupsCreate>,
        new: NewGroup,
    ) -> Result<Group, Error> {
        let product = access.product().id;
        let name = GroupName::parse("name", &new.name)?;
        let color = new.color.as_deref().map(GroupColor::parse).transpose()?.unwrap_or_default();
        let description = checked_description(new.description.unwrap_or_default())?;
        let (now, recorder) = (self.now(), self.recorder(access.caller()));
        let key = self.new_key(now);
        let create = move |db: &mut Db| -> Result<Group, Error> {
            still_there(db, product.into())?;
            if rows::by_name(db, product.0, name.as_str())?.is_some() {
                return Err(taken(&name));
            }
            let row = GroupRow {
                description: description.clone(),
                color: color.to_string(),
                ..new_row(key, product, &name, now)
            };
            insert(db, &row)?;
            recorder.record(db, Entry::new(Action::GroupCreated, &row.name, &row.name).of(product))?;
            Ok(row.into())
        };
        self.write_and_forget(create, move |_| [Notice::ProductChanged(product)]).await
    }

    /// The group of this name.
    pub async fn get_group(&self, access: &ProductAccess<GroupsGet>, name: &str) -> Result<Group, Error> {
        let (product, name) = (access.product().id, name.to_owned());
        let found = self.store().read(move |db| rows::by_name(db, product.0, &name)).await?;
        found.map(Into::into).ok_or_else(unknown)
    }

    /// Changes a group.
    pub async fn update_group(
        &self,
        access: &ProductAccess<GroupsUpdate>,
        named: &str,
        change: GroupChange,
    ) -> Result<Group, Error> {
        if change.name.is_none() && change.description.is_none() && change.color.is_none() {
            return Err(Error::invalid("name", "description or color is needed: what is to be changed"));
        }
        let name = change.name.as_deref().map(|name| GroupName::parse("name", name)).transpose()?;
        let color = change.color.as_deref().map(GroupColor::parse).transpose()?;
        let description = change.description.map(checked_description).transpose()?;
        let (product, named, now) = (access.product().id, named.to_owned(), self.now());
        let recorder = self.recorder(access.caller());
        let update = move |db: &mut Db| -> Result<Group, Error> {
            let mut row = rows::by_name(db, product.0, &named)?.ok_or_else(unknown)?;
            if let Some(name) = name.as_ref().filter(|name| name.as_str() != row.name) {
                if rows::by_name(db, product.0, name.as_str())?.is_some() {
                    return Err(taken(name));
                }
                row.name = name.to_string();
            }
            row.color = color.as_ref().map_or(row.color, ToString::to_string);
            row.description = description.clone().unwrap_or(row.description);
            row.updated_at = now.0;
            rows::update(db, &row)?;
            recorder.record(db, Entry::new(Action::GroupUpdated, &named, &row.name).of(product))?;
            Ok(row.into())
        };
        self.write_and_forget(update, move |_| [Notice::ProductChanged(product)]).await
    }

    /// Deletes a group; its devices are in it no more, and what was released to it reaches them no more.
    pub async fn delete_group(&self, access: &ProductAccess<GroupsRemove>, named: &str) -> Result<(), Error> {
        let (product, named) = (access.product().id, named.to_owned());
        let recorder = self.recorder(access.caller());
        let delete = move |db: &mut Db| -> Result<(), Error> {
            let row = rows::by_name(db, product.0, &named)?.ok_or_else(unknown)?;
            recorder.record(db, Entry::new(Action::GroupDeleted, &named, &named).of(product))?;
            Ok(rows::delete(db, row.id)?)
        };
        self.write_and_forget(delete, move |()| [Notice::ProductChanged(product)]).await
    }
}

/// The row of a group that is just being made.
pub(super) fn new_row(key: i64, product: ProductId, name: &GroupName, now: Moment) -> GroupRow {
    GroupRow {
        id: key,
        product_id: product.0,
        name: name.to_string(),
        description: String::new(),
        color: GroupColor::default().to_string(),
        device_count: 0,
        firmware_version: None,
        created_at: now.0,
        updated_at: now.0,
    }
}

/// Adds a group, where the product has room for it.
pub(super) fn insert(db: &mut Db, row: &GroupRow) -> Result<(), Error> {
    if rows::count(db, row.product_id)? >= MOST_GROUPS {
        return Err(Error::Conflict(format!(
            "There are {MOST_GROUPS} groups already, which is the most; delete one first"
        )));
    }
    Ok(rows::insert(db, row)?)
}

fn taken(name: &GroupName) -> Error {
    Error::Conflict(format!("There is a group {name} already"))
}

fn unknown() -> Error {
    Error::NotFound("Group not found: this product has no group of this name".into())
}

fn checked_description(text: String) -> Result<String, Error> {
    let fits = text.chars().count() <= LONGEST_DESCRIPTION && !text.contains('\0');
    let wrong =
        || Error::invalid("description", format!("is text of {LONGEST_DESCRIPTION} characters at most"));
    if fits { Ok(text) } else { Err(wrong()) }
}
