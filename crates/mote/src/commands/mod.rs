//! What `mote` can be told to do: a file for each word, and what its commands share.

mod audit;
mod backup;
mod check;
mod device_keys;
mod device_os;
mod key;
mod libraries;
mod organizations;
mod papers;
mod serve;
mod tokens;
mod transfer;
mod unlock;
mod users;

use std::time::Duration;

use mote_core::accounts::NewAccount;
use mote_core::audit::AuditQuery;
use mote_core::mail::Mailer;
use mote_core::names::Username;
use mote_core::passwords::{Password, check_strength};
use mote_core::{Error, Mote, Settings};

use crate::config::{
    Arguments, AuditCommand, Command, DeviceOsCommand, KeyCommand, LibraryCommand, OrgCommand, StoreOptions,
    TokenCommand, UserCommand,
};
use crate::open::open;
use crate::{Failure, logging};

/// Runs the command.
pub(crate) fn run(arguments: Arguments) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|e| Failure::other(format!("cannot start: {e}")))?;
    let done = runtime.block_on(async {
        match arguments.command {
            Command::Serve(options) => serve::serve(*options).await,
            Command::User(UserCommand::Create(of)) => users::create(of.store, of.email).await,
            Command::User(UserCommand::ChangeAddress { user, new_email }) => {
                users::change_address(user.store, &user.email, &new_email).await
            }
            Command::User(UserCommand::DisableMfa(of)) => users::disable_mfa(of.store, &of.email).await,
            Command::User(UserCommand::ResetPassword(of)) => users::reset_password(of.store, &of.email).await,
            Command::Token(TokenCommand::Create { user, expires_in }) => {
                tokens::create(user.store, &user.email, expires_in.as_deref()).await
            }
            Command::Org(OrgCommand::Create { name, owner, store }) => {
                organizations::create(store, name, &owner).await
            }
            Command::Org(OrgCommand::List(store)) => organizations::list(store).await,
            Command::Unlock { who, store } => unlock::unlock(store, &who).await,
            Command::Key(KeyCommand::Rotate { prepare, end_oldest, store }) => {
                key::rotate(store, prepare, end_oldest).await
            }
            Command::Key(KeyCommand::New) => {
                key::print_new();
                Ok(())
            }
            Command::Audit(AuditCommand::Verify { expect, store }) => {
                audit::verify(store, expect.as_deref()).await
            }
            Command::Audit(AuditCommand::Export { since, until, action, store }) => {
                audit::export(store, AuditQuery { since, until, action, ..AuditQuery::default() }).await
            }
            Command::Library(LibraryCommand::List(store)) => libraries::list(store).await,
            Command::Library(LibraryCommand::Mark { name, marks, store }) => {
                libraries::mark(store, &name, &marks).await
            }
            Command::Library(LibraryCommand::Remove { name, version, store }) => {
                libraries::remove(store, &name, version).await
            }
            Command::DeviceOs(DeviceOsCommand::Add { version, state, files, store }) => {
                device_os::add(store, &version, &state, &files).await
            }
            Command::DeviceOs(DeviceOsCommand::List(store)) => device_os::list(store).await,
            Command::DeviceOs(DeviceOsCommand::Remove { version, store }) => {
                device_os::remove(store, &version).await
            }
            Command::DeviceServerKey(options) => device_keys::print(options).await,
            Command::Backup { into, with_key, store } => backup::backup(store, &into, with_key).await,
            Command::Restore { from, store } => backup::restore(store, &from).await,
            Command::Export { into, store } => transfer::export(store, &into).await,
            Command::Import { from, store } => transfer::import(store, &from).await,
            Command::Check(options) => check::check(options).await,
            Command::Completions { shell } => papers::completions(shell),
            Command::Manual { folder } => papers::manual(&folder),
        }
    });
    runtime.shutdown_timeout(Duration::from_millis(500));
    done
}

/// Opens the store for a command of the operator; it is there already.
async fn operator(options: StoreOptions) -> Result<Mote, Failure> {
    logging::start_for_command();
    open(options.with_file()?.decide()?, Settings::default(), Mailer::Log, false).await
}

/// What the parts of a new account are called where the operator gives them.
struct Named {
    email: &'static str,
    password: &'static str,
}

/// A new account that can be made, looked at before anything else is.
fn new_account(email: String, password: Password, named: &Named) -> Result<NewAccount, Failure> {
    let refuse = |name: &'static str| {
        move |error| match error {
            Error::Invalid { why, .. } => Failure::usage(format!("{name} {why}")),
            other => explain(other),
        }
    };
    let username = Username::parse(&email).map_err(refuse(named.email))?;
    check_strength(&password, username.as_str()).map_err(refuse(named.password))?;
    Ok(NewAccount { username: email, password, info: serde_json::Map::new() })
}

/// An operator's mistakes are his to mend: exit code 2.
fn explain(error: Error) -> Failure {
    match error {
        Error::Invalid { .. } | Error::NotFound(_) | Error::Conflict(_) => Failure::usage(error.to_string()),
        other => Failure::other(other),
    }
}
