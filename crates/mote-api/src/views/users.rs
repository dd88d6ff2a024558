//! Accounts.

use mote_core::accounts::Account;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// The account.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UserView {
    id: String,
    /// E-mail address.
    username: String,
    subscription_ids: Vec<i64>,
    /// What its owner says of himself: `first_name`, `last_name`, `business_account`, …
    #[schema(value_type = Object)]
    account_info: Map<String, Value>,
    scim_provisioned: bool,
    no_password: bool,
    mfa: Mfa,
    /// Devices that the account claimed, without a modem.
    wifi_device_count: i64,
    /// Those with one.
    cellular_device_count: i64,
}

#[derive(Debug, Serialize, ToSchema)]
struct Mfa {
    enabled: bool,
}

impl From<Account> for UserView {
    fn from(account: Account) -> Self {
        Self {
            id: account.id.to_string(),
            username: account.username,
            subscription_ids: Vec::new(),
            account_info: account.info,
            scim_provisioned: false,
            no_password: false,
            mfa: Mfa { enabled: account.mfa },
            wifi_device_count: account.wifi_devices,
            cellular_device_count: account.cellular_devices,
        }
    }
}
