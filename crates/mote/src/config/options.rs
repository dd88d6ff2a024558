//! The options, each declared once: flag, variable, help. `mote.toml` has the same names.
#![expect(clippy::doc_markdown, reason = "these texts are the help that people read in a terminal")]

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::values::network;
use super::{
    Connections, Count, Days, DeviceOsCommand, KeyCommand, LibraryCommand, Listen, LogFilter, Networks,
    PublicUrl, Secret,
};

/// Mote is a self-hosted device cloud that speaks the Particle Cloud API.
///
/// What runs against api.particle.io runs against Mote when its host is changed. `mote serve` in an empty folder starts one.
///
/// Every option can also be set by a variable (`--listen` as `MOTE_LISTEN`) or by a line of mote.toml (`listen = "…"`); the
/// flag is the strongest, then the variable.
#[derive(Debug, Parser)]
#[command(name = "mote", version, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the server.
    ///
    /// Makes its data folder where there is none: a database, and the server key, which only its owner may read. Keep a copy
    /// of the key: without it nothing in the database can be opened.
    #[command(
        after_help = "Example:\n  mote serve --admin-email me@example.com --admin-password 'a long pass phrase'"
    )]
    Serve(Box<Options>),
    /// Make accounts, or give them a new password or address.
    #[command(subcommand)]
    User(UserCommand),
    /// Make tokens, straight on the store.
    #[command(subcommand)]
    Token(TokenCommand),
    /// Make organizations, or list them.
    #[command(subcommand)]
    Org(OrgCommand),
    /// Copy the database and the firmware binaries into a new folder, while the server runs.
    ///
    /// The copy is as all was at one moment, and is checked. Without the server key, which you keep elsewhere, it opens
    /// nothing. For SQLite; of PostgreSQL, pg_dump makes copies.
    #[command(after_help = "Example:\n  mote backup /backups/$(date +%F)")]
    Backup {
        /// The folder to make.
        #[arg(value_name = "FOLDER")]
        into: PathBuf,
        /// Put a copy of the server key beside it: whoever has such a backup has all that is in it.
        #[arg(long)]
        with_key: bool,
        #[command(flatten)]
        store: StoreOptions,
    },
    /// Put a backup into a data folder that has no database yet, and check it.
    #[command(after_help = "Example:\n  mote restore /backups/2027-01-31 --data ./mote-data")]
    Restore {
        /// The backup.
        #[arg(value_name = "FOLDER")]
        from: PathBuf,
        #[command(flatten)]
        store: StoreOptions,
    },
    /// Write all of the database into a file, for an import into another engine's.
    ///
    /// The file is as all was at one moment, also while servers run; what they write later is not in it, so stop them first to
    /// move for good. Secrets in it are sealed and digested: the server key goes separately, and so do binaries (--blobs).
    #[command(after_help = "Example:\n  mote export mote.export")]
    Export {
        /// The file to make.
        #[arg(value_name = "FILE")]
        into: PathBuf,
        #[command(flatten)]
        store: StoreOptions,
    },
    /// Put the rows of an export into an empty database, and compare; what was cut off goes on when it is run again.
    #[command(
        after_help = "Example:\n  mote import mote.export --database postgres://mote@db.example.com/mote"
    )]
    Import {
        /// The export.
        #[arg(value_name = "FILE")]
        from: PathBuf,
        #[command(flatten)]
        store: StoreOptions,
    },
    /// Let in whoever was locked out for wrong passwords.
    #[command(after_help = "Examples:\n  mote unlock 192.0.2.7\n  mote unlock me@example.com")]
    Unlock {
        /// A network address, or the e-mail address of an account or customer.
        #[arg(value_name = "ADDRESS|EMAIL")]
        who: String,
        #[command(flatten)]
        store: StoreOptions,
    },
    /// Replace the server key.
    #[command(subcommand)]
    Key(KeyCommand),
    /// Check the audit trail, or print all of it.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// List libraries that makers share, mark them, or take them back.
    #[command(subcommand)]
    Library(LibraryCommand),
    /// Register releases of Device OS with their binaries, list them, or remove them.
    #[command(subcommand)]
    DeviceOs(DeviceOsCommand),
    /// Print the public key of this server that devices are to know, as `particle keys server` takes it; made when it is first
    /// asked for.
    DeviceServerKey(StoreOptions),
    /// Open the store, check its schema and key, and print what is in it.
    Check(StoreOptions),
    /// Print what your shell completes the commands of this program by.
    #[command(
        after_help = "Example:\n  mote completions bash > ~/.local/share/bash-completion/completions/mote"
    )]
    Completions {
        /// Your shell.
        shell: clap_complete::Shell,
    },
    /// Write the pages of the manual into a folder.
    #[command(after_help = "Example:\n  mote manual ~/.local/share/man/man1 && man mote-serve")]
    Manual {
        /// The folder; it is made where there is none.
        folder: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// Check that no entry was changed, removed or put in; exit code 1 names the first that was. Also while servers run.
    ///
    /// Whoever can write to the database can cut off the end of the trail and set the recorded end back; he cannot hide that
    /// from whoever kept the place that an earlier check printed.
    #[command(after_help = "Examples:\n  mote audit verify\n  mote audit verify --expect 1234:3f5a…")]
    Verify {
        /// The last place that an earlier check printed: it must still be in the chain.
        #[arg(long, value_name = "NUMBER:HASH")]
        expect: Option<String>,
        #[command(flatten)]
        store: StoreOptions,
    },
    /// Print the entries of all accounts, products and organizations, oldest first, a line of JSON each.
    #[command(after_help = "Example:\n  mote audit export --since 2026-01-01 --action team > team.ndjson")]
    Export {
        /// Not before this moment, ISO 8601.
        #[arg(long, value_name = "DATE")]
        since: Option<String>,
        /// Before this moment, ISO 8601.
        #[arg(long, value_name = "DATE")]
        until: Option<String>,
        /// What was done: an action, as team.role_changed, or all that is done to one kind of thing, as team.
        #[arg(long, value_name = "ACTION")]
        action: Option<String>,
        #[command(flatten)]
        store: StoreOptions,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// Make an account; its password is read from standard input.
    #[command(after_help = "Example:\n  echo 'a long pass phrase' | mote user create --email me@example.com")]
    Create(OfUser),
    /// Give an account a new password, read from standard input; its tokens end.
    ResetPassword(OfUser),
    /// Give an account another address; its password, tokens and sessions stay.
    #[command(
        after_help = "Example:\n  mote user change-address --email me@example.com --new-email you@example.com"
    )]
    ChangeAddress {
        #[command(flatten)]
        user: OfUser,
        /// The address that it is to have.
        #[arg(long, value_name = "EMAIL")]
        new_email: String,
    },
    /// Switch an account's second factor off, for who lost the app and the recovery codes; its tokens and sessions end.
    DisableMfa(OfUser),
}

