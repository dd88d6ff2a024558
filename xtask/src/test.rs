//! `cargo xtask test`.

use std::process::{Command, ExitCode};
use std::time::Instant;

use crate::{npm, packages};

struct Step {
    name: &'static str,
    command: &'static [&'static str],
    variables: &'static [(&'static str, &'static str)],
}

const STEPS: &[Step] = &[
    Step { name: "format", command: &["cargo", "fmt", "--all", "--check"], variables: &[] },
    Step {
        name: "lints",
        command: &["cargo", "clippy", "--workspace", "--all-targets", "--", "-D", "warnings"],
        variables: &[],
    },
    Step {
        name: "documents",
        command: &["cargo", "doc", "--workspace", "--no-deps", "--document-private-items"],
        variables: &[("RUSTDOCFLAGS", "-D warnings")],
    },
    Step { name: "tests", command: &["cargo", "test", "--workspace", "--no-fail-fast"], variables: &[] },
];

pub(crate) fn run() -> ExitCode {
    if let Err(missing) = install().and_then(|()| npm::install()) {
        eprintln!("{missing}");
        return ExitCode::FAILURE;
    }
    let mut failed = 0;
    for step in STEPS {
        println!("== {}: {}", step.name, step.command.join(" "));
        let began = Instant::now();
        let mut command = Command::new(step.command[0]);
        command.args(&step.command[1..]).envs(step.variables.iter().copied());
        let passed = command.status().is_ok_and(|status| status.success());
        println!("== {}: {} in {:.1?}", step.name, if passed { "passed" } else { "FAILED" }, began.elapsed());
        failed += usize::from(!passed);
    }
    println!("steps: {} passed, {failed} failed", STEPS.len() - failed);
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Whether PostgreSQL's programs are where Debian puts them.
fn has_postgres() -> bool {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    versions.map(|version| version.path().join("bin/initdb")).any(|initdb| initdb.exists())
}

/// Whether NATS can be run; Debian puts it where not every user's path leads.
fn has_nats() -> bool {
    packages::is_on_path("nats-server") || std::path::Path::new("/usr/sbin/nats-server").exists()
}

/// Installs what the tests need, or says what is missing.
pub(crate) fn install() -> Result<(), String> {
    let tools = [
        ("perl", "perl"),
        ("make", "make"),
        ("cc", "gcc"),
        ("setpriv", "util-linux"),
        ("chromium", "chromium"),
        ("chromedriver", "chromium-driver"),
    ];
    let mut packages = packages::missing(&tools);
    if !has_postgres() {
        packages.push("postgresql");
    }
    if !has_nats() {
        packages.push("nats-server");
    }
    packages::install(&packages)
}
