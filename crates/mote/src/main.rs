//! Mote, a self-hosted device cloud: the binary. Reads the configuration, puts the parts together, runs a command.

mod commands;
mod config;
mod listener;
mod lock;
mod logging;
mod open;

use std::process::ExitCode;

use clap::Parser;

use config::Arguments;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What ends a command early: one line for the person, and the exit code.
#[derive(Debug)]
pub(crate) struct Failure {
    message: String,
    code: u8,
}

impl Failure {
    /// The person asked for something that cannot be: exit code 2.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self { message: message.into(), code: 2 }
    }

    /// It could be, but did not work: exit code 1.
    #[expect(clippy::needless_pass_by_value, reason = "reads well in map_err")]
    pub(crate) fn other(message: impl ToString) -> Self {
        Self { message: message.to_string(), code: 1 }
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match commands::run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("mote: {}", failure.message);
            ExitCode::from(failure.code)
        }
    }
}
