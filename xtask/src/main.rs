//! Chores of the project. `cargo xtask test` passes all tests; CI runs it.

mod test;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Chores of the project.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Check formatting, lints and documents, and run every test. Installs what it needs where it may (root on Debian), and
    /// names it otherwise.
    Test,
}

fn main() -> ExitCode {
    match Arguments::parse().chore {
        Chore::Test => test::run(),
    }
}
