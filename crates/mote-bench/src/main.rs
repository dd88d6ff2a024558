//! The helper of `cargo xtask bench`: the baselines that Mote is measured against, and what fills its stores.
//!
//! A crate of its own, so that `cargo xtask test` need not build it. Results go to standard output, one `name value` a line.

mod bare;
mod commit;
mod hash;
mod people;
mod seed;

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
