//! The OpenAPI document, and a page to browse it.

use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use bytes::Bytes;
use http::{StatusCode, header};
use utoipa_swagger_ui::Config;

use crate::ApiError;

/// `/openapi.json`, and the page at `/docs`.
pub(super) fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/openapi.json", get(document))
        .route("/docs", get(async || Redirect::to("/docs/")))
        .route("/docs/", get(async || file("")))
        .route("/docs/{*file}", get(async |Path(path): Path<String>| file(&path)))
}

/// It takes several megabytes of memory as long as it is no text, so it is made when somebody asks for it.
async fn document() -> Response {
    static TEXT: LazyLock<Result<Bytes, serde_json::Error>> =
        LazyLock::new(|| serde_json::to_vec(&super::document()).map(Bytes::from));
    match &*TEXT {
        Ok(text) => ([(header::CONTENT_TYPE, "application/json")], text.clone()).into_response(),
        Err(error) => ApiError::fault(error).into_response(),
    }
}

/// A file of the page; the page itself has no name.
fn file(path: &str) -> Response {
    static CONFIG: LazyLock<Arc<Config<'static>>> = LazyLock::new(|| Arc::new(Config::from("/openapi.json")));
    match utoipa_swagger_ui::serve(path, Arc::clone(&CONFIG)) {
        Ok(Some(file)) => {
            let encoding = file.gzpipped.then_some([(header::CONTENT_ENCODING, "gzip")]);
            let body = Body::from(Bytes::from(file.bytes.into_owned()));
            ([(header::CONTENT_TYPE, file.content_type)], encoding, body).into_response()
        }
        Ok(None) => {
            let text = "The page at /docs has no such file";
            ApiError::new(StatusCode::NOT_FOUND, "not_found", text).into_response()
        }
        Err(error) => ApiError::fault(&error).into_response(),
    }
}
