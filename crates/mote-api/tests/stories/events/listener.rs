//! Somebody who listens to a stream.

use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use futures_util::StreamExt;
use http::Request;
use serde_json::Value;

use crate::cloud::Cloud;

pub(crate) struct Listener {
    pieces: BodyDataStream,
}

impl Listener {
    /// Opens a stream, and reads its greeting.
    pub(crate) async fn open(cloud: &Cloud, path: &str, authorization: &str) -> Self {
        let request = Request::get(path).header("authorization", authorization).body(Body::empty()).unwrap();
        let response = cloud.frame.answer(request).await;
        assert_eq!(response.status(), 200, "{path}");
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["cache-control"], "no-store");
        assert!(!response.headers().contains_key("content-encoding"));
        let mut listener = Self { pieces: response.into_body().into_data_stream() };
        assert_eq!(listener.piece().await.as_deref(), Some(":ok\n\n"));
        listener
    }

    /// The next piece of the body; none at its end. Nothing here takes longer than a moment.
    pub(crate) async fn piece(&mut self) -> Option<String> {
        let next = tokio::time::timeout(Duration::from_secs(10), self.pieces.next());
        let piece = next.await.expect("nothing came");
        piece.map(|piece| String::from_utf8(piece.unwrap().to_vec()).unwrap())
    }

    /// The next event: its name, and its JSON.
    pub(crate) async fn event(&mut self) -> (String, Value) {
        let piece = self.piece().await.expect("the stream ended");
        let rest = piece.strip_prefix("event: ").unwrap_or_else(|| panic!("{piece:?}"));
        let (name, rest) = rest.split_once("\ndata: ").unwrap();
        let json = rest.strip_suffix("\n\n").unwrap();
        assert!(json.is_ascii() && !json.contains('\n'));
        (name.to_owned(), serde_json::from_str(json).unwrap())
    }

    /// The names of the next events.
    pub(crate) async fn names<const N: usize>(&mut self) -> [String; N] {
        let mut names = [const { String::new() }; N];
        for name in &mut names {
            *name = self.event().await.0;
        }
        names
    }

    /// Whether the stream has ended, with nothing more in it.
    pub(crate) async fn ended(&mut self) -> bool {
        self.piece().await.is_none()
    }
}
