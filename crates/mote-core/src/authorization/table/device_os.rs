//! Releases of Device OS. Their binaries are open to all: clients fetch them without a token.

use super::rights;

rights! {
    /// List the releases, and see one.
    DeviceOsVersionsList => Token, None, ViewOnly, WhereOpened, [
        "GET /v1/device-os/versions", "GET /v1/device-os/versions/{version}",
    ];
    /// Download a binary of a release.
    DeviceOsBinaryGet => Open, None, ViewOnly, WhereOpened, ["GET /v1/firmware/device-os/{release}/{file}"];
}
