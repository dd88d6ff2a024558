//! The long forms of tests that `cargo xtask test` has in short.

use std::process::{Command, ExitCode};

use crate::{python, test};

/// `cargo xtask torture`: the kills of `crates/mote/tests/faults/torture.rs`.
pub(crate) fn torture(kills: u32) -> ExitCode {
    run(&["--test", "faults", "kill_after_kill_nothing_is_lost"], "MOTE_TORTURE_KILLS", kills)
}

/// `cargo xtask schemathesis`: the requests of `crates/mote/tests/schemathesis.rs`.
pub(crate) fn schemathesis(requests: u32) -> ExitCode {
    run(&["--test", "schemathesis"], "MOTE_SCHEMATHESIS_REQUESTS", requests)
}

fn run(arguments: &[&str], variable: &str, count: u32) -> ExitCode {
    if let Err(missing) = test::install().and_then(|()| python::install()) {
        eprintln!("{missing}");
        return ExitCode::FAILURE;
    }
    let mut command = Command::new("cargo");
    command.args(["test", "--package", "mote"]).args(arguments);
    let ran = command.args(["--", "--nocapture"]).env(variable, count.to_string()).status();
    if ran.is_ok_and(|status| status.success()) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
