//! Devices.

use super::rights;

rights! {
    /// List one's own devices.
    OwnDevicesList => Owner, Some("devices:list"), ViewOnly, WhereOpened, ["GET /v1/devices"];
    /// See a device of one's own.
    OwnDevicesGet => Owner, Some("devices:get"), ViewOnly, WhereOpened, ["GET /v1/devices/{deviceId}"];
    /// Claim a device.
    OwnDevicesClaim => Owner, Some("devices:claim"), ViewOnly, WhereOpened, ["POST /v1/devices"];
    /// Make a code with which a device becomes one's own when it connects. At a product that takes its customer, or an
    /// account on its team.
    ClaimCodesCreate => Owner, Some("devices:claim"), ViewOnly, WhereOpened, [
        "POST /v1/device_claims",
        "POST /v1/products/{productIdOrSlug}/device_claims",
    ];
    /// Change a device of one's own.
    OwnDevicesUpdate => Owner, Some("devices:update"), ViewOnly, WhereOpened, ["PUT /v1/devices/{deviceId}"];
    /// Let a device of one's own go.
    OwnDevicesRelease => Owner, Some("devices:release"), ViewOnly, WhereOpened, ["DELETE /v1/devices/{deviceId}"];
    /// Call a function on a device of one's own.
    OwnDevicesCall => Owner, Some("devices.function:call"), ViewOnly, WhereOpened, [
        "POST /v1/devices/{deviceId}/{name}",
    ];
    /// Read a variable of a device of one's own.
    OwnDevicesRead => Owner, Some("devices.variable:get"), ViewOnly, WhereOpened, [
        "GET /v1/devices/{deviceId}/{name}",
    ];
    /// Ask whether a device of one's own is connected.
    OwnDevicesPing => Owner, Some("devices:ping"), ViewOnly, WhereOpened, ["PUT /v1/devices/{deviceId}/ping"];
    /// Take the protection from a device of one's own, or of a product that one develops for.
    OwnDevicesUnprotect => Account, None, ViewOnly, WhereOpened, ["PUT /v1/devices/{deviceId}/unprotect"];
    /// Register a device with its public key.
    DevicesProvision => Account, None, ViewOnly, WhereOpened, ["POST /v1/provisioning/{deviceId}"];
    /// Find a device by its serial number.
    SerialNumbersLookUp => Token, None, ViewOnly, WhereOpened, ["GET /v1/serial_numbers/{serialNumber}"];
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
    /// Change a device of the product, or the groups of many.
    DevicesUpdate => Product, Some("devices:update"), Support, WhereOpened, [
        "PUT /v1/products/{productIdOrSlug}/devices",
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
    /// Take the protection from a device of the product. No scope is documented for it: what it lays open is the firmware.
    DevicesUnprotect => Product, Some("firmware.binary:get"), Developer, WhereOpened, [
        "PUT /v1/products/{productIdOrSlug}/devices/{deviceId}/unprotect",
    ];
    /// Take the protection from a device of a product of the organization.
    OrganizationDevicesUnprotect => Organization, Some("firmware.binary:get"), Developer, WhereOpened, [
        "PUT /v1/orgs/{orgIdOrSlug}/devices/{deviceId}/unprotect",
    ];
    /// Ask whether a device of the product is connected.
    DevicesPing => Product, Some("devices:ping"), Support, WhereOpened, [
        "PUT /v1/products/{productIdOrSlug}/devices/{deviceId}/ping",
    ];
}
