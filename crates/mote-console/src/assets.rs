//! Styles, scripts and the icon: in the binary, under names that change with their content, so that browsers keep them for
//! good.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::header;

use crate::failure::Failure;

struct Asset {
    name: &'static str,
    media_type: &'static str,
    bytes: &'static [u8],
}

macro_rules! assets {
    ($($name:literal: $type:literal),+ $(,)?) => {
        [$(Asset { name: $name, media_type: $type, bytes: include_bytes!(concat!("../assets/", $name)) }),+]
    };
}

static ASSETS: [Asset; 6] = assets![
    "console.css": "text/css; charset=utf-8",
    "console.js": "text/javascript; charset=utf-8",
    "events.js": "text/javascript; charset=utf-8",
    "pages.css": "text/css; charset=utf-8",
    "preview.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
];

/// Addresses, in the order of the assets.
static URLS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let url = |asset: &Asset| {
        let hash = hex::encode(&blake3::hash(asset.bytes).as_bytes()[..6]);
        format!("/assets/{hash}/{}", asset.name)
    };
    ASSETS.iter().map(url).collect()
});

/// The address of an asset.
pub(crate) fn url(name: &str) -> &'static str {
    let place = ASSETS.iter().position(|asset| asset.name == name);
    place.and_then(|place| URLS.get(place)).map_or("", String::as_str)
}

/// `GET /assets/{hash}/{name}`
pub(crate) async fn serve(Path((hash, name)): Path<(String, String)>) -> Response {
    let wanted = format!("/assets/{hash}/{name}");
    let Some(place) = URLS.iter().position(|url| *url == wanted) else {
        return Failure::NotFound.into_response();
    };
    let asset = &ASSETS[place];
    let headers = [
        (header::CONTENT_TYPE, asset.media_type),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    (headers, asset.bytes).into_response()
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_asset_that_a_template_names_is_there() {
        for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/templates")).unwrap() {
            let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
            for part in text.split("assets::url(\"").skip(1) {
                let name = part.split('"').next().unwrap();
                assert!(!super::url(name).is_empty(), "{name}");
            }
        }
    }
}
