//! The helper of `cargo xtask bench`: the baselines that Mote is measured against, and what fills its stores.
//!
//! A crate of its own, so that `cargo xtask test` need not build it. Results go to standard output, one `name value` a line.

mod bare;
mod commit;
mod connection;
mod console;
mod hash;
mod hooks;
mod people;
mod seed;
mod streams;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The server's allocator, so that the bare server has no other.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What ends a task early.
type Fault = Box<dyn Error + Send + Sync>;

/// The helper of `cargo xtask bench`.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Serve the bytes of a file as JSON from a bare axum handler, until killed.
    Bare {
        /// The answer.
        body: PathBuf,
    },
    /// Write rows of tokens through the store's group commit, without HTTP: prints `rows-per-second`.
    Commit {
        /// Database; made where it is missing.
        database: PathBuf,
        /// Callers that write at a time.
        #[arg(long)]
        callers: usize,
        #[arg(long)]
        seconds: u64,
    },
    /// Hash passwords at the cost of an account's kept hash: prints `hashes-per-second`.
    Hash {
        /// Database with the account.
        database: PathBuf,
        /// The account's address.
        #[arg(long)]
        email: String,
        /// Threads that hash.
        #[arg(long)]
        threads: usize,
        #[arg(long)]
        seconds: u64,
    },
    /// Make a product, a client and the product's bearer token on a running server: prints `product`, `client`, `secret` and
    /// `token`.
    People {
        /// The server's address.
        url: String,
        /// The first account's address.
        #[arg(long)]
        email: String,
        /// Its password.
        #[arg(long)]
        password: String,
    },
    /// Fill a product with devices, straight through the store.
    Devices {
        /// Database.
        database: PathBuf,
        /// Product ID.
        #[arg(long)]
        product: i64,
        #[arg(long)]
        count: i64,
    },
    /// Publish to open streams of events, one event after the other: prints `events-per-second` and `p99-milliseconds`.
    Streams {
        #[command(flatten)]
        target: streams::Target,
        #[arg(long)]
        seconds: u64,
    },
    /// The same through a channel within this process.
    Channel {
        /// Listeners.
        #[arg(long)]
        streams: usize,
        #[arg(long)]
        seconds: u64,
    },
    /// Open streams of events, say so, and keep them open until killed.
    IdleStreams {
        #[command(flatten)]
        target: streams::Target,
    },
    /// Add webhooks that no event of these measurements is for.
    Hooks {
        #[command(flatten)]
        target: hooks::Target,
        #[arg(long)]
        count: u32,
    },
    /// Publish one event after the other: prints `events-per-second`.
    Publish {
        #[command(flatten)]
        target: hooks::Target,
        #[arg(long)]
        seconds: u64,
    },
    /// Have webhooks delivered to a receiver here, then send it bare requests: prints `deliveries-per-second` and
    /// `requests-per-second`.
    Deliver {
        #[command(flatten)]
        target: hooks::Target,
        #[arg(long)]
        seconds: u64,
    },
    /// Ask for a page of the web console, one after the other: prints `milliseconds` and `first-visit-bytes`.
    Console {
        #[command(flatten)]
        target: console::Target,
        #[arg(long)]
        seconds: u64,
    },
    /// Fill a store with living tokens, straight through the store: prints `bytes-per-token`.
    Tokens(seed::Tokens),
}

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let done = runtime.map_err(Fault::from).and_then(|runtime| {
        runtime.block_on(async {
            match Arguments::parse().task {
                Task::Bare { body } => bare::serve(&body).await,
                Task::Commit { database, callers, seconds } => {
                    commit::measure(database, callers, seconds).await
                }
                Task::Hash { database, email, threads, seconds } => {
                    hash::measure(database, email, threads, seconds).await
                }
                Task::People { url, email, password } => people::make(&url, &email, &password),
                Task::Devices { database, product, count } => seed::devices(database, product, count).await,
                Task::Tokens(tokens) => tokens.seed().await,
                Task::Streams { target, seconds } => streams::measure(target, seconds).await,
                Task::Channel { streams, seconds } => streams::channel(streams, seconds).await,
                Task::IdleStreams { target } => streams::idle(target).await,
                Task::Hooks { target, count } => hooks::add(&target, count),
                Task::Publish { target, seconds } => hooks::publish(target, seconds).await,
                Task::Console { target, seconds } => console::measure(target, seconds),
                Task::Deliver { target, seconds } => hooks::deliver(target, seconds).await,
            }
        })
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("mote-bench: {fault}");
            ExitCode::FAILURE
        }
    }
}
