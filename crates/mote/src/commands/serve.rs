//! Running the server.

mod announce;
mod keys;

use std::net::IpAddr;
use std::time::Duration;

use futures_util::StreamExt as _;
use mote_api::frame::{Frame, Limits, Metrics};
use mote_core::accounts::NewAccount;
use mote_core::integrations::{HookSettings, Missing};
use mote_core::mail::Mailer;
use mote_core::passwords::Password;
use mote_core::{Error, Mote, Settings};
use mote_store::Location;
use tokio::net::TcpListener;

use super::{Named, new_account};
use crate::config::{Options, Secret, ServeConfig};
use crate::listener::{self, Listener, Tls, stop_signals};
use crate::open::open;
use crate::{Failure, lock, logging};
use announce::{Doors, announce};

/// Pause between sweeps of what has expired.
const SWEEP_EVERY: Duration = Duration::from_mins(1);
/// Pause between two looks at what devices do.
const MEASURE_EVERY: Duration = Duration::from_secs(15);

/// Pause between two looks for entries of the audit trail that have no place yet.
const SEAL_EVERY: Duration = Duration::from_secs(1);
/// Pause between two looks for what a node took from the queue that is gone.
const WATCH_EVERY: Duration = Duration::from_secs(5);

pub(super) async fn serve(options: Options) -> Result<(), Failure> {
    let same_store = options.store.same_store();
    let options = options.with_file()?;
    let (store, config) = (options.store.decide()?, options.serve.decide()?);
    logging::start(config.log_format, &config.log);
    let tls = config.tls.as_ref().map(|(cert, key)| Tls::load(cert, key)).transpose();
    let tls = tls.map_err(|e| Failure::usage(e.to_string()))?;
    let unable = |e: std::io::Error| Failure::other(format!("cannot listen on {}: {e}", config.listen));
    let stop = stop_signals().map_err(unable)?;
    let socket = TcpListener::bind(config.listen).await.map_err(unable)?;
    let doors = Doors::new(&config, socket.local_addr().map_err(unable)?);
    let connections = listener::connections_that_fit(config.max_connections);
    if connections < config.max_connections {
        tracing::warn!(
            connections,
            wanted = config.max_connections,
            "the limit of open files leaves room for fewer"
        );
    }
    let settings = Settings {
        open_signup: config.open_signup,
        team_tokens: config.team_tokens,
        claim_unknown: config.claim_unknown,
        public_url: doors.public_url.clone(),
        hooks: HookSettings {
            allowed_networks: config.allow_hook_networks.clone(),
            ..HookSettings::default()
        },
        history_days: config.history_days,
        audit_days: config.audit_days,
        most_streams: connections as usize / 5 * 4,
    };
    let mailer = match &config.smtp {
        Some((smtp, from)) => Mailer::smtp(&smtp.0, from).map_err(|e| Failure::usage(e.to_string()))?,
        None => Mailer::Log,
    };
    // Not later than that, or a mistake would leave a database behind. Where there is one, nobody may ask for it any more.
    if let Some(admin) = &config.admin
        && matches!(&store.database, Location::Sqlite(path) if !path.exists())
    {
        checked(admin)?;
    }
    lock::keep_to_this_process(&store)?;
    let mote = open(store, settings, mailer, true).await?;
    mote.begin_relay(config.events.clone()).await.map_err(Failure::other)?;
    let hearing = mote.begin_hearing().await.map_err(Failure::other)?;
    first_account(&mote, &config).await?;
    tokio::spawn(sweep(mote.clone()));
    tokio::spawn(measure(mote.clone()));
    tokio::spawn(seal_audit(mote.clone()));
    tokio::spawn(keys::follow(mote.clone()));
    tokio::spawn(keys::reseal(mote.clone()));
    tokio::spawn(watch_nodes(mote.clone()));
    tokio::spawn({
        let mote = mote.clone();
        async move { mote.run_deliveries().await }
    });
    let metrics = Metrics::default();
    let limits = Limits { trusted_proxies: config.trusted_proxies, rates: config.rates, ..Limits::default() };
    let router = mote_console::beside(mote_api::router(mote.clone(), metrics.clone()), mote.clone());
    let frame = Frame::new(router, Some(mote_console::PAGES), limits, metrics);
    hearing.go_on(unlocker(frame.clone()));
    mote.until_known_to_others().await;
    announce(&mote, &doors, &same_store).await?;
    let answer = move |request| {
        let frame = frame.clone();
        async move { frame.answer(request).await }
    };
    let streams = mote.event_hub().clone();
    // They would never finish by themselves.
    let mut stop = stop.inspect(move |()| streams.close());
    let limits = listener::Limits { connections, ..listener::Limits::default() };
    Listener::new(socket, tls, limits).serve(answer, &mut stop).await.map_err(Failure::other)?;
    let written = async {
        mote.flush_uses().await?;
        mote.flush_fleet_counts().await
    };
    tokio::select! {
        biased;
        written = written => written.map_err(Failure::other),
        Some(()) = stop.next() => {
            Err(Failure::other("told to stop once more: what was counted last was not written"))
        }
    }
}

