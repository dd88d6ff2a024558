//! Whose devices are.

use std::collections::{BTreeSet, HashMap};

use mote_store::devices::DeviceRow;
use mote_store::{Db, accounts, customers};

use crate::{Error, OwnerId};

/// The owner of a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// Account or customer.
    pub id: OwnerId,
    /// Address, or the other name of a customer.
    pub username: String,
}

/// A device and its owner.
pub(super) type Owned = (DeviceRow, Option<Owner>);

/// Looks up whose devices these are: a query for the accounts and one for the customers among them, each only where there
/// are any. Cheaper than to join both tables to every row of a page, of which most have no owner, or the same.
pub(super) fn with_owners(db: &mut Db, rows: Vec<DeviceRow>) -> Result<Vec<Owned>, Error> {
    let keys: BTreeSet<i64> = rows.iter().filter_map(|row| row.owner_id).collect();
    let (of_accounts, of_customers): (Vec<i64>, Vec<i64>) =
        keys.into_iter().partition(|key| matches!(OwnerId::from_key(*key), OwnerId::Account(_)));
    let mut names = HashMap::new();
    if !of_accounts.is_empty() {
        names.extend(accounts::usernames(db, &of_accounts)?);
    }
    if !of_customers.is_empty() {
        names.extend(customers::usernames(db, &of_customers)?);
    }
    let owner = |key: i64| {
        let username = names.get(&key)?.clone();
        Some(Owner { id: OwnerId::from_key(key), username })
    };
    Ok(rows
        .into_iter()
        .map(|row| (row.owner_id.and_then(owner), row))
        .map(|(owner, row)| (row, owner))
        .collect())
}

/// The account or customer of this key, if there still is one.
pub(super) fn owner(db: &mut Db, id: OwnerId) -> Result<Option<Owner>, Error> {
    let found = match id {
        OwnerId::Account(id) => accounts::usernames(db, &[id.0])?,
        OwnerId::Customer(id) => customers::usernames(db, &[id.0])?,
    };
    Ok(found.into_iter().next().map(|(_, username)| Owner { id, username }))
}

/// The same for one device.
pub(super) fn with_owner(db: &mut Db, row: DeviceRow) -> Result<Owned, Error> {
    let missing = || Error::Internal("a device vanished while its owner was looked up".into());
    with_owners(db, vec![row])?.pop().ok_or_else(missing)
}
