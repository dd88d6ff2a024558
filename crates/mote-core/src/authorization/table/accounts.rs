//! Accounts.

use super::rights;

rights! {
    /// See the account.
    AccountSee => Account, None, ViewOnly, WhereOpened, [
        "GET /v1/user", "GET /v1/user/identify",
    ];
    /// Change or end the account; its password is asked for as well, or the link that it brought.
    AccountChange => Account, None, ViewOnly, WhereOpened, [
        "PUT /v1/user", "DELETE /v1/user", "PUT /v1/user/username",
        "GET /v1/user/mfa-enable", "POST /v1/user/mfa-enable", "PUT /v1/user/mfa-disable",
    ];
}
