//! A whole Mote within the test, with a clock that the test sets.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::body::Body;
use base64::Engine;
use http::{Request, StatusCode};
use mote_api::frame::{Frame, Limits, Metrics};
use mote_core::accounts::NewAccount;
use mote_core::blobs::Blobs;
use mote_core::keys::ServerKeys;
use mote_core::mail::Mailer;
use mote_core::passwords::{Password, PasswordHasher};
use mote_core::{Clock, Mote, Settings};
use mote_store::{Location, Store};
use mote_testkit::postgres::Database;
use serde_json::Value;

use crate::mails::Mails;
use crate::receiver::Receiver;

/// The password of every account here.
pub(crate) const PASSWORD: &str = "a long pass phrase of tests 7";

pub(crate) struct Cloud {
    pub(crate) mote: Mote,
    /// What the rooms that come next would write.
    pub(crate) store: Store,
    pub(crate) frame: Frame,
    pub(crate) mails: Mails,
    /// Where integrations may send to.
    pub(crate) receiver: Receiver,
    /// The server key, which stands in a file.
    pub(crate) keys: ServerKeys,
    clock: Arc<AtomicI64>,
    blobs: tempfile::TempDir,
    _key_folder: Arc<tempfile::TempDir>,
    // Dropped last: the data that the rest works on.
    _data: Arc<Data>,
}

enum Data {
    Folder(#[expect(dead_code, reason = "removes the folder when it goes")] tempfile::TempDir),
    Database(#[expect(dead_code, reason = "removes the database when it goes")] Database),
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) fn text(&self, pointer: &str) -> String {
        self.body
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_else(|| panic!("{pointer} in {}", self.body))
            .to_owned()
    }

    pub(crate) fn error(&self) -> (u16, String) {
        (self.status.as_u16(), self.text("/error"))
    }
}

pub(crate) fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}")))
}

pub(crate) fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

/// A product with a client, and their names.
pub(crate) struct Product {
    pub(crate) id: String,
    pub(crate) slug: String,
    pub(crate) client: String,
    pub(crate) secret: String,
    pub(crate) token: String,
    pub(crate) refresh: String,
}

/// Server keys, and the folder that their file is in.
type Keys = (ServerKeys, Arc<tempfile::TempDir>);

fn new_keys() -> Keys {
    let folder = tempfile::tempdir().unwrap();
    (ServerKeys::create(&folder.path().join("server.key")).unwrap(), Arc::new(folder))
}

