//! The table of rights: each with the door it is at, its scope, the least role, and the endpoints that need it.
//!
//! Endpoints stand here as the OpenAPI document names them; a test walks that document, so a route without a row fails it.

use super::Role;

/// One right. The types that implement it have no values; they stand for a row of [`TABLE`].
pub trait Right: 'static {
    /// Its row.
    const ROW: &'static Row;
}

/// A right over an account.
pub trait AccountRight: Right {}

/// A right over a product.
pub trait ProductRight: Right {}

/// A row of the table.
#[derive(Debug, PartialEq, Eq)]
pub struct Row {
    /// The right's name, for messages and tests.
    pub name: &'static str,
    /// Where it is asked for.
    pub door: Door,
    /// The scope that opens it, as the contract names it; none where a limited token never does.
    pub scope: Option<&'static str>,
    /// The least role of a team member who may use it. At the other doors roles do not count.
    pub least: Role,
    /// Whether a team member's own token opens it.
    pub team: TeamTokens,
    /// `METHOD /path` of each endpoint that needs it.
    pub endpoints: &'static [&'static str],
}

/// Where a right is asked for, which decides the kind of credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Door {
    /// Open to all; no credential is looked at, or the endpoint takes one of its own in the body or by HTTP Basic.
    Open,
    /// Any living token.
    Token,
    /// An account: its own token.
    Account,
    /// A product: its own token, or a team member's within [`Row::team`].
    Product,
}

/// Whether a team member's own token is taken at a product's door.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TeamTokens {
    /// Always: product credentials are made here.
    Always,
    /// Where the server's setting `team-tokens` or the product's `settings.team_tokens` says so.
    WhereOpened,
}

