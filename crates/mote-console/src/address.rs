//! What the address of a page says: parts of its path, and its query. One that does not fit is answered by a page.

use std::error::Error;

use axum::extract::FromRequestParts;
use http::Uri;
use http::request::Parts;
use mote_api::body::form::Pairs;
use mote_core::Mote;
use serde::de::DeserializeOwned;

use crate::failure::Failure;

/// What the path names. Where it cannot be read, there is no such page.
#[derive(Debug)]
pub(crate) struct Path<T>(pub(crate) T);

impl<T: DeserializeOwned + Send> FromRequestParts<Mote> for Path<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, mote: &Mote) -> Result<Self, Failure> {
        let read = axum::extract::Path::from_request_parts(parts, mote).await;
        read.map(|axum::extract::Path(named)| Self(named)).map_err(|_| Failure::NotFound)
    }
}

/// The query of a page's address. What was left empty is as if it was not there, and what the page does not know is left
/// aside (RFC 6749 section 3.1 wants both of one of these pages). What comes twice, or does not fit, is refused by a page.
#[derive(Debug)]
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequestParts<Mote> for Query<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &Mote) -> Result<Self, Failure> {
        let uri = filled(parts.uri.query().unwrap_or_default())?;
        let read = axum::extract::Query::try_from_uri(&uri).map_err(|rejection| {
            // What is around it are the framework's words for people who program.
            let why = rejection.source().map_or_else(|| rejection.to_string(), ToString::to_string);
            Failure::Query(why)
        });
        read.map(|axum::extract::Query(read)| Self(read))
    }
}

/// An address with what has a value in a query.
fn filled(query: &str) -> Result<Uri, Failure> {
    let pairs = Pairs::of_query(query).map_err(|_| Failure::Query("it is not UTF-8".into()))?;
    let mut filled = form_urlencoded::Serializer::for_suffix("/?".to_owned(), 2);
    filled.extend_pairs(pairs.filled());
    filled.finish().parse().map_err(|_| Failure::Query("it is too long".into()))
}
