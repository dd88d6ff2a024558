//! Libraries. Their archives are open to whoever has the link, which is no token.

use super::rights;

rights! {
    /// List libraries and their versions, and see one.
    LibrariesList => Account, None, ViewOnly, WhereOpened, [
        "GET /v1/libraries", "GET /v1/libraries/{name}", "GET /v1/libraries/{name}/versions",
    ];
    /// Contribute a version of a library.
    LibrariesContribute => Account, None, ViewOnly, WhereOpened, ["POST /v1/libraries"];
    /// Publish a library.
    LibrariesUpdate => Account, None, ViewOnly, WhereOpened, ["PATCH /v1/libraries/{name}"];
    /// Delete a library that is not public, or a version that is not.
    LibrariesRemove => Account, None, ViewOnly, WhereOpened, ["DELETE /v1/libraries/{name}"];
    /// Download the archive of a version, by its link.
    LibraryArchiveGet => Open, None, ViewOnly, WhereOpened, ["GET /v1/libraries/{name}/archive/{file}"];
}
