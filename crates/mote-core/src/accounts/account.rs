//! What an account is.

use mote_store::accounts as rows;
use mote_store::accounts::AccountRow;
use mote_store::devices;
use serde_json::{Map, Value};

use crate::authorization::AccountAccess;
use crate::authorization::table::AccountSee;
use crate::devices::CELLULAR;
use crate::forms::read_bool;
use crate::keys::Purpose;
use crate::names::Username;
use crate::{AccountId, Error, Mote, OwnerId};

/// Bytes of `account_info` as JSON at most.
const LONGEST_INFO: usize = 4096;

/// An account, without its secrets.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    /// Key.
    pub id: AccountId,
    /// E-mail address.
    pub username: String,
    /// What its owner says of himself: `first_name`, `last_name`, …
    pub info: Map<String, Value>,
    /// Whether signing in takes a second factor.
    pub mfa: bool,
    /// Devices that it claimed, without a modem.
    pub wifi_devices: i64,
    /// Those with one.
    pub cellular_devices: i64,
}

impl Account {
    fn of_row(row: AccountRow, devices: i64, cellular: i64) -> Result<Self, Error> {
        let info = serde_json::from_str(&row.account_info)
            .map_err(|e| Error::Internal(format!("the info of account {} is no JSON object: {e}", row.id)))?;
        Ok(Self {
            id: AccountId(row.id),
            username: row.username,
            info,
            mfa: row.totp_secret.is_some(),
            wifi_devices: devices - cellular,
            cellular_devices: cellular,
        })
    }
}

/// Checks what an account says of itself, for the store.
pub(super) fn info_to_store(mut info: Map<String, Value>) -> Result<String, Error> {
    read_bool(&mut info, "business_account");
    let text = Value::Object(info).to_string();
    if text.len() <= LONGEST_INFO {
        Ok(text)
    } else {
        Err(Error::invalid("account_info", format!("is {LONGEST_INFO} bytes of JSON at most")))
    }
}

/// For an operator, who named it.
pub(super) fn no_account() -> Error {
    Error::NotFound("There is no account with this address".into())
}

impl Mote {
    /// The account.
    pub async fn account(&self, access: &AccountAccess<AccountSee>) -> Result<Account, Error> {
        let id = access.account();
        self.store()
            .read(move |db| {
                let row = rows::get(db, id.0)?.ok_or(Error::InvalidToken)?;
                let (devices, cellular) = devices::count_of_owner(db, OwnerId::from(id).key(), &CELLULAR)?;
                Account::of_row(row, devices, cellular)
            })
            .await
    }

    pub(super) async fn account_row(&self, id: AccountId) -> Result<AccountRow, Error> {
        self.store().read(move |db| rows::get(db, id.0)).await?.ok_or(Error::InvalidToken)
    }

    /// The account of an address that an operator names on the command line.
    pub async fn account_by_username(&self, username: &str) -> Result<AccountId, Error> {
        let username = Username::parse(username)?;
        let row = self.store().read(move |db| rows::by_username(db, username.as_str())).await?;
        row.map(|row| AccountId(row.id)).ok_or_else(no_account)
    }

    /// The secret of an account's second factor, if it is on.
    pub(super) fn totp_secret(&self, row: &AccountRow) -> Result<Option<zeroize::Zeroizing<Vec<u8>>>, Error> {
        let open = |sealed: &Vec<u8>| {
            let secret = self.keys().sealer.open(Purpose::Totp, &row.id.to_be_bytes(), sealed);
            secret.map_err(|e| Error::Internal(format!("the second factor of account {}: {e}", row.id)))
        };
        row.totp_secret.as_ref().map(open).transpose()
    }
}
