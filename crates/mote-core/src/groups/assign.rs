//! Which devices are in which groups.

use std::collections::HashSet;

use mote_store::groups as rows;
use mote_store::{Db, devices};

use super::GroupName;
use super::use_cases::{insert, new_row};
use crate::audit::Action;
use crate::authorization::ProductAccess;
use crate::authorization::table::DevicesUpdate;
use crate::names::DeviceId;
use crate::notices::Notice;
use crate::{Error, Moment, Mote, ProductId};

/// Devices in one request at most: about fifty milliseconds of the writer.
const MOST_DEVICES: usize = 1000;
/// Groups that one request may name.
const MOST_NAMED: usize = 100;

/// Groups that devices are to be in, each with a key in case that it must be made first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment(Vec<(GroupName, i64)>);

/// What is to be changed of the groups of many devices.
#[derive(Debug, Default)]
pub struct BatchAssignment {
    /// IDs of the devices.
    pub devices: Vec<String>,
    /// Groups to put them into.
    pub add: Vec<String>,
    /// Groups to take them out of.
    pub remove: Vec<String>,
}

impl Mote {
    /// Reads the names of groups that devices are to be put into; `field` is what the request calls them.
    pub fn assignment(&self, field: &'static str, names: &[String]) -> Result<Assignment, Error> {
        let names = checked(field, names)?;
        let now = self.now();
        Ok(Assignment(names.into_iter().map(|name| (name, self.new_key(now))).collect()))
    }

    /// Puts many devices of the product into groups and takes them out of others, all or none. A group that does not exist
    /// yet is made when something is to be put into it.
    pub async fn assign_groups(
        &self,
        access: &ProductAccess<DevicesUpdate>,
        batch: BatchAssignment,
    ) -> Result<(), Error> {
        let (product, now, recorder) = (access.product().id, self.now(), self.recorder(access.caller()));
        if batch.devices.is_empty() || batch.devices.len() > MOST_DEVICES {
            return Err(Error::invalid("devices", format!("are 1 to {MOST_DEVICES} device IDs")));
        }
        let unknown = || Error::NotFound("Device not found for this product".into());
        let devices: Vec<DeviceId> = batch
            .devices
            .iter()
            .map(|text| DeviceId::parse(text).ok_or_else(unknown))
            .collect::<Result<_, _>>()?;
        let add = self.assignment("metadata.add", &batch.add)?;
        let remove = checked("metadata.remove", &batch.remove)?;
        if add.0.is_empty() && remove.is_empty() {
            return Err(Error::invalid("metadata", "names the groups to add, to remove, or both"));
        }
        let assign = move |db: &mut Db| -> Result<(), Error> {
            let ids = devices.iter().map(DeviceId::as_str);
            recorder.record_batch(db, Action::GroupsAssigned, product, ids)?;
            let groups = made(db, product, &add, now)?;
            let mut gone = Vec::new();
            for name in &remove {
                gone.extend(rows::by_name(db, product.0, name.as_str())?.map(|row| row.id));
            }
            for device in &devices {
                let row = devices::get(db, device.as_str())?.filter(|row| row.product_id == Some(product.0));
                if row.ok_or_else(unknown)?.quarantined {
                    return Err(Error::Quarantined);
                }
                gone.iter().try_for_each(|group| rows::leave(db, *group, device.as_str()))?;
                groups.iter().try_for_each(|group| rows::join(db, *group, device.as_str()))?;
            }
            Ok(())
        };
        self.write_and_forget(assign, move |()| [Notice::ProductChanged(product)]).await
    }
}

/// Puts a device of the product into these groups and no other; those that do not exist yet are made.
pub(crate) fn join(
    db: &mut Db,
    product: ProductId,
    device: &str,
    assignment: &Assignment,
    now: Moment,
) -> Result<(), Error> {
    let wanted = made(db, product, assignment, now)?;
    for (_, present, _) in rows::of_devices(db, &[device])? {
        if !wanted.contains(&present) {
            rows::leave(db, present, device)?;
        }
    }
    Ok(wanted.iter().try_for_each(|group| rows::join(db, *group, device))?)
}

/// The keys of groups, which are made where they do not exist.
fn made(db: &mut Db, product: ProductId, assignment: &Assignment, now: Moment) -> Result<Vec<i64>, Error> {
    assignment
        .0
        .iter()
        .map(|(name, key)| {
            if let Some(row) = rows::by_name(db, product.0, name.as_str())? {
                return Ok(row.id);
            }
            insert(db, &new_row(*key, product, name, now))?;
            Ok(*key)
        })
        .collect()
}

/// Names that are read, each once.
fn checked(field: &'static str, names: &[String]) -> Result<Vec<GroupName>, Error> {
    if names.len() > MOST_NAMED {
        return Err(Error::invalid(field, format!("are {MOST_NAMED} groups at most")));
    }
    let mut seen = HashSet::new();
    let names = names.iter().map(|name| GroupName::parse(field, name)).collect::<Result<Vec<_>, _>>()?;
    Ok(names.into_iter().filter(|name| seen.insert(name.clone())).collect())
}
