//! Keeping up with the keys while the server runs.

use std::time::{Duration, Instant};

use mote_core::Mote;
use mote_core::keys::Followed;

/// Pause between two looks whether the server key was replaced.
const FOLLOW_EVERY: Duration = Duration::from_secs(1);
/// Pause between two complaints about the same.
const COMPLAIN_EVERY: Duration = Duration::from_mins(1);
/// Pause between two looks for what an older key has sealed, where no key was replaced meanwhile: a server that was not
/// given the new key yet may have gone on sealing with the former.
const RESEAL_EVERY: Duration = Duration::from_hours(1);

/// Takes up the server key that an operator puts into the place of the one in use, for as long as the server runs.
pub(super) async fn follow(mote: Mote) {
    let mut complained: Option<Instant> = None;
    loop {
        tokio::time::sleep(FOLLOW_EVERY).await;
        let trouble = match mote.follow_server_key().await {
            Ok(Followed::Same) => continue,
            Ok(Followed::Took(generation)) => {
                tracing::info!(generation, "the keys of this generation are made with from now on");
                complained = None;
                continue;
            }
            Ok(Followed::Behind) => {
                "the server key was replaced, and this server has the former: tokens that others make are unknown to it. \
                 Put the new key into its file, or start it anew with it"
                    .to_owned()
            }
            Err(error) => format!("it cannot be seen whether the server key was replaced: {error}"),
        };
        if complained.is_none_or(|last| last.elapsed() >= COMPLAIN_EVERY) {
            tracing::error!("{trouble}");
            complained = Some(Instant::now());
        }
    }
}

/// Seals anew what an older generation of keys has sealed, for as long as the server runs.
pub(super) async fn reseal(mote: Mote) {
    let mut last: Option<(u16, Instant)> = None;
    loop {
        tokio::time::sleep(FOLLOW_EVERY).await;
        let generation = mote.key_generation();
        if last.is_some_and(|(done, at)| done == generation && at.elapsed() < RESEAL_EVERY) {
            continue;
        }
        match mote.reseal().await {
            Ok(_) => last = Some((generation, Instant::now())),
            Err(error) => {
                tracing::error!(%error, "not everything was sealed anew; it is tried again");
                tokio::time::sleep(COMPLAIN_EVERY).await;
            }
        }
    }
}
