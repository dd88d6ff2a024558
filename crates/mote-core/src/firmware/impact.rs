//! How many devices a release would update.

use std::collections::{BTreeMap, HashMap};

use mote_store::Db;
use mote_store::firmware as rows;

use super::upload::version_number;
use crate::authorization::ProductAccess;
use crate::authorization::table::GroupsImpact;
use crate::products::Product;
use crate::{Error, Mote};

/// Memberships that are looked at in one go.
const BATCH: i64 = 10_000;

/// A release that is planned.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// Version.
    pub version: i64,
    /// Names of the groups that it is to be released to, and no others.
    pub groups: Vec<String>,
    /// Whether it is to be the product's default; false takes that from it.
    pub product_default: Option<bool>,
}

/// How many devices would be updated by what was planned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Impact {
    /// By the version that they would get.
    pub by_version: BTreeMap<i32, i64>,
}

impl Impact {
    /// How many in all.
    #[must_use]
    pub fn total(&self) -> i64 {
        self.by_version.values().sum()
    }

    /// Counts devices that run `running`, for which `before` was meant, and then `after`: they are updated as a result of
    /// the change if it means another version for them, which they do not run.
    fn count(&mut self, running: i32, before: Option<i32>, after: Option<i32>, devices: i64) {
        if let Some(version) = after.filter(|version| after != before && *version != running && devices > 0) {
            *self.by_version.entry(version).or_default() += devices;
        }
    }
}

/// What is released: before a change, and after it.
#[derive(Debug)]
struct Releases {
    default: [Option<i32>; 2],
    /// By the key of the group; only groups that have something before or after.
    groups: HashMap<i64, [Option<i32>; 2]>,
}

impl Releases {
    fn new(product: &Product, version: i32, plan: &Plan) -> Result<Self, Error> {
        let known = |name: &String| product.group(name).is_some();
        if !plan.groups.iter().all(known) {
            return Err(Error::invalid("groups", "are groups of the product; one of these is none"));
        }
        let before = product.default_firmware;
        let after = match plan.product_default {
            Some(true) => Some(version),
            Some(false) => before.filter(|default| *default != version),
            None => before,
        };
        let groups = product.groups.iter().map(|group| {
            let before = group.firmware_version;
            let planned = plan.groups.contains(&group.name);
            let after = if planned { Some(version) } else { before.filter(|own| *own != version) };
            (group.id.0, [before, after])
        });
        let groups = groups.filter(|(_, releases)| *releases != [None, None]).collect();
        Ok(Self { default: [before, after], groups })
    }

    /// What is meant for a device in these groups, before and after.
    fn meant(&self, groups: &[i64]) -> [Option<i32>; 2] {
        [0, 1].map(|side| {
            let of_groups = groups.iter().filter_map(|group| self.groups.get(group)?[side]).max();
            of_groups.or(self.default[side])
        })
    }
}

impl Mote {
    /// How many devices a planned release would update (contract: Groups-getDeviceGroupsImpact): those that are neither
    /// locked nor for development, for which it changes the version that is meant for them to one that they do not run.
    pub async fn release_impact(
        &self,
        access: &ProductAccess<GroupsImpact>,
        plan: &Plan,
    ) -> Result<Impact, Error> {
        let version = version_number(plan.version)?;
        let releases = Releases::new(access.product(), version, plan)?;
        let product = access.product().id.0;
        self.store()
            .read(move |db| {
                if rows::get(db, product, version)?.is_none() {
                    let text = "is a version of this product's firmware that was uploaded";
                    return Err(Error::invalid("firmware_version", text));
                }
                count(db, product, &releases)
            })
            .await
    }
}

fn count(db: &mut Db, product: i64, releases: &Releases) -> Result<Impact, Error> {
    let mut impact = Impact::default();
    // How many devices of each version have no say in this by a group.
    let mut rest: HashMap<i32, i64> = HashMap::new();
    if releases.default[0] != releases.default[1] {
        rest.extend(rows::reached_by_version(db, product)?);
    }
    let groups: Vec<i64> = releases.groups.keys().copied().collect();
    if !groups.is_empty() {
        each_member(db, product, &groups, |running, own| {
            let [before, after] = releases.meant(own);
            impact.count(running, before, after, 1);
            // One that is in such a group, but without a release on either side, has the default there.
            *rest.entry(running).or_default() -= 1;
        })?;
    }
    for (running, devices) in rest {
        impact.count(running, releases.default[0], releases.default[1], devices);
    }
    Ok(impact)
}

/// Calls `see` for each device that is in one of these groups and that releases reach: what it runs, and its groups.
fn each_member(
    db: &mut Db,
    product: i64,
    groups: &[i64],
    mut see: impl FnMut(i32, &[i64]),
) -> Result<(), Error> {
    let mut after = String::new();
    loop {
        let batch = rows::reached_members(db, product, groups, &after, BATCH)?;
        let is_last = i64::try_from(batch.len()).unwrap_or(i64::MAX) < BATCH;
        let mut devices: Vec<_> = batch.chunk_by(|one, next| one.0 == next.0).collect();
        // The last device of a full batch may have more groups; it comes again. No device has so many as a whole batch.
        if !is_last {
            devices.pop();
        }
        for memberships in devices {
            let [(device, running, _), ..] = memberships else { continue };
            let own: Vec<i64> = memberships.iter().map(|(.., group)| *group).collect();
            see(*running, &own);
            after.clone_from(device);
        }
        if is_last {
            return Ok(());
        }
    }
}