impl Cloud {
    pub(crate) async fn on_sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let location = Location::Sqlite(folder.path().join("mote.db"));
        Self::open(location, Arc::new(Data::Folder(folder)), new_keys()).await
    }

    pub(crate) async fn on_postgresql() -> Self {
        let database = tokio::task::spawn_blocking(Database::new).await.unwrap();
        let location = Location::Postgres(database.url());
        Self::open(location, Arc::new(Data::Database(database)), new_keys()).await
    }

    /// Two nodes on one database.
    pub(crate) async fn twice_on_postgresql() -> [Self; 2] {
        let database = tokio::task::spawn_blocking(Database::new).await.unwrap();
        let (location, keys) = (Location::Postgres(database.url()), new_keys());
        let data = Arc::new(Data::Database(database));
        let one = Self::open(location.clone(), Arc::clone(&data), keys.clone()).await;
        let other = Self::open(location, data, keys).await;
        [one, other]
    }

    async fn open(location: Location, data: Arc<Data>, (keys, key_folder): Keys) -> Self {
        let clock = Arc::new(AtomicI64::new(1_800_000_000_000));
        let receiver = Receiver::new();
        let settings = Settings {
            open_signup: true,
            public_url: "http://mote.example.com".into(),
            hooks: receiver.hook_settings(),
            ..Settings::default()
        };
        let store = Mote::open_store(location).await.unwrap();
        let hasher = PasswordHasher::start_cheap().unwrap();
        let mails = Mails::start().await;
        let mailer = Mailer::smtp(mails.url(), "mote@example.com").unwrap();
        let clock_of_mote = Clock::Manual(Arc::clone(&clock));
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::in_folder(folder.path()).unwrap();
        let mote = Mote::open(store.clone(), keys.clone(), hasher, mailer, blobs, settings, clock_of_mote);
        let mote = mote.await.unwrap();
        let metrics = Metrics::default();
        let limits = Limits { clock: Clock::Manual(Arc::clone(&clock)), ..Limits::default() };
        let frame = Frame::new(mote_api::router(mote.clone(), metrics.clone()), None, limits, metrics);
        Self {
            mote,
            store,
            frame,
            mails,
            receiver,
            keys,
            clock,
            blobs: folder,
            _key_folder: key_folder,
            _data: data,
        }
    }

    /// Another server on the same data, which has these keys.
    pub(crate) async fn another(&self, keys: ServerKeys) -> Result<Mote, mote_core::Error> {
        self.another_on(self.store.clone(), keys).await
    }

    /// Another server, with other rows, and the same binaries and time.
    pub(crate) async fn another_on(&self, store: Store, keys: ServerKeys) -> Result<Mote, mote_core::Error> {
        let (clock, hasher) =
            (Clock::Manual(Arc::clone(&self.clock)), PasswordHasher::start_cheap().unwrap());
        let (blobs, settings) = (Blobs::in_folder(self.blobs.path()).unwrap(), self.mote.settings().clone());
        Mote::open(store, keys, hasher, Mailer::Log, blobs, settings, clock).await
    }

    /// The same data with a server that has just started.
    pub(crate) async fn restarted(self) -> Self {
        let store = self.store.clone();
        self.moved_to(store).await
    }

    /// The same with the rows of another store.
    pub(crate) async fn moved_to(self, store: Store) -> Self {
        let mote = self.another_on(store.clone(), self.keys.reload().unwrap()).await.unwrap();
        let metrics = Metrics::default();
        let limits = Limits { clock: Clock::Manual(Arc::clone(&self.clock)), ..Limits::default() };
        let frame = Frame::new(mote_api::router(mote.clone(), metrics.clone()), None, limits, metrics);
        Self { mote, store, frame, ..self }
    }

    /// Names of the blobs that are kept.
    pub(crate) fn blobs(&self) -> Vec<String> {
        let files = std::fs::read_dir(self.blobs.path()).unwrap().map(Result::unwrap);
        let files = files.filter(|entry| entry.file_type().unwrap().is_file());
        files.map(|file| file.file_name().into_string().unwrap()).collect()
    }

    /// Lets time pass.
    pub(crate) fn pass(&self, seconds: i64) {
        self.clock.fetch_add(seconds * 1000, Ordering::SeqCst);
    }

    pub(crate) fn now(&self) -> mote_core::Moment {
        mote_core::Moment(self.clock.load(Ordering::SeqCst))
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.frame.answer(request).await;
        let (parts, body) = response.into_parts();
        // A stream of events has no end: its head is the answer.
        let endless = parts.headers.get("content-type").is_some_and(|kind| kind == "text/event-stream");
        let body = if endless { Body::empty() } else { body };
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Answer { status: parts.status, headers: parts.headers, body }
    }

    pub(crate) async fn form(
        &self,
        method: &str,
        path: &str,
        authorization: &str,
        fields: &[(&str, &str)],
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if !authorization.is_empty() {
            request = request.header("authorization", authorization);
        }
        let body = if fields.is_empty() {
            Body::empty()
        } else {
            request = request.header("content-type", "application/x-www-form-urlencoded");
            Body::from(form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish())
        };
        self.send(request.body(body).unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str, authorization: &str) -> Answer {
        self.form("GET", path, authorization, &[]).await
    }

    /// The answer to those who watch, which is no JSON.
    pub(crate) async fn text(&self, path: &str) -> String {
        let response = self.frame.answer(Request::get(path).body(Body::empty()).unwrap()).await;
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    pub(crate) async fn json(&self, method: &str, path: &str, authorization: &str, body: Value) -> Answer {
        let request = Request::builder().method(method).uri(path).header("authorization", authorization);
        let request = request.header("content-type", "application/json");
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    /// Makes an account and a user token for it: the header to send.
    pub(crate) async fn user(&self, username: &str) -> String {
        let new = NewAccount {
            username: username.into(),
            password: Password::new(PASSWORD.into()),
            info: serde_json::Map::default(),
        };
        self.mote.create_account(new).await.unwrap();
        bearer(&self.sign_in(username).await.text("/access_token"))
    }

    pub(crate) async fn sign_in(&self, username: &str) -> Answer {
        let fields = [("grant_type", "password"), ("username", username), ("password", PASSWORD)];
        self.form("POST", "/oauth/token", &basic("particle", "particle"), &fields).await
    }

    /// Makes a product with a client and a token.
    pub(crate) async fn product(&self, user: &str, name: &str) -> Product {
        let made = self.form("POST", "/v1/products", user, &[("name", name), ("platform_id", "13")]).await;
        self.with_client(user, &made).await
    }

    /// The product that was just made, with a client and a token.
    pub(crate) async fn with_client(&self, user: &str, made: &Answer) -> Product {
        let id = made.body["product"]["id"].to_string();
        let path = format!("/v1/products/{id}/clients");
        let client = self.form("POST", &path, user, &[("name", "client"), ("type", "installed")]).await;
        let (name, secret) = (client.text("/client/id"), client.text("/client/secret"));
        let minted = self.mint(&name, &secret).await;
        Product {
            id,
            slug: made.text("/product/slug"),
            client: name,
            secret,
            token: bearer(&minted.text("/access_token")),
            refresh: minted.text("/refresh_token"),
        }
    }

    pub(crate) async fn mint(&self, client: &str, secret: &str) -> Answer {
        self.form("POST", "/oauth/token", &basic(client, secret), &[("grant_type", "client_credentials")])
            .await
    }

    /// Makes a customer of a product with the product's client, and a token for him: the header to send.
    pub(crate) async fn customer(&self, product: &Product, email: &str) -> String {
        let path = format!("/v1/products/{}/customers", product.id);
        let client = basic(&product.client, &product.secret);
        let made = self.form("POST", &path, &client, &[("email", email), ("password", PASSWORD)]).await;
        bearer(&made.text("/access_token"))
    }

    pub(crate) async fn refresh(&self, product: &Product, token: &str) -> Answer {
        let fields = [("grant_type", "refresh_token"), ("refresh_token", token)];
        self.form("POST", "/oauth/token", &basic(&product.client, &product.secret), &fields).await
    }
}
