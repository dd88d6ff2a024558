//! Libraries: contributed, published, found, downloaded.

use axum::Json;
use axum::extract::{FromRequest, Request, State};
use axum::response::Response;
use bytes::Bytes;
use http::{Method, StatusCode};
use mote_core::Mote;
use mote_core::authorization::table::{LibrariesContribute, LibrariesList, LibrariesRemove, LibrariesUpdate};
use mote_core::blobs::Turn;
use mote_core::libraries::{Download, LibraryQuery};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::files::file;
use crate::ApiError;
use crate::access::OfAccount;
use crate::body::{Input, Path, Query, UploadForm, lenient};
use crate::frame::turn_to_upload;
use crate::json_api::{JsonApi, JsonApiError};
use crate::views::{LibrariesAnswer, LibraryAnswer};

/// Which libraries, which page.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Listing {
    /// Part of the name.
    filter: Option<String>,
    /// `name`, `installs`, `popularity`, `official`, `verified`, `created`, `updated`, `date`, `published`; several with
    /// commas between, `-` before one for the other way round.
    #[serde(default, deserialize_with = "lenient::texts")]
    sort: Vec<String>,
    /// `all` (public ones and one's own), `public`, `private`, `mine`, `official`, `verified` or `featured`.
    scope: Option<String>,
    /// The same words, with commas between: what to leave out.
    #[serde(rename = "excludeScopes", default, deserialize_with = "lenient::texts")]
    #[param(rename = "excludeScopes")]
    exclude_scopes: Vec<String>,
    /// Those for one of these, with commas between.
    #[serde(default, deserialize_with = "lenient::texts")]
    architectures: Vec<String>,
    /// Those of this category.
    category: Option<String>,
    /// From 1.
    #[serde(default, deserialize_with = "lenient::integer")]
    page: Option<i64>,
    /// How many on a page: 10 if nothing is asked for, 100 at most.
    #[serde(default, deserialize_with = "lenient::integer")]
    limit: Option<i64>,
}

/// Which page.

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct PageQuery {
    /// From 1.
    #[serde(default, deserialize_with = "lenient::integer")]
    page: Option<i64>,
    /// How many on a page: 10 if nothing is asked for, 100 at most.
    #[serde(default, deserialize_with = "lenient::integer")]
    limit: Option<i64>,
}

/// List libraries
///
/// Each by its highest version that the caller sees; the most downloaded first.
#[utoipa::path(
    get, path = "/v1/libraries", tag = "Libraries", security(("bearer" = [])), params(Listing),
    responses((status = 200, body = LibrariesAnswer), (status = 400), (status = 401), (status = 403))
)]
pub(super) async fn list(
    State(mote): State<Mote>,
    JsonApi(OfAccount(access)): JsonApi<OfAccount<LibrariesList>>,
    JsonApi(Query(listing)): JsonApi<Query<Listing>>,
) -> Result<Json<LibrariesAnswer>, JsonApiError> {
    let query = LibraryQuery {
        filter: listing.filter,
        sort: listing.sort,
        scope: listing.scope,
        exclude_scopes: listing.exclude_scopes,
        architectures: listing.architectures,
        category: listing.category,
        page: listing.page,
        limit: listing.limit,
    };
    let page = mote.list_libraries(&access, query).await?;
    Ok(Json(LibrariesAnswer::new(page, &mote.settings().public_url)))
}

/// An archive that a request brings, and its turn: it is in memory as a whole while it is read.
pub(super) struct Uploaded(Bytes, Turn);

impl FromRequest<Mote> for Uploaded {
    type Rejection = ApiError;

    async fn from_request(request: Request, mote: &Mote) -> Result<Self, ApiError> {
        let turn = turn_to_upload(mote, request.extensions()).await?;
        let form = UploadForm::<NoFields>::read(request, &["file", "archive"]).await?;
        let needed = || {
            ApiError::bad_request("file is needed: the archive (.tar.gz), as a part of multipart/form-data")
        };
        Ok(Self(form.file.ok_or_else(needed)?.bytes, turn))
    }
}

#[derive(Deserialize)]
struct NoFields {}

/// An archive.
#[derive(ToSchema)]
#[expect(dead_code, reason = "says in the document what a part of the body is")]
#[schema(as = LibraryUploadFields)]
struct UploadFields {
    /// A gzipped tar with `library.properties` at its root.
    #[schema(format = Binary)]
    file: String,
}

/// Contribute a version of a library
///
/// A gzipped tar (`multipart/form-data`, part `file`) of 10 MiB at most, 32 MiB unpacked, with a `library.properties` that
/// has at least `name`, `version`, `author` and `sentence`. The version is private until it is published, and takes the
/// place of a private one with the same number. A name belongs to whoever contributed it first.
#[utoipa::path(
    post, path = "/v1/libraries", tag = "Libraries", security(("bearer" = [])),
    request_body(content = UploadFields, content_type = "multipart/form-data"),
    responses(
        (status = 201, body = LibraryAnswer), (status = 400), (status = 401), (status = 403),
        (status = 409, description = "The name is somebody else's, or the version is public"), (status = 413),
    )
)]
pub(super) async fn contribute(
    State(mote): State<Mote>,
    JsonApi(OfAccount(access)): JsonApi<OfAccount<LibrariesContribute>>,
    JsonApi(Uploaded(file, _turn)): JsonApi<Uploaded>,
) -> Result<(StatusCode, Json<LibraryAnswer>), JsonApiError> {
    let library = mote.contribute_library(&access, file).await?;
    Ok((StatusCode::CREATED, Json(LibraryAnswer::new(library, &mote.settings().public_url))))
}

