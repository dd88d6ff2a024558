//! The configuration: a flag, or else a variable `MOTE_…`, or else a line of `mote.toml`, or else the default.

mod file;
mod keys;
mod options;
mod registries;

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

/// A value that is not shown.
#[derive(Clone)]
pub(crate) struct Secret(pub(crate) String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl std::str::FromStr for Secret {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

/// A number of days, from one to ten years.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Days(u16);

impl std::str::FromStr for Days {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let days = text.parse().ok().filter(|days| (1..=3650).contains(days));
        days.map(Self).ok_or("is a number of days from 1 to 3650")
    }
}

/// A number of connections, with room for a few at least.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Connections(u32);

impl std::str::FromStr for Connections {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let most = text.parse().ok().filter(|most| (10..=1_000_000).contains(most));
        most.map(Self).ok_or("is a number of connections from 10 to 1000000")
    }
}

/// A number of something, at least one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Count(u32);

impl std::str::FromStr for Count {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let count = text.parse().ok().filter(|count| *count > 0);
        count.map(Self).ok_or("is a number, 1 at least")
    }
}

/// Networks with commas between, or `none`.
#[derive(Clone, Debug)]
pub(crate) struct Networks(Vec<ipnet::IpNet>);

impl std::str::FromStr for Networks {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.trim() == "none" {
            return Ok(Self(Vec::new()));
        }
        text.split(',').map(options::network).collect::<Result<_, _>>().map(Self)
    }
}

/// How the server runs, decided.
#[derive(Debug)]
pub(crate) struct ServeConfig {
    pub(crate) listen: SocketAddr,
    pub(crate) public_url: Option<String>,
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
    pub(crate) log: String,
}

impl StoreOptions {
    /// Decides.
    pub(crate) fn decide(self) -> StoreConfig {
        let folder = self.data.unwrap_or_else(|| "mote-data".into());
        let database = match self.database {
            Some(text) => Location::parse(&text),
            None => Location::Sqlite(folder.join("mote.db")),
        };
        let blobs = match self.blobs {
            Some(address) if address.starts_with("s3://") => BlobPlace::Bucket(address),
            Some(path) => BlobPlace::Folder(path.into()),
            None => BlobPlace::Folder(folder.join("blobs")),
        };
        let key_file = self.server_key_file.unwrap_or_else(|| folder.join("server.key"));
        StoreConfig { folder, database, blobs, key_file, key: self.server_key }
    }
}

impl ServeOptions {
    /// Decides, and refuses what does not go together.
    pub(crate) fn decide(self) -> Result<ServeConfig, Failure> {
        let pair = |what: &str| Failure::usage(format!("{what} go together: give both, or neither"));
        let listen = self.listen.unwrap_or(SocketAddr::from(([127, 0, 0, 1], 8080)));
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
        if let Some(url) = &self.public_url
            && !(url.starts_with("http://") || url.starts_with("https://"))
        {
            return Err(Failure::usage("--public-url begins with http:// or https://"));
        }
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
            public_url: self.public_url.map(|url| url.trim_end_matches('/').to_owned()),
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
            log: self.log.unwrap_or_else(|| "info".into()),
        })
    }
}