#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Make a token for an account and print it.
    Create {
        #[command(flatten)]
        user: OfUser,
        /// Life of the token in seconds; 0 for never-ending. Default: 7776000, which is 90 days.
        #[arg(long, value_name = "SECONDS")]
        expires_in: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum OrgCommand {
    /// Make an organization; an account owns it, and invites others to its team.
    #[command(after_help = "Example:\n  mote org create --name 'Makers & Co' --owner me@example.com")]
    Create {
        /// Its name; its name in URLs is made of it.
        #[arg(long)]
        name: String,
        /// E-mail address of the account that owns it.
        #[arg(long, value_name = "EMAIL")]
        owner: String,
        #[command(flatten)]
        store: StoreOptions,
    },
    /// List the organizations, a line each: ID, name in URLs, name.
    List(StoreOptions),
}

#[derive(Debug, Args)]
pub(crate) struct OfUser {
    /// E-mail address of the account.
    #[arg(long)]
    pub(crate) email: String,
    #[command(flatten)]
    pub(crate) store: StoreOptions,
}

#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    pub(crate) store: StoreOptions,
    #[command(flatten)]
    pub(crate) serve: ServeOptions,
}

#[derive(Debug, Default, Args)]
pub(crate) struct StoreOptions {
    /// File with these options [default: mote.toml, if there is one].
    #[arg(long, env = "MOTE_CONFIG", value_name = "PATH")]
    pub(crate) config: Option<PathBuf>,
    /// Folder for the database and the server key [default: ./mote-data].
    #[arg(long, env = "MOTE_DATA", value_name = "FOLDER")]
    pub(crate) data: Option<PathBuf>,
    /// A path for SQLite, or postgres://user@host/name?sslmode=require [default: mote.db in the data folder].
    #[arg(long, env = "MOTE_DATABASE", hide_env_values = true, value_name = "PATH|URL")]
    pub(crate) database: Option<String>,
    /// Where firmware binaries and archives of libraries are: a folder, which several servers on one database share, or s3://BUCKET/PREFIX of an
    /// S3-compatible store, whose address and keys come by AWS_ENDPOINT, AWS_REGION, AWS_ACCESS_KEY_ID and
    /// AWS_SECRET_ACCESS_KEY [default: blobs in the data folder].
    #[arg(long, env = "MOTE_BLOBS", value_name = "FOLDER|URL")]
    pub(crate) blobs: Option<String>,
    /// File with the server key: 64 hex digits, readable by its owner only [default: server.key in the data folder]. For
    /// those who keep keys elsewhere; the variable `MOTE_SERVER_KEY` may hold the key itself.
    #[arg(long, env = "MOTE_SERVER_KEY_FILE", value_name = "PATH")]
    pub(crate) server_key_file: Option<PathBuf>,
    /// The key itself: by variable only, since flags can be seen by others on the machine.
    #[arg(skip)]
    pub(crate) server_key: Option<Secret>,
}

