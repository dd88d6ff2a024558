//! `cargo xtask bench`: each figure beside its baseline, measured in turn in the same run, since other work on the machine
//! moves both. The baselines, and what fills stores, are in the crate `mote-bench`.

mod console;
mod devices;
mod hooks;
mod idle;
mod machine;
mod mint;
pub(crate) mod order;
mod password;
mod process;
mod product;
mod streams;
mod table;
mod tokens;
mod workshop;
mod wrk;

use std::process::ExitCode;
use std::time::Instant;

use clap::{Args, ValueEnum};

use crate::packages;
use table::Row;
use workshop::Workshop;

#[derive(Args)]
pub(crate) struct Options {
    /// Measure only these, with commas between.
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Family>,
    /// Rounds of which the median is taken.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u8).range(1..))]
    runs: u8,
    /// Seconds of load in a round, on each side.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u64).range(1..))]
    seconds: u64,
    /// Devices and tokens of the large stores.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(2000..))]
    large: u32,
}

/// Rows that are measured together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Family {
    /// A product API call with a valid token, beside bare axum.
    Product,
    /// Tokens for client credentials, beside the store's group commit.
    Mint,
    /// Tokens for passwords, beside the Argon2id hash; and what they do to others.
    Password,
    /// Pages of a million devices, beside pages of a thousand.
    Devices,
    /// Memory and disk that a million tokens take.
    Tokens,
    /// Events to open streams, beside a channel alone; and what idle streams take.
    Streams,
    /// Webhooks that do not match, beside none; deliveries, beside bare requests.
    Hooks,
    /// Pages of the web console.
    Console,
    /// Start, and memory when idle.
    Idle,
}

impl Family {
    fn measure(self, shop: &Workshop) -> Result<Vec<Row>, String> {
        match self {
            Self::Product => product::measure(shop),
            Self::Mint => mint::measure(shop),
            Self::Password => password::measure(shop),
            Self::Devices => devices::measure(shop),
            Self::Tokens => tokens::measure(shop),
            Self::Streams => streams::measure(shop),
            Self::Hooks => hooks::measure(shop),
            Self::Console => console::measure(shop),
            Self::Idle => idle::measure(shop),
        }
    }
}

pub(crate) fn run(options: &Options) -> ExitCode {
    match measure(options) {
        Ok(rows) => {
            println!("{}", table::table(&rows));
            let goals: Vec<_> = rows.iter().filter(|row| row.has_goal()).collect();
            let missed = goals.iter().filter(|row| !row.is_reached()).count();
            println!("goals: {} reached, {missed} missed", goals.len() - missed);
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn measure(options: &Options) -> Result<Vec<Row>, String> {
    packages::install(&packages::missing(&[
        ("wrk", "wrk"),
        ("setpriv", "util-linux"),
        ("prlimit", "util-linux"),
        ("chrt", "util-linux"),
    ]))?;
    let shop = Workshop::open(options)?;
    let facts = machine::facts();
    let began = Instant::now();
    let mut rows = Vec::new();
    for family in Family::value_variants() {
        if options.only.is_empty() || options.only.contains(family) {
            println!("== {}", format!("{family:?}").to_lowercase());
            rows.extend(family.measure(&shop)?);
        }
    }
    println!(
        "\n{facts}; wrk with 2 threads and 32 connections; medians of {} rounds of {} s; {:.0?} in all\n",
        options.runs,
        options.seconds,
        began.elapsed()
    );
    Ok(rows)
}