/// A version of a library.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct VersionQuery {
    /// The version, or `latest`; the highest if nothing is named.
    version: Option<String>,
}

/// See a library
#[utoipa::path(
    get, path = "/v1/libraries/{name}", tag = "Libraries", security(("bearer" = [])),
    params(("name" = String, Path), VersionQuery),
    responses((status = 200, body = LibraryAnswer), (status = 401), (status = 403), (status = 404))
)]
pub(super) async fn see(
    State(mote): State<Mote>,
    JsonApi(OfAccount(access)): JsonApi<OfAccount<LibrariesList>>,
    JsonApi(Path(name)): JsonApi<Path<String>>,
    JsonApi(Query(query)): JsonApi<Query<VersionQuery>>,
) -> Result<Json<LibraryAnswer>, JsonApiError> {
    let library = mote.library(&access, &name, query.version).await?;
    Ok(Json(LibraryAnswer::new(library, &mote.settings().public_url)))
}

/// List the versions of a library
///
/// The highest first.
#[utoipa::path(
    get, path = "/v1/libraries/{name}/versions", tag = "Libraries", security(("bearer" = [])),
    params(("name" = String, Path), PageQuery),
    responses((status = 200, body = LibrariesAnswer), (status = 400), (status = 401), (status = 403), (status = 404))
)]
pub(super) async fn list_versions(
    State(mote): State<Mote>,
    JsonApi(OfAccount(access)): JsonApi<OfAccount<LibrariesList>>,
    JsonApi(Path(name)): JsonApi<Path<String>>,
    JsonApi(Query(query)): JsonApi<Query<PageQuery>>,
) -> Result<Json<LibrariesAnswer>, JsonApiError> {
    let page = mote.list_library_versions(&access, &name, query.page, query.limit).await?;
    Ok(Json(LibrariesAnswer::new(page, &mote.settings().public_url)))
}

/// What can be changed of a library.
#[derive(Deserialize, ToSchema)]
#[schema(as = LibraryChange)]
pub(super) struct Change {
    /// `public`
    visibility: Option<String>,
}

/// Publish a library
///
/// Everybody sees its highest version from then on.
#[utoipa::path(
    patch, path = "/v1/libraries/{name}", tag = "Libraries", security(("bearer" = [])), request_body = Change,
    params(("name" = String, Path)),
    responses((status = 200, body = LibraryAnswer), (status = 400), (status = 401), (status = 403), (status = 404))
)]
pub(super) async fn publish(
    State(mote): State<Mote>,
    JsonApi(OfAccount(access)): JsonApi<OfAccount<LibrariesUpdate>>,
    JsonApi(Path(name)): JsonApi<Path<String>>,
    JsonApi(Input(change)): JsonApi<Input<Change>>,
) -> Result<Json<LibraryAnswer>, JsonApiError> {
    if change.visibility.as_deref() != Some("public") {
        let text = "visibility is needed, and public is all that it can become: what was published stays so";
        return Err(ApiError::bad_request(text).into());
    }
    let library = mote.publish_library(&access, &name).await?;
    Ok(Json(LibraryAnswer::new(library, &mote.settings().public_url)))
}

/// Delete a library that was never published, or a version that was not
///
/// What was published stays, for others build with it. `force`, which some clients send in the body, changes nothing of that.
#[utoipa::path(
    delete, path = "/v1/libraries/{name}", tag = "Libraries", security(("bearer" = [])),
    params(("name" = String, Path), ("version" = Option<String>, Query, description = "The version; all if none is named")),
    responses(
        (status = 204), (status = 401), (status = 403), (status = 404),
        (status = 409, description = "It was published"),
    )
)]
pub(super) async fn delete(
    State(mote): State<Mote>,
    JsonApi(OfAccount(access)): JsonApi<OfAccount<LibrariesRemove>>,
    JsonApi(Path(name)): JsonApi<Path<String>>,
    JsonApi(Query(query)): JsonApi<Query<VersionQuery>>,
) -> Result<StatusCode, JsonApiError> {
    mote.delete_library(&access, &name, query.version).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What proves that a link was given out here.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct LinkQuery {
    /// Until when the link works, in seconds since 1970.
    #[serde(default, deserialize_with = "lenient::integer")]
    expires: Option<i64>,
    signature: Option<String>,
}

/// Download the archive of a version
///
/// As `links.download` says it: that of a public version is open to all, the link to a private one works for an hour.
#[utoipa::path(
    get, path = "/v1/libraries/{name}/archive/{file}", tag = "Libraries",
    params(("name" = String, Path), ("file" = String, Path, description = "VERSION.tar.gz"), LinkQuery),
    responses(
        (status = 200, content_type = "application/gzip", description = "The bytes that were contributed"),
        (status = 404),
    )
)]
pub(super) async fn download(
    State(mote): State<Mote>,
    method: Method,
    Path((name, archive)): Path<(String, String)>,
    Query(query): Query<LinkQuery>,
) -> Result<Response, ApiError> {
    let unknown = || {
        let text = "There is no such archive: an address ends with /archive/VERSION.tar.gz";
        ApiError::new(StatusCode::NOT_FOUND, "not_found", text)
    };
    let version = archive.strip_suffix(".tar.gz").ok_or_else(unknown)?;
    let link = match (query.expires, query.signature) {
        (Some(expires), Some(signature)) => Download::Signed { expires, signature },
        _ => Download::Open,
    };
    let reader = mote.open_library_archive(&name, version, &link, method == Method::GET).await?;
    Ok(file(&format!("{name}-{version}.tar.gz"), "application/gzip", reader))
}
