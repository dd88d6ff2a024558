//! What ledgers hold: read, written, listed, deleted.

use mote_store::Db;
use mote_store::ledgers as ledger_rows;
use mote_store::ledgers::instances as rows;
use mote_store::ledgers::instances::InstanceRow;
use mote_store::ledgers::versions;
use serde_json::{Map, Value};

use super::data::{InstanceData, from_json, to_json};
use super::reach::Subject;
use super::{Ledger, LedgerScope, SetMode, unknown_instance, unknown_ledger};
use crate::authorization::SpaceAccess;
use crate::authorization::table::{
    LedgerInstancesGet, LedgerInstancesList, LedgerInstancesRemove, LedgerInstancesSet,
};
use crate::paging::Paging;
use crate::{Error, Moment, Mote};

/// What a ledger holds, or held, for one device, product or owner.
#[derive(Clone, Debug)]
pub struct Instance {
    /// The ledger's name.
    pub ledger: String,
    /// What the ledger has instances for.
    pub scope: LedgerScope,
    /// The ID of what this one is for.
    pub scope_value: String,
    /// The name of that, in listings.
    pub scope_name: Option<String>,
    /// Whether that is (still) there, and of whose ledger it is; known in listings.
    pub owned: bool,
    /// Bytes of its data as JSON.
    pub size_bytes: i32,
    /// The data.
    pub data: InstanceData,
    /// Made.
    pub created_at: Moment,
    /// Written.
    pub updated_at: Moment,
    /// When other data took its place; none for what is held now.
    pub replaced_at: Option<Moment>,
}

impl Instance {
    pub(super) fn new(ledger: &Ledger, row: InstanceRow) -> Result<Self, Error> {
        Ok(Self {
            ledger: ledger.name.clone(),
            scope: ledger.scope,
            scope_value: row.scope_value,
            scope_name: None,
            owned: true,
            size_bytes: row.size_bytes,
            data: InstanceData::kept(row.data)?,
            created_at: Moment(row.created_at),
            updated_at: Moment(row.updated_at),
            replaced_at: None,
        })
    }

    /// The same with what is known of what it is for.
    pub(super) fn about(self, subject: Subject) -> Self {
        Self { scope_name: subject.name, owned: subject.owned, ..self }
    }
}

/// A page of what a ledger holds.
#[derive(Debug)]
pub struct InstancePage {
    /// The instances, in the order of what they are for.
    pub instances: Vec<Instance>,
    /// Which page.
    pub page: i64,
    /// Instances on a full page.
    pub per_page: i64,
    /// Pages.
    pub total_pages: i64,
    /// Instances on all pages.
    pub total: i64,
}

impl Mote {
    /// A page of what a ledger holds.
    pub async fn list_ledger_instances(
        &self,
        access: &SpaceAccess<LedgerInstancesList>,
        name: &str,
        page: Option<i64>,
        per_page: Option<i64>,
    ) -> Result<InstancePage, Error> {
        let ledger = self.ledger(access.space().key(), name).await?;
        let most = ledger.direction.most_per_page();
        let asked = Paging::asked(page, per_page, most)?;
        let paging = Paging { per_page: asked.per_page.min(most), ..asked };
        let id = ledger.id;
        let found = self.store().read(move |db| rows::page(db, id, paging.offset(), paging.per_page)).await?;
        let values = found.iter().map(|row| row.scope_value.clone()).collect();
        let subjects = self.subjects(access.space(), ledger.scope, values).await?;
        let instances = found.into_iter().zip(subjects);
        Ok(InstancePage {
            instances: instances
                .map(|(row, subject)| Ok(Instance::new(&ledger, row)?.about(subject)))
                .collect::<Result<_, Error>>()?,
            page: paging.page,
            per_page: paging.per_page,
            total_pages: paging.pages(ledger.instances),
            total: ledger.instances,
        })
    }

    /// What a ledger holds for one device, product or owner.
    pub async fn get_ledger_instance(
        &self,
        access: &SpaceAccess<LedgerInstancesGet>,
        name: &str,
        scope_value: &str,
    ) -> Result<Instance, Error> {
        let ledger = self.ledger(access.space().key(), name).await?;
        let subject = self.subject(access.space(), ledger.scope, scope_value).await?;
        let id = ledger.id;
        let row = self.store().read(move |db| rows::get(db, id, &subject.value)).await?;
        Instance::new(&ledger, row.ok_or_else(unknown_instance)?)
    }

    /// Writes what a ledger holds for a device, product or owner, which must be there and within reach. What was held becomes
    /// a version.
    pub async fn set_ledger_instance(
        &self,
        access: &SpaceAccess<LedgerInstancesSet>,
        name: &str,
        scope_value: &str,
        mode: SetMode,
        data: Map<String, Value>,
    ) -> Result<Instance, Error> {
        let ledger = self.ledger(access.space().key(), name).await?;
        ledger.is_writable()?;
        let subject = self.subject(access.space(), ledger.scope, scope_value).await?;
        if !subject.owned {
            return Err(Error::NotFound(format!(
                "There is no such {} here, so this ledger can hold nothing for it",
                ledger.scope.name().to_lowercase()
            )));
        }
        let now = self.now();
        self.store()
            .write(move |db| -> Result<Instance, Error> {
                // What was read before may have been archived meanwhile.
                let row = ledger_rows::get(db, ledger.id)?.ok_or_else(unknown_ledger)?;
                let ledger = Ledger::try_from(row)?;
                ledger.is_writable()?;
                let row = write(db, &ledger, &subject.value, mode, &data, now)?;
                Instance::new(&ledger, row)
            })
            .await
    }

    /// Deletes what a ledger holds, and held, for one device, product or owner.
    pub async fn delete_ledger_instance(
        &self,
        access: &SpaceAccess<LedgerInstancesRemove>,
        name: &str,
        scope_value: &str,
    ) -> Result<(), Error> {
        let ledger = self.ledger(access.space().key(), name).await?;
        ledger.in_use()?;
        let subject = self.subject(access.space(), ledger.scope, scope_value).await?;
        let id = ledger.id;
        self.store()
            .write(move |db| -> Result<(), Error> {
                if !rows::delete(db, id, &subject.value)? {
                    return Err(unknown_instance());
                }
                versions::delete_until(db, id, &subject.value, i64::MAX)?;
                Ok(ledger_rows::instances_changed(db, id, -1)?)
            })
            .await
    }
}

fn write(
    db: &mut Db,
    ledger: &Ledger,
    scope_value: &str,
    mode: SetMode,
    data: &Map<String, Value>,
    now: Moment,
) -> Result<InstanceRow, Error> {
    let old = rows::get(db, ledger.id, scope_value)?;
    let held = old.as_ref().map(|old| from_json(&old.data)).transpose()?.unwrap_or_default();
    let text = to_json(&mode.apply(held, data.clone()), ledger.direction.most_bytes())?;
    // The moment names the version: two writes within a millisecond are two.
    let at = old.as_ref().map_or(now.0, |old| now.0.max(old.updated_at + 1));
    let row = InstanceRow {
        ledger_id: ledger.id,
        scope_value: scope_value.to_owned(),
        size_bytes: i32::try_from(text.len()).unwrap_or(i32::MAX),
        data: text,
        created_at: old.as_ref().map_or(at, |old| old.created_at),
        updated_at: at,
    };
    if let Some(old) = old {
        versions::insert(db, &old, at)?;
        super::versions::trim(db, ledger.id, scope_value)?;
        rows::update(db, &row)?;
    } else {
        rows::insert(db, &row)?;
        ledger_rows::instances_changed(db, ledger.id, 1)?;
    }
    Ok(row)
}
