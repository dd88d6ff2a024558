//! A whole Mote within the test, with a clock that the test sets, and browsers that come to it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::body::Body;
use http::{Request, StatusCode, header};
use mote_api::frame::{Frame, Limits, Metrics, Peer};
use mote_core::accounts::NewAccount;
use mote_core::authorization::Role;
use mote_core::blobs::Blobs;
use mote_core::integrations::HookSettings;
use mote_core::keys::ServerKey;
use mote_core::mail::Mailer;
use mote_core::passwords::{Password, PasswordHasher};
use mote_core::teams::TeamId;
use mote_core::{Clock, Moment, Mote, OrganizationId, ProductId, Settings};
use mote_store::Location;
use mote_testkit::Mails;
use mote_testkit::postgres::Database;

/// The password of every account here.
pub(crate) const PASSWORD: &str = "a long pass phrase of tests 7";
pub(crate) const HOST: &str = "mote.example.com";

pub(crate) struct Cloud {
    pub(crate) mote: Mote,
    frame: Frame,
    clock: Arc<AtomicI64>,
    mails: Option<Arc<Mails>>,
    _blobs: tempfile::TempDir,
    // Dropped last: the data that the rest works on.
    _data: Data,
}

enum Data {
    Folder(#[expect(dead_code, reason = "removes the folder when it goes")] tempfile::TempDir),
    Database(#[expect(dead_code, reason = "removes the database when it goes")] Database),
}

impl Cloud {
    pub(crate) async fn on_sqlite() -> Self {
        Self::in_folder(Some(Mails::start())).await
    }

    /// One without a mail server: mails go into its log.
    pub(crate) async fn without_mails() -> Self {
        Self::in_folder(None).await
    }

    async fn in_folder(mails: Option<Mails>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let location = Location::Sqlite(folder.path().join("mote.db"));
        Self::open(location, Data::Folder(folder), mails).await
    }

    pub(crate) async fn on_postgresql() -> Self {
        let database = tokio::task::spawn_blocking(Database::new).await.unwrap();
        Self::open(Location::Postgres(database.url()), Data::Database(database), Some(Mails::start())).await
    }

    async fn open(location: Location, data: Data, mails: Option<Mails>) -> Self {
        let clock = Arc::new(AtomicI64::new(1_800_000_000_000));
        // A receiver of a story's own is at an address of this machine.
        let hooks = HookSettings {
            allowed_networks: vec!["127.0.0.1/32".parse().unwrap()],
            ..HookSettings::default()
        };
        let public_url = format!("https://{HOST}");
        let settings = Settings { open_signup: true, public_url, hooks, ..Settings::default() };
        let store = Mote::open_store(location).await.unwrap();
        let (key, hasher) = (ServerKey::generate(), PasswordHasher::start_cheap().unwrap());
        let blobs = tempfile::tempdir().unwrap();
        let kept = Blobs::in_folder(blobs.path()).unwrap();
        let manual = Clock::Manual(Arc::clone(&clock));
        let limits = Limits { clock: manual.clone(), ..Limits::default() };
        let by_smtp = |mails: &Mails| Mailer::smtp(&mails.url, "mote@example.com").unwrap();
        let mailer = mails.as_ref().map_or(Mailer::Log, by_smtp);
        let mote = Mote::open(store, &key, hasher, mailer, kept, settings, manual).await.unwrap();
        let metrics = Metrics::default();
        let router = mote_console::beside(mote_api::router(mote.clone(), metrics.clone()), mote.clone());
        let frame = Frame::new(router, Some(mote_console::PAGES), limits, metrics);
        Self { mote, frame, clock, mails: mails.map(Arc::new), _blobs: blobs, _data: data }
    }

    /// The path of the link in the next mail that has this in it.
    pub(crate) async fn mailed(&self, part: &'static str) -> String {
        let mails = Arc::clone(self.mails.as_ref().unwrap());
        let link = tokio::task::spawn_blocking(move || mails.link(part)).await.unwrap();
        link.strip_prefix(&format!("https://{HOST}")).unwrap().to_owned()
    }

    /// Lets time pass.
    pub(crate) fn pass(&self, seconds: i64) {
        self.clock.fetch_add(seconds * 1000, Ordering::SeqCst);
    }

    pub(crate) fn now(&self) -> Moment {
        Moment(self.clock.load(Ordering::SeqCst))
    }

    /// Makes an account.
    pub(crate) async fn account(&self, username: &str) {
        let password = Password::new(PASSWORD.into());
        let new = NewAccount { username: username.into(), password, info: serde_json::Map::default() };
        self.mote.create_account(new).await.unwrap();
    }

    /// A browser in which somebody new is signed in.
    pub(crate) async fn person(&self, username: &str) -> Browser<'_> {
        self.account(username).await;
        self.signed_in(username).await
    }

    /// A browser in which somebody is signed in.
    pub(crate) async fn signed_in(&self, username: &str) -> Browser<'_> {
        let mut browser = Browser::new(self);
        browser.get("/sign-in").await;
        let page = browser.post("/sign-in", &[("username", username), ("password", PASSWORD)]).await;
        assert_eq!((page.status, page.location()), (StatusCode::SEE_OTHER, "/"), "{}", page.text);
        browser
    }

