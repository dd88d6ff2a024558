//! A server elsewhere, for integrations to send to: on a free port of this machine, and only started when it is asked for.

use std::collections::VecDeque;
use std::net::TcpListener;
use std::sync::{Arc, Mutex, OnceLock};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::response::Response;
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use mote_core::integrations::HookSettings;

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Got {
    pub(crate) method: String,
    /// Path and query.
    pub(crate) target: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Got {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.body))
    }
}

/// What it answers.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Bytes,
}

impl Reply {
    pub(crate) fn new(status: u16, body: impl Into<Bytes>) -> Self {
        Self { status, headers: Vec::new(), body: body.into() }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

#[derive(Debug, Default)]
struct Told {
    got: Vec<Got>,
    replies: VecDeque<Reply>,
}

#[derive(Debug)]
pub(crate) struct Receiver {
    port: u16,
    socket: TcpListener,
    told: Arc<Mutex<Told>>,
    started: OnceLock<()>,
}

impl Receiver {
    pub(crate) fn new() -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = socket.local_addr().unwrap().port();
        Self { port, socket, told: Arc::default(), started: OnceLock::new() }
    }

    /// Its own address may be entered, of those of the machine, and one at which nobody answers; Azure's and Google's services are
    /// here too.
    pub(crate) fn hook_settings(&self) -> HookSettings {
        HookSettings {
            allowed_networks: ["127.0.0.1/32", "127.0.0.3/32"].map(|network| network.parse().unwrap()).into(),
            azure_iot_hub: format!("http://127.0.0.1:{}/azure/{{hub}}", self.port),
            google_maps: format!("http://127.0.0.1:{}/google", self.port),
        }
    }

    /// The address of something there.
    pub(crate) fn url(&self, path: &str) -> String {
        self.started.get_or_init(|| self.start());
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// What it answers next; `ok` with 200 where nothing is said.
    pub(crate) fn reply(&self, replies: impl IntoIterator<Item = Reply>) {
        self.told.lock().unwrap().replies.extend(replies);
    }

    /// What came since the last time this was asked.
    pub(crate) fn got(&self) -> Vec<Got> {
        std::mem::take(&mut self.told.lock().unwrap().got)
    }

    fn start(&self) {
        let socket = self.socket.try_clone().unwrap();
        socket.set_nonblocking(true).unwrap();
        let socket = tokio::net::TcpListener::from_std(socket).unwrap();
        let told = Arc::clone(&self.told);
        let answer = move |parts: Parts, body: Bytes| {
            let mut told = told.lock().unwrap();
            told.got.push(Got {
                method: parts.method.to_string(),
                target: parts.uri.to_string(),
                headers: parts.headers,
                body: String::from_utf8_lossy(&body).into_owned(),
            });
            let reply = told.replies.pop_front().unwrap_or_else(|| Reply::new(200, "ok"));
            let mut response = Response::new(Body::from(reply.body));
            *response.status_mut() = StatusCode::from_u16(reply.status).unwrap();
            for (name, value) in reply.headers {
                response.headers_mut().insert(name, value.parse().unwrap());
            }
            async move { response }
        };
        let router = Router::new().fallback(answer);
        tokio::spawn(async move { axum::serve(socket, router).await });
    }
}
