//! Replacing the server key.

use mote_core::Mote;
use mote_core::keys::{ServerKey, ServerKeys};
use mote_core::mail::Mailer;
use mote_core::{Moment, Settings};

use super::explain;
use crate::config::{StoreConfig, StoreOptions};
use crate::open::{open, server_keys};
use crate::{Failure, logging};

pub(super) fn print_new() {
    println!("{}", *ServerKey::generate().to_hex());
}

/// Whatever moment this is cut off at: the file holds the key that the database is under, and running it again goes on.
pub(super) async fn rotate(options: StoreOptions, prepare: bool, end_oldest: bool) -> Result<(), Failure> {
    logging::start_for_command();
    let config = options.with_file()?.decide()?;
    let keys = server_keys(&config, true, false)?;
    let _lock = keys.lock().map_err(Failure::other)?;
    let keys = keys.reload().map_err(Failure::other)?;
    // First, so that nothing is written for a database that this key does not open.
    let mote = open(config.clone(), Settings::default(), Mailer::Log, false).await?;
    let both = with_successor(&config, keys)?;
    let next = &both.all()[1];
    if mote.is_under(next) {
        println!("The database is under the new key already.");
    } else if prepare {
        println!("The next key is in {} beside the one in use.", config.key_file.display());
        println!("Copy the file to every server, and run mote key rotate.");
        return Ok(());
    } else {
        let generation = mote.rotate_server_key(next, end_oldest).await.map_err(explain)?;
        println!("The database is under the new key: generation {generation}.");
    }
    if config.key.is_some() {
        println!(
            "Leave the new key alone in MOTE_SERVER_KEY, and restart the servers with it when it suits."
        );
    } else {
        both.replace(vec![next.clone()]).map_err(Failure::other)?;
        println!("The old key is gone from {}. Keep a copy of the new one.", config.key_file.display());
    }
    tell(&mote).await
}

/// The key in use and its successor, which is made where there is none yet.
fn with_successor(config: &StoreConfig, keys: ServerKeys) -> Result<ServerKeys, Failure> {
    match keys.all() {
        [_, _] => Ok(keys),
        [present, ..] if config.key.is_none() => {
            keys.replace(vec![present.clone(), ServerKey::generate()]).map_err(Failure::other)
        }
        _ => Err(Failure::usage(
            "MOTE_SERVER_KEY needs both keys, with a comma between: the one in use, and the next (mote key new makes one). \
             Restart every server with both before this (nothing was changed)",
        )),
    }
}

/// Says how the database stands with its keys.
pub(super) async fn tell(mote: &Mote) -> Result<(), Failure> {
    let state = mote.key_state().await.map_err(Failure::other)?;
    let Some(replaced_at) = state.replaced_at else {
        println!("The server key was never replaced.");
        return Ok(());
    };
    println!("generation of keys: {}, since {}", state.newest, Moment::to_iso(replaced_at));
    if state.generation != state.newest {
        println!("It is made with in a few seconds, when every server has taken it up.");
    } else if state.left > 0 {
        println!("still sealed with an older one: {}; running servers seal them anew", state.left);
    } else {
        println!("nothing is sealed with an older one");
    }
    Ok(())
}
