//! `cargo xtask test`.

use std::process::{Command, ExitCode};
use std::time::Instant;

use crate::tools::DENY;
use crate::{dist, fuzz, heard, npm, packages, python};

struct Step {
    name: &'static str,
    work: Work,
}

enum Work {
    /// A command with its variables.
    Command(&'static [&'static str], &'static [(&'static str, &'static str)]),
    /// A chore of ours.
    Own(fn() -> Result<(), String>),
}

const STEPS: &[Step] = &[
    Step { name: "format", work: Work::Command(&["cargo", "fmt", "--all", "--check"], &[]) },
    Step {
        name: "lints",
        work: Work::Command(
            &["cargo", "clippy", "--workspace", "--all-targets", "--all-features", "--", "-D", "warnings"],
            &[],
        ),
    },
    Step {
        name: "documents",
        work: Work::Command(
            &["cargo", "doc", "--workspace", "--no-deps", "--document-private-items"],
            &[("RUSTDOCFLAGS", "-D warnings")],
        ),
    },
    Step { name: "tests", work: Work::Command(&["cargo", "test", "--workspace", "--no-fail-fast"], &[]) },
    Step { name: "crates", work: Work::Own(deny) },
    Step { name: "fuzzing", work: Work::Own(fuzz::short) },
    Step { name: "package", work: Work::Own(dist::try_package) },
];

/// Passes all steps, or those that are named.
pub(crate) fn run(only: &[String]) -> ExitCode {
    let unknown = only.iter().find(|name| !STEPS.iter().any(|step| step.name == name.as_str()));
    if let Some(unknown) = unknown {
        let names: Vec<_> = STEPS.iter().map(|step| step.name).collect();
        eprintln!("there is no step {unknown}; there are: {}", names.join(", "));
        return ExitCode::FAILURE;
    }
    let steps: Vec<_> =
        STEPS.iter().filter(|step| only.is_empty() || only.iter().any(|name| name == step.name)).collect();

    if let Err(missing) = install().and_then(|()| npm::install()).and_then(|()| python::install()) {
        eprintln!("{missing}");
        return ExitCode::FAILURE;
    }
    let mut failed = Vec::new();
    for step in &steps {
        println!("== {}", step.name);
        let began = Instant::now();
        let done = match step.work {
            Work::Command(words, variables) => {
                heard::run(Command::new(words[0]).args(&words[1..]).envs(variables.iter().copied()))
            }
            Work::Own(chore) => chore(),
        };
        let took = began.elapsed();
        match done {
            Ok(()) => println!("== {}: passed in {took:.1?}", step.name),
            Err(why) => {
                println!("== {}: FAILED in {took:.1?}", step.name);
                failed.push((step.name, why));
            }
        }
    }
    tell(steps.len() - failed.len(), &failed)
}

/// Says at the end what failed, so that nobody has to look for it in what all the steps said.
fn tell(passed: usize, failed: &[(&str, String)]) -> ExitCode {
    for (name, why) in failed {
        println!("== {name}, what failed:\n{why}");
    }
    if failed.is_empty() {
        println!("steps: {passed} passed");
        return ExitCode::SUCCESS;
    }
    let names: Vec<_> = failed.iter().map(|(name, _)| *name).collect();
    println!("steps: {passed} passed, {} failed: {}", failed.len(), names.join(", "));
    ExitCode::FAILURE
}

/// What deny.toml says of the crates that are built in. Their known faults are looked up in a list on another's server, and
/// so are no test: `cargo deny check advisories`.
fn deny() -> Result<(), String> {
    let check = ["check", "--hide-inclusion-graph", "licenses", "bans", "sources"];
    heard::run(Command::new(DENY.program()?).args(["--all-features"]).args(check))
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
        ("c++", "g++"),
        ("curl", "curl"),
        ("faketime", "faketime"),
        ("python3", "python3"),
        ("setpriv", "util-linux"),
        ("chromium", "chromium"),
        ("chromedriver", "chromium-driver"),
    ];
    let mut packages = packages::missing(&tools);
    // Debian has the two parts of Python's virtual environments in one package.
    let has_venv = Command::new("python3").args(["-c", "import venv, ensurepip"]).output();
    if !has_venv.is_ok_and(|output| output.status.success()) {
        packages.push("python3-venv");
    }
    if !has_postgres() {
        packages.push("postgresql");
    }
    if !has_nats() {
        packages.push("nats-server");
    }
    packages::install(&packages)
}
