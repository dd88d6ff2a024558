//! Libraries, in the form of JSON:API that their clients read (`particle-api-js`, `Library`).

use std::collections::BTreeMap;

use mote_core::Moment;
use mote_core::libraries::{Download, Library, LibraryPage};
use serde::Serialize;
use utoipa::ToSchema;

/// A library.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LibraryAnswer {
    data: LibraryView,
}

/// A page of libraries, or of versions of one.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LibrariesAnswer {
    data: Vec<LibraryView>,
    meta: LibraryPageMeta,
}

#[derive(Debug, Serialize, ToSchema)]
struct LibraryPageMeta {
    page: i64,
    limit: i64,
    /// How many there are on all pages.
    total: i64,
}

#[derive(Debug, Serialize, ToSchema)]
struct LibraryView {
    /// `libraries`
    #[serde(rename = "type")]
    kind: &'static str,
    /// Name.
    id: String,
    attributes: LibraryAttributes,
    links: LibraryLinks,
}

#[derive(Debug, Serialize, ToSchema)]
struct LibraryLinks {
    /// The archive (.tar.gz): to be fetched without a token. Of a private version it works for an hour.
    download: String,
}

#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_excessive_bools, reason = "clients have them")]
struct LibraryAttributes {
    name: String,
    /// Semantic version.
    version: String,
    author: String,
    license: String,
    sentence: String,
    paragraph: String,
    url: String,
    repository: String,
    category: String,
    /// The hardware that it is for; none for all.
    architectures: Vec<String>,
    /// The libraries that it needs, and in which version.
    dependencies: BTreeMap<String, String>,
    /// Downloads of all versions.
    installs: i64,
    /// `public` or `private`.
    visibility: &'static str,
    /// Whether it is the caller's.
    mine: bool,
    /// Whether it is the operator's own.
    official: bool,
    /// Whether the operator vouches for it.
    verified: bool,
    /// Whether the operator points it out.
    featured: bool,
    /// ISO 8601.
    created_at: String,
    /// ISO 8601.
    updated_at: String,
    /// ISO 8601; null while this version is private.
    published_at: Option<String>,
}

impl LibraryView {
    fn new(library: Library, public_url: &str) -> Self {
        let Library { properties, marks, .. } = library;
        let mut download =
            format!("{public_url}/v1/libraries/{}/archive/{}.tar.gz", properties.name, properties.version);
        if let Download::Signed { expires, signature } = library.download {
            download = format!("{download}?expires={expires}&signature={signature}");
        }
        Self {
            kind: "libraries",
            id: properties.name.clone(),
            attributes: LibraryAttributes {
                name: properties.name,
                version: properties.version,
                author: properties.author,
                license: properties.license,
                sentence: properties.sentence,
                paragraph: properties.paragraph,
                url: properties.url,
                repository: properties.repository,
                category: properties.category,
                architectures: properties.architectures,
                dependencies: properties.dependencies,
                installs: library.installs,
                visibility: if library.published_at.is_some() { "public" } else { "private" },
                mine: library.mine,
                official: marks.official,
                verified: marks.verified,
                featured: marks.featured,
                created_at: library.created_at.to_iso(),
                updated_at: library.updated_at.to_iso(),
                published_at: library.published_at.map(Moment::to_iso),
            },
            links: LibraryLinks { download },
        }
    }
}

impl LibraryAnswer {
    /// With links at the address that people reach the server at.
    pub(crate) fn new(library: Library, public_url: &str) -> Self {
        Self { data: LibraryView::new(library, public_url) }
    }
}

impl LibrariesAnswer {
    /// The same of a page.
    pub(crate) fn new(page: LibraryPage, public_url: &str) -> Self {
        let meta = LibraryPageMeta { page: page.page, limit: page.limit, total: page.total };
        let data = page.libraries.into_iter().map(|library| LibraryView::new(library, public_url)).collect();
        Self { data, meta }
    }
}