macro_rules! rights {
    ($($(#[$doc:meta])* $name:ident => $door:ident, $scope:expr, $least:ident, $team:ident, [$($endpoint:literal),+ $(,)?];)+) => {
        $(
            $(#[$doc])*
            #[derive(Debug)]
            pub enum $name {}
            impl Right for $name {
                const ROW: &'static Row = &Row {
                    name: stringify!($name),
                    door: Door::$door,
                    scope: $scope,
                    least: Role::$least,
                    team: TeamTokens::$team,
                    endpoints: &[$($endpoint),+],
                };
            }
            rights!(@$door $name);
        )+
        /// Every row.
        pub const TABLE: &[&Row] = &[$(<$name as Right>::ROW),+];
    };
    (@Account $name:ident) => { impl AccountRight for $name {} };
    (@Product $name:ident) => { impl ProductRight for $name {} };
    (@$door:ident $name:ident) => {};
}

rights! {
    /// What needs no right: signing up and in, health, documents.
    Nothing => Open, None, ViewOnly, WhereOpened, [
        "POST /oauth/token",
        "POST /v1/users",
        "POST /v1/user/password-reset",
        "PUT /v1/user/password-reset",
        "DELETE /v1/access_tokens/{token}",
        "GET /healthz",
        "GET /readyz",
        "GET /metrics",
    ];
    /// See the token in hand.
    TokenSee => Token, None, ViewOnly, WhereOpened, ["GET /v1/access_tokens/current"];
    /// Give back the token in hand.
    TokenEnd => Token, None, ViewOnly, WhereOpened, ["DELETE /v1/access_tokens/current"];

    /// See the account.
    AccountSee => Account, None, ViewOnly, WhereOpened, [
        "GET /v1/user", "GET /v1/user/identify",
    ];
    /// Change or end the account; its password is asked for as well.
    AccountChange => Account, None, ViewOnly, WhereOpened, [
        "PUT /v1/user", "DELETE /v1/user",
        "GET /v1/user/mfa-enable", "POST /v1/user/mfa-enable", "PUT /v1/user/mfa-disable",
    ];
    /// List the account's tokens; also open to its username and password by HTTP Basic.
    TokensList => Account, None, ViewOnly, WhereOpened, ["GET /v1/access_tokens"];
    /// End all tokens of the account.
    TokensEnd => Account, None, ViewOnly, WhereOpened, ["DELETE /v1/access_tokens"];
    /// List the account's OAuth clients.
    AccountClientsList => Account, Some("clients:list"), ViewOnly, WhereOpened, ["GET /v1/clients"];
    /// Make an OAuth client of the account.
    AccountClientsCreate => Account, Some("clients:create"), ViewOnly, WhereOpened, ["POST /v1/clients"];
    /// Change an OAuth client of the account.
    AccountClientsUpdate => Account, Some("clients:update"), ViewOnly, WhereOpened, ["PUT /v1/clients/{clientId}"];
    /// Delete an OAuth client of the account.
    AccountClientsRemove => Account, Some("clients:remove"), ViewOnly, WhereOpened, ["DELETE /v1/clients/{clientId}"];
    /// List the products on whose team the account is.
    ProductsList => Account, Some("products:list"), ViewOnly, WhereOpened, ["GET /v1/user/products", "GET /v1/products"];
    /// Make a product.
    ProductsCreate => Account, Some("products:create"), ViewOnly, WhereOpened, ["POST /v1/products"];
    /// List the account's devices.
    AccountDevicesList => Account, Some("devices:list"), ViewOnly, WhereOpened, ["GET /v1/devices"];
    /// See a device of the account.
    AccountDevicesGet => Account, Some("devices:get"), ViewOnly, WhereOpened, ["GET /v1/devices/{deviceId}"];
    /// Claim a device.
    AccountDevicesClaim => Account, Some("devices:claim"), ViewOnly, WhereOpened, ["POST /v1/devices"];
    /// Change a device of the account.
    AccountDevicesUpdate => Account, Some("devices:update"), ViewOnly, WhereOpened, ["PUT /v1/devices/{deviceId}"];
    /// Let a device of the account go.
    AccountDevicesRelease => Account, Some("devices:release"), ViewOnly, WhereOpened, ["DELETE /v1/devices/{deviceId}"];
    /// Call a function on a device of the account.
    AccountDevicesCall => Account, Some("devices.function:call"), ViewOnly, WhereOpened, [
        "POST /v1/devices/{deviceId}/{name}",
    ];
    /// Read a variable of a device of the account.
    AccountDevicesRead => Account, Some("devices.variable:get"), ViewOnly, WhereOpened, [
        "GET /v1/devices/{deviceId}/{name}",
    ];
    /// Ask whether a device of the account is connected.
    AccountDevicesPing => Account, Some("devices:ping"), ViewOnly, WhereOpened, ["PUT /v1/devices/{deviceId}/ping"];
    /// Register a device with its public key.
    DevicesProvision => Account, None, ViewOnly, WhereOpened, ["POST /v1/provisioning/{deviceId}"];
    /// Find a device by its serial number.
    SerialNumbersLookUp => Token, None, ViewOnly, WhereOpened, ["GET /v1/serial_numbers/{serialNumber}"];

    /// See the product.
    ProductsGet => Product, Some("products:get"), ViewOnly, WhereOpened, ["GET /v1/products/{productIdOrSlug}"];
    /// Change the product and its settings.
    ProductsUpdate => Product, Some("products:update"), Administrator, WhereOpened, ["PUT /v1/products/{productIdOrSlug}"];
    /// End the product.
    ProductsRemove => Product, Some("products:remove"), Owner, WhereOpened, ["DELETE /v1/products/{productIdOrSlug}"];
    /// List the product's OAuth clients.
    ClientsList => Product, Some("clients:list"), Developer, Always, ["GET /v1/products/{productIdOrSlug}/clients"];
    /// Make an OAuth client of the product. Its tokens open all of the product: hence an administrator's right.
    ClientsCreate => Product, Some("clients:create"), Administrator, Always, ["POST /v1/products/{productIdOrSlug}/clients"];
    /// Change an OAuth client of the product.
    ClientsUpdate => Product, Some("clients:update"), Administrator, Always, [
        "PUT /v1/products/{productIdOrSlug}/clients/{clientId}",
    ];
    /// Delete an OAuth client of the product.
    ClientsRemove => Product, Some("clients:remove"), Administrator, Always, [
        "DELETE /v1/products/{productIdOrSlug}/clients/{clientId}",
    ];
    /// List the product's devices.
    DevicesList => Product, Some("devices:list"), ViewOnly, WhereOpened, ["GET /v1/products/{productIdOrSlug}/devices"];
    /// Add devices to the product.
    DevicesImport => Product, Some("devices:import"), Developer, WhereOpened, [
        "POST /v1/products/{productIdOrSlug}/devices",
    ];
    /// See a device of the product.
    DevicesGet => Product, Some("devices:get"), ViewOnly, WhereOpened, [
        "GET /v1/products/{productIdOrSlug}/devices/{deviceId}",
    ];
    /// Change a device of the product.
    DevicesUpdate => Product, Some("devices:update"), Support, WhereOpened, [
        "PUT /v1/products/{productIdOrSlug}/devices/{deviceId}",
    ];
    /// Take a device out of the product.
    DevicesRemove => Product, Some("devices:remove"), Developer, WhereOpened, [
        "DELETE /v1/products/{productIdOrSlug}/devices/{deviceId}",
    ];
    /// Take its owner from a device of the product.
    DevicesRelease => Product, Some("devices:release"), Developer, WhereOpened, [
        "DELETE /v1/products/{productIdOrSlug}/devices/{deviceId}/owner",
    ];
    /// Call a function on a device of the product.
    DevicesCall => Product, Some("devices.function:call"), Support, WhereOpened, [
        "POST /v1/products/{productIdOrSlug}/devices/{deviceId}/{name}",
    ];
    /// Read a variable of a device of the product.
    DevicesRead => Product, Some("devices.variable:get"), Support, WhereOpened, [
        "GET /v1/products/{productIdOrSlug}/devices/{deviceId}/{name}",
    ];
    /// Ask whether a device of the product is connected.
    DevicesPing => Product, Some("devices:ping"), Support, WhereOpened, [
        "PUT /v1/products/{productIdOrSlug}/devices/{deviceId}/ping",
    ];
}
