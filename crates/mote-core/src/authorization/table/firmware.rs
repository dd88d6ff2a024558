//! Product firmware.

use super::rights;

rights! {
    /// List the product's firmware.
    FirmwareList => Product, Some("firmware:list"), ViewOnly, WhereOpened, [
        "GET /v1/products/{productIdOrSlug}/firmware",
    ];
    /// Upload firmware.
    FirmwareCreate => Product, Some("firmware:create"), Developer, WhereOpened, [
        "POST /v1/products/{productIdOrSlug}/firmware",
    ];
    /// See a version of the product's firmware.
    FirmwareGet => Product, Some("firmware:get"), ViewOnly, WhereOpened, [
        "GET /v1/products/{productIdOrSlug}/firmware/{version}",
    ];
    /// Change what is said of a version.
    FirmwareUpdate => Product, Some("firmware:update"), Developer, WhereOpened, [
        "PUT /v1/products/{productIdOrSlug}/firmware/{version}",
    ];
    /// Delete a version.
    FirmwareRemove => Product, Some("firmware:remove"), Developer, WhereOpened, [
        "DELETE /v1/products/{productIdOrSlug}/firmware/{version}",
    ];
    /// Download the binary of a version.
    FirmwareBinaryGet => Product, Some("firmware.binary:get"), Developer, WhereOpened, [
        "GET /v1/products/{productIdOrSlug}/firmware/{version}/binary",
    ];
    /// Release a version to devices.
    FirmwareRelease => Product, Some("firmware:release"), Developer, WhereOpened, [
        "PUT /v1/products/{productIdOrSlug}/firmware/release",
    ];
}