    /// Puts somebody on the team of the first product.
    pub(crate) async fn join(&self, product: i64, username: &str, role: Role) {
        self.mote.put_on_team(TeamId::Product(ProductId(product)), username, role).await.unwrap();
    }

    /// Puts somebody on the team of an organization.
    pub(crate) async fn join_organization(&self, slug: &str, username: &str, role: Role) {
        let all = self.mote.list_organizations_for_operator(OrganizationId(0)).await.unwrap();
        let organization = all.into_iter().find(|one| one.slug == slug).unwrap();
        self.mote.put_on_team(TeamId::Organization(organization.id), username, role).await.unwrap();
    }

    /// A request whose answer may have no end.
    pub(crate) async fn answer(&self, request: Request<Body>) -> axum::response::Response {
        self.frame.answer(request).await
    }

    /// A request as it is; for what no browser sends.
    pub(crate) async fn send(&self, request: Request<Body>) -> Page {
        let (parts, body) = self.answer(request).await.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        Page {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }
}

pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) headers: http::HeaderMap,
    pub(crate) text: String,
}

impl Page {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Where it sends one on to.
    pub(crate) fn location(&self) -> &str {
        self.header("location")
    }

    /// What stands between two texts.
    pub(crate) fn between(&self, before: &str, after: &str) -> &str {
        let (_, rest) = self.text.split_once(before).unwrap_or_else(|| panic!("{before} in {}", self.text));
        rest.split_once(after).map(|(found, _)| found).unwrap()
    }
}

/// A browser: it keeps cookies, and sends with forms what the page had in them.
pub(crate) struct Browser<'a> {
    cloud: &'a Cloud,
    pub(crate) cookies: BTreeMap<String, String>,
    form_token: String,
    peer: Option<Peer>,
}

impl<'a> Browser<'a> {
    pub(crate) fn new(cloud: &'a Cloud) -> Self {
        Self { cloud, cookies: BTreeMap::new(), form_token: String::new(), peer: None }
    }

    /// One that comes from this network address.
    pub(crate) fn at(cloud: &'a Cloud, address: &str) -> Self {
        Self { peer: Some(Peer(format!("{address}:4711").parse().unwrap())), ..Self::new(cloud) }
    }

    pub(crate) fn request(&self, method: &str, path: &str) -> http::request::Builder {
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, HOST);
        if !self.cookies.is_empty() {
            let pairs: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header(header::COOKIE, pairs.join("; "));
        }
        if let Some(peer) = self.peer {
            request = request.extension(peer);
        }
        request
            .header(header::ACCEPT, "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")
            .header(header::USER_AGENT, "Mozilla/5.0 (X11; Linux x86_64) Story/1.0")
    }

    async fn send(&mut self, request: Request<Body>) -> Page {
        let page = self.cloud.send(request).await;
        for line in page.headers.get_all(header::SET_COOKIE) {
            let (pair, flags) = line.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            // RFC 6265bis section 4.1.3.2: what the prefix asks for.
            assert!(name.starts_with("__Host-") && flags.contains("Path=/") && flags.contains("; Secure"));
            assert!(flags.contains("HttpOnly") && flags.contains("SameSite=Lax"), "{flags}");
            if flags.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        if page.text.contains("name=\"form_token\"") {
            page.between("name=\"form_token\" value=\"", "\"").clone_into(&mut self.form_token);
        }
        page
    }

    pub(crate) async fn get(&mut self, path: &str) -> Page {
        let request = self.request("GET", path).body(Body::empty()).unwrap();
        self.send(request).await
    }

    /// Sends the form of the page that was seen last.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let token = self.form_token.clone();
        self.post_with(path, fields, Some(&token), &[("sec-fetch-site", "same-origin")]).await
    }

    /// Sends a form with this for its token, and these headers.
    pub(crate) async fn post_with(
        &mut self,
        path: &str,
        fields: &[(&str, &str)],
        token: Option<&str>,
        headers: &[(&str, &str)],
    ) -> Page {
        let token = token.map(|token| ("form_token", token));
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields.iter().copied().chain(token));
        let mut request = self.request("POST", path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request.body(Body::from(form.finish())).unwrap()).await
    }

    pub(crate) fn form_token(&self) -> String {
        self.form_token.clone()
    }

    /// Makes a product, which becomes the first: its page's path.
    pub(crate) async fn product(&mut self, name: &str) -> String {
        self.get("/products/new").await;
        let made = self.post("/products/new", &[("name", name), ("platform", "13")]).await;
        assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text);
        made.location().to_owned()
    }
}