/// Makes the account that the options ask for, where there is none.
async fn first_account(mote: &Mote, config: &ServeConfig) -> Result<(), Failure> {
    let Some(admin) = &config.admin else { return Ok(()) };
    if mote.has_accounts().await.map_err(Failure::other)? {
        return Ok(());
    }
    match mote.create_account(checked(admin)?).await {
        Ok(_) => Ok(()),
        // Another node may have made it meanwhile.
        Err(error) => match mote.has_accounts().await {
            Ok(true) => Ok(()),
            _ => Err(Failure::other(error)),
        },
    }
}

fn checked((email, password): &(String, Secret)) -> Result<NewAccount, Failure> {
    let named = Named { email: "--admin-email", password: "--admin-password" };
    new_account(email.clone(), Password::new(password.0.clone()), &named)
}

/// Brings what was counted to the store, for as long as the server runs: a crash loses the counts of this time at most.
async fn measure(mote: Mote) {
    let mut tick = tokio::time::interval(MEASURE_EVERY);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        let measured = async {
            mote.flush_uses().await?;
            mote.sample_online().await?;
            mote.flush_fleet_counts().await
        };
        if let Err(error) = measured.await {
            tracing::error!(%error, "what was counted was not written; it is tried again");
        }
    }
}

/// Gives entries of the audit trail their places, for as long as the server runs.
async fn seal_audit(mote: Mote) {
    let mut failed = false;
    loop {
        tokio::time::sleep(SEAL_EVERY).await;
        let sealed = async {
            while mote.seal_audit().await? {}
            Ok::<_, Error>(())
        };
        match sealed.await {
            Ok(()) => failed = false,
            // Once is enough to tell, where the store is gone for longer.
            Err(error) if !failed => {
                failed = true;
                tracing::error!(%error, "entries of the audit trail were not sealed; it is tried again");
            }
            Err(_) => {}
        }
    }
}

/// Lets network addresses guess again, of which word comes.
fn unlocker(frame: Frame) -> impl Fn(IpAddr) + Send + 'static {
    move |address| {
        let locked = frame.unlock(address);
        tracing::info!(%address, locked, "an operator let a network address guess again");
    }
}

/// Gives back what nodes took from the queue that are gone, for as long as the server runs.
async fn watch_nodes(mote: Mote) {
    let mut missing = Missing::default();
    loop {
        tokio::time::sleep(WATCH_EVERY).await;
        if let Err(error) = mote.release_claims(&mut missing).await {
            tracing::error!(%error, "what other nodes took from the queue could not be looked at");
        }
    }
}

/// Removes what has expired, in small batches, for as long as the server runs.
async fn sweep(mote: Mote) {
    loop {
        tokio::time::sleep(SWEEP_EVERY).await;
        loop {
            match mote.sweep().await {
                Ok(true) => tokio::time::sleep(Duration::from_millis(50)).await,
                Ok(false) => break,
                Err(error) => {
                    tracing::error!(%error, "expired tokens could not be removed");
                    break;
                }
            }
        }
    }
}
