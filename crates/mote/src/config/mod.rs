//! The configuration: a flag, or else a variable `MOTE_…`, or else a line of `mote.toml`, or else the default.

mod file;
mod keys;
mod options;
mod registries;
mod same_store;
mod values;

use std::net::SocketAddr;
use std::path::PathBuf;

use mote_api::frame::Rates;
use mote_core::events::NatsSettings;
use mote_store::Location;

use crate::Failure;

pub(crate) use keys::KeyCommand;
pub(crate) use options::{
    Arguments, AuditCommand, Command, LogFormat, Options, OrgCommand, ServeOptions, StoreOptions, Switch,
    TokenCommand, UserCommand,
};
pub(crate) use registries::{DeviceOsCommand, LibraryCommand, Marks};
pub(crate) use same_store::SameStore;
pub(crate) use values::{Connections, Count, Days, Listen, LogFilter, Networks, PublicUrl, Secret};

/// Where binaries are.
#[derive(Clone, Debug)]
pub(crate) enum BlobPlace {
    Folder(PathBuf),
    /// `s3://BUCKET/PREFIX`.
    Bucket(String),
}

/// Where the data is, decided.
#[derive(Clone, Debug)]
pub(crate) struct StoreConfig {
    pub(crate) folder: PathBuf,
    pub(crate) database: Location,
    pub(crate) blobs: BlobPlace,
    pub(crate) key_file: PathBuf,
    /// The key itself, where it comes by variable.
    pub(crate) key: Option<Secret>,
}

/// How the server runs, decided.
#[derive(Debug)]
pub(crate) struct ServeConfig {
    pub(crate) listen: SocketAddr,
    pub(crate) public_url: Option<PublicUrl>,
    pub(crate) open_signup: bool,
    pub(crate) admin: Option<(String, Secret)>,
    pub(crate) tls: Option<(PathBuf, PathBuf)>,
    pub(crate) trusted_proxies: Vec<ipnet::IpNet>,
    pub(crate) team_tokens: bool,
    pub(crate) claim_unknown: bool,
    pub(crate) events: Option<NatsSettings>,
    pub(crate) allow_hook_networks: Vec<ipnet::IpNet>,
    pub(crate) history_days: u16,
    pub(crate) audit_days: u16,
    pub(crate) max_connections: u32,
    pub(crate) rates: Rates,
    pub(crate) smtp: Option<(Secret, String)>,
    pub(crate) log_format: LogFormat,
    pub(crate) log: LogFilter,
}

impl StoreOptions {
    /// Decides, and refuses what cannot be a database or a key. Nothing is made for it.
    pub(crate) fn decide(self) -> Result<StoreConfig, Failure> {
        let folder = self.data.unwrap_or_else(|| "mote-data".into());
        let database = match self.database {
            Some(text) => database(&text)?,
            None => Location::Sqlite(folder.join("mote.db")),
        };
        if let Location::Sqlite(path) = &database
            && path.is_dir()
        {
            let text = format!("the database {database} is a folder: name a file in it with --database");
            return Err(Failure::usage(text));
        }
        let blobs = match self.blobs {
            Some(address) if address.starts_with("s3://") => BlobPlace::Bucket(address),
            Some(path) => BlobPlace::Folder(path.into()),
            None => BlobPlace::Folder(folder.join("blobs")),
        };
        let key_file = self.server_key_file.unwrap_or_else(|| folder.join("server.key"));
        if self.server_key.is_none() && key_file.is_dir() {
            let text = format!(
                "the server key {} is a folder: name the file with --server-key-file",
                key_file.display()
            );
            return Err(Failure::usage(text));
        }
        Ok(StoreConfig { folder, database, blobs, key_file, key: self.server_key })
    }
}

/// Refuses what is meant for another engine, and would be taken for a path. What is refused may hold a password.
fn database(text: &str) -> Result<Location, Failure> {
    let refuse = |why: String| {
        Failure::usage(format!("--database {why} is a path for SQLite, or postgres://user@host/name"))
    };
    match Location::parse(text) {
        Location::Sqlite(_) if text.is_empty() => Err(refuse("is empty: it".into())),
        Location::Sqlite(_) => match text.split_once("://") {
            Some((scheme, _)) => Err(refuse(format!("begins with {scheme}://, which is unknown: it"))),
            None => Ok(Location::Sqlite(text.into())),
        },
        postgres @ Location::Postgres(_) => Ok(postgres),
    }
}

impl ServeOptions {
    /// Decides, and refuses what does not go together.
    pub(crate) fn decide(self) -> Result<ServeConfig, Failure> {
        let pair = |what: &str| Failure::usage(format!("{what} go together: give both, or neither"));
        let listen = self.listen.map_or(SocketAddr::from(([127, 0, 0, 1], 8080)), |listen| listen.0);
        let admin = match (self.admin_email, self.admin_password) {
            (Some(email), Some(password)) => Some((email, password)),
            (None, None) => None,
            _ => return Err(pair("--admin-email and --admin-password")),
        };
        let tls = match (self.tls_cert, self.tls_key) {
            (Some(cert), Some(key)) => Some((cert, key)),
            (None, None) => None,
            _ => return Err(pair("--tls-cert and --tls-key")),
        };
        let smtp = match (self.smtp_url, self.mail_from) {
            (Some(url), Some(from)) => Some((url, from)),
            (None, None) => None,
            _ => return Err(pair("--smtp-url and --mail-from")),
        };
        let events = self.events.map(|urls| NatsSettings::parse(&urls.0)).transpose();
        let events = events.map_err(|error| Failure::usage(format!("--{error}")))?;
        let usual = Rates::default();
        let rates = Rates {
            requests: self.max_requests.map_or(usual.requests, |most| most.0),
            credentials: self.max_credential_requests.map_or(usual.credentials, |most| most.0),
            guesses: self.max_guesses.map_or(usual.guesses, |most| most.0),
            unlimited: self.unlimited_networks.map_or(usual.unlimited, |networks| networks.0),
        };
        Ok(ServeConfig {
            listen,
            public_url: self.public_url,
            open_signup: self
                .signup
                .map_or(listen.ip().is_loopback(), |signup| signup == options::Signup::Open),
            admin,
            tls,
            trusted_proxies: self.trusted_proxies,
            team_tokens: self.team_tokens == Some(Switch::On),
            claim_unknown: self.claim_unknown == Some(Switch::On),
            events,
            allow_hook_networks: self.allow_hook_networks,
            history_days: self.history_days.map_or(30, |days| days.0),
            audit_days: self.audit_days.map_or(365, |days| days.0),
            max_connections: self.max_connections.map_or(10_000, |most| most.0),
            rates,
            smtp,
            log_format: self.log_format.unwrap_or(LogFormat::Text),
            log: self.log.unwrap_or_default(),
        })
    }
}