#[derive(Debug, Default, Args)]
pub(crate) struct ServeOptions {
    /// Address to listen on; port 0 takes a free one [default: 127.0.0.1:8080].
    #[arg(long, env = "MOTE_LISTEN", value_name = "IP:PORT")]
    pub(crate) listen: Option<Listen>,
    /// The address that people reach this server at, for links in mails and to files [default: made of --listen].
    #[arg(long, env = "MOTE_PUBLIC_URL", value_name = "URL")]
    pub(crate) public_url: Option<PublicUrl>,
    /// Whether anybody may make an account [default: open when listening on loopback only, else closed].
    #[arg(long, env = "MOTE_SIGNUP", value_enum)]
    pub(crate) signup: Option<Signup>,
    /// Make the first account with this address, where there is none; for scripts.
    #[arg(long, env = "MOTE_ADMIN_EMAIL", value_name = "EMAIL")]
    pub(crate) admin_email: Option<String>,
    /// Its password.
    #[arg(long, env = "MOTE_ADMIN_PASSWORD", hide_env_values = true, value_name = "PASSWORD")]
    pub(crate) admin_password: Option<Secret>,
    /// Certificate chain in PEM: the server then speaks HTTPS.
    #[arg(long, env = "MOTE_TLS_CERT", value_name = "PATH")]
    pub(crate) tls_cert: Option<PathBuf>,
    /// The certificate's private key in PEM.
    #[arg(long, env = "MOTE_TLS_KEY", value_name = "PATH")]
    pub(crate) tls_key: Option<PathBuf>,
    /// Networks of proxies whose X-Forwarded-For is believed, with commas between, such as 10.0.0.0/8.
    #[arg(long, env = "MOTE_TRUSTED_PROXIES", value_delimiter = ',', value_name = "NETWORKS", value_parser = network)]
    pub(crate) trusted_proxies: Vec<ipnet::IpNet>,
    /// Open product APIs to the tokens of each product's team members [default: off].
    #[arg(long, env = "MOTE_TEAM_TOKENS", value_enum)]
    pub(crate) team_tokens: Option<Switch>,
    /// Let accounts claim devices that this server has never heard of [default: off].
    #[arg(long, env = "MOTE_CLAIM_UNKNOWN", value_enum)]
    pub(crate) claim_unknown: Option<Switch>,
    /// NATS that carries events between the servers on one PostgreSQL, such as nats://user:password@nats.example.com or
    /// tls://…, several servers of it with commas between [default: PostgreSQL carries them].
    #[arg(long, env = "MOTE_EVENTS", hide_env_values = true, value_name = "URLS")]
    pub(crate) events: Option<Secret>,
    /// Networks of the server's own that webhooks may enter, with commas between, such as 10.0.0.0/8; none otherwise: whoever
    /// may make a webhook reaches what is there [default: none].
    #[arg(long, env = "MOTE_ALLOW_HOOK_NETWORKS", value_delimiter = ',', value_name = "NETWORKS", value_parser = network)]
    pub(crate) allow_hook_networks: Vec<ipnet::IpNet>,
    /// Days that vitals and locations of devices and logs of webhooks are kept [default: 30].
    #[arg(long, env = "MOTE_HISTORY_DAYS", value_name = "DAYS")]
    pub(crate) history_days: Option<Days>,
    /// Days that entries of the audit trail are kept [default: 365].
    #[arg(long, env = "MOTE_AUDIT_DAYS", value_name = "DAYS")]
    pub(crate) audit_days: Option<Days>,
    /// Connections at a time; others wait. Event streams may hold four fifths of them [default: 10000, or what the limit of
    /// open files leaves].
    #[arg(long, env = "MOTE_MAX_CONNECTIONS", value_name = "NUMBER")]
    pub(crate) max_connections: Option<Connections>,
    /// Requests that one network address may make in five minutes [default: 10000].
    #[arg(long, env = "MOTE_MAX_REQUESTS", value_name = "NUMBER")]
    pub(crate) max_requests: Option<Count>,
    /// How many of them to what makes, lists and ends tokens and accounts and resets passwords [default: 100].
    #[arg(long, env = "MOTE_MAX_CREDENTIAL_REQUESTS", value_name = "NUMBER")]
    pub(crate) max_credential_requests: Option<Count>,
    /// Wrong credentials in a row, after which a network address is locked for half an hour [default: 10].
    #[arg(long, env = "MOTE_MAX_GUESSES", value_name = "NUMBER")]
    pub(crate) max_guesses: Option<Count>,
    /// Networks whose requests and guesses are not counted, with commas between, or none. A proxy on this machine needs
    /// --trusted-proxies, or else all that comes through it is the machine's own [default: 127.0.0.0/8,::1].
    #[arg(long, env = "MOTE_UNLIMITED_NETWORKS", value_name = "NETWORKS")]
    pub(crate) unlimited_networks: Option<Networks>,
    /// Mail server, such as smtps://user:password@mail.example.com; without one, mails go into the log.
    #[arg(long, env = "MOTE_SMTP_URL", hide_env_values = true, value_name = "URL")]
    pub(crate) smtp_url: Option<Secret>,
    /// Sender of mails.
    #[arg(long, env = "MOTE_MAIL_FROM", value_name = "EMAIL")]
    pub(crate) mail_from: Option<String>,
    /// Form of the log [default: text].
    #[arg(long, env = "MOTE_LOG_FORMAT", value_enum)]
    pub(crate) log_format: Option<LogFormat>,
    /// What is logged: error, warn, info, debug, trace, or a list such as info,mote::http=debug [default: info].
    #[arg(long, env = "MOTE_LOG", value_name = "FILTER")]
    pub(crate) log: Option<LogFilter>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Signup {
    Open,
    Closed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Switch {
    #[value(alias = "true")]
    On,
    #[value(alias = "false")]
    Off,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    Text,
    Json,
}
