//! What ledgers held before. Of each instance the latest versions are kept, for a time.

use mote_store::Db;
use mote_store::ledgers as ledger_rows;
use mote_store::ledgers::instances as instance_rows;
use mote_store::ledgers::instances::InstanceRow;
use mote_store::ledgers::versions as rows;
use mote_store::ledgers::versions::VersionRow;

use super::{Instance, Ledger, unknown_instance};
use crate::authorization::SpaceAccess;
use crate::authorization::table::{LedgerVersionsGet, LedgerVersionsList};
use crate::{Error, Moment, Mote};

/// Versions kept of an instance at most, beside what it holds now.
const MOST_VERSIONS: usize = 100;
/// Bytes kept of an instance's versions at most; the last one is kept whatever its size.
const MOST_BYTES: i64 = 4 * 1024 * 1024;
/// Versions in an answer at most.
const MOST_LISTED: u8 = 50;
/// How long after it was replaced a version is kept.
const DAYS: i64 = 30;
/// Rows that one sweep removes at most: they may be large.
const BATCH: i64 = 100;

/// Which versions of an instance.
#[derive(Clone, Copy, Debug, Default)]
pub struct VersionQuery {
    /// Only those that were replaced before.
    pub replaced_before: Option<Moment>,
    /// Only those that were replaced after, and what is held now.
    pub replaced_after: Option<Moment>,
}

/// Some versions of an instance.
#[derive(Debug)]
pub struct Versions {
    /// The latest first; what is held now is one of them.
    pub versions: Vec<Instance>,
    /// Whether earlier ones are left: ask for those replaced before the last of these was.
    pub has_more: bool,
}

impl Mote {
    /// What a ledger holds and held for one device, product or owner.
    pub async fn list_ledger_versions(
        &self,
        access: &SpaceAccess<LedgerVersionsList>,
        name: &str,
        scope_value: &str,
        query: VersionQuery,
    ) -> Result<Versions, Error> {
        let ledger = self.ledger(access.space().key(), name).await?;
        let subject = self.subject(access.space(), ledger.scope, scope_value).await?;
        let (id, value) = (ledger.id, subject.value.clone());
        let after = query.replaced_after.map_or(i64::MIN, |moment| moment.0);
        let before = query.replaced_before.map_or(i64::MAX, |moment| moment.0);
        let (now, held) = self
            .store()
            .read(move |db| -> Result<_, Error> {
                let now = instance_rows::get(db, id, &value)?.ok_or_else(unknown_instance)?;
                Ok((now, rows::list(db, id, &value, after, before, 1 + i64::from(MOST_LISTED))?))
            })
            .await?;
        let mut versions = Vec::with_capacity(held.len() + 1);
        if query.replaced_before.is_none() {
            versions.push(Instance::new(&ledger, now)?.about(subject));
        }
        for row in held {
            versions.push(held_before(&ledger, row)?);
        }
        let has_more = versions.len() > usize::from(MOST_LISTED);
        versions.truncate(usize::from(MOST_LISTED));
        Ok(Versions { versions, has_more })
    }

    /// What a ledger held since `written`, the moment that names a version, for one device, product or owner.
    pub async fn get_ledger_version(
        &self,
        access: &SpaceAccess<LedgerVersionsGet>,
        name: &str,
        scope_value: &str,
        written: Moment,
    ) -> Result<Instance, Error> {
        let ledger = self.ledger(access.space().key(), name).await?;
        let subject = self.subject(access.space(), ledger.scope, scope_value).await?;
        let (id, value) = (ledger.id, subject.value);
        let (now, held) = self
            .store()
            .read(move |db| -> Result<_, Error> {
                let now = instance_rows::get(db, id, &value)?.ok_or_else(unknown_instance)?;
                Ok((now, rows::get(db, id, &value, written.0)?))
            })
            .await?;
        match held {
            _ if now.updated_at == written.0 => Instance::new(&ledger, now),
            Some(row) => held_before(&ledger, row),
            None => Err(Error::NotFound("There is no such version: it is named by its updated_at".into())),
        }
    }
}

fn held_before(ledger: &Ledger, row: VersionRow) -> Result<Instance, Error> {
    let replaced_at = Some(Moment(row.replaced_at));
    let held = InstanceRow {
        ledger_id: row.ledger_id,
        scope_value: row.scope_value,
        data: row.data,
        size_bytes: row.size_bytes,
        created_at: row.created_at,
        updated_at: row.updated_at,
    };
    Ok(Instance { replaced_at, ..Instance::new(ledger, held)? })
}

/// Removes the earliest versions of an instance that are too many, or too large together.
pub(super) fn trim(db: &mut Db, ledger: i64, scope_value: &str) -> Result<(), Error> {
    let kept = rows::sizes(db, ledger, scope_value)?;
    if let Some(last) = first_over(&kept) {
        rows::delete_until(db, ledger, scope_value, last)?;
    }
    Ok(())
}

/// Of versions with their sizes, the latest first, the first that is over the bounds.
fn first_over(versions: &[(i64, i32)]) -> Option<i64> {
    let mut bytes = 0;
    let over = versions.iter().enumerate().find(|(place, (_, size))| {
        bytes += i64::from(*size);
        *place > 0 && (*place >= MOST_VERSIONS || bytes > MOST_BYTES)
    });
    over.map(|(_, (written, _))| *written)
}

/// Removes some of the versions whose time is over, and of ledgers that are gone with whose they were; how many rows.
pub(crate) fn sweep(db: &mut Db, now: Moment) -> Result<usize, Error> {
    let over = now.plus_seconds(-DAYS * 24 * 60 * 60);
    Ok(rows::sweep(db, over.0, BATCH)? + ledger_rows::sweep_gone(db, BATCH)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_bounded_in_number_and_size() {
        let small: Vec<_> = (0..150).rev().map(|written| (written, 2)).collect();
        assert_eq!(first_over(&small[..100]), None);
        assert_eq!(first_over(&small), Some(49), "the hundred latest are kept");
        let large: Vec<_> = (0..10).rev().map(|written| (written, 1024 * 1024)).collect();
        assert_eq!(first_over(&large), Some(5), "four MiB are kept");
        assert_eq!(first_over(&[(1, i32::MAX)]), None, "the last one is");
        assert_eq!(first_over(&[]), None);
    }
}
