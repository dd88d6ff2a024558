//! `cargo xtask test`.

use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Instant;

use crate::npm;

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
    Step { name: "tests", command: &["cargo", "test", "--workspace"], variables: &[] },
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

/// Installs what the tests need, or says what is missing.
fn install() -> Result<(), String> {
    let tools = [("perl", "perl"), ("make", "make"), ("cc", "gcc"), ("setpriv", "util-linux")];
    let on_path = |tool: &str| {
        std::env::var_os("PATH")
            .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(tool).exists()))
    };
    let mut packages: Vec<&str> =
        tools.iter().filter(|(tool, _)| !on_path(tool)).map(|(_, package)| *package).collect();
    if !has_postgres() {
        packages.push("postgresql");
    }
    if packages.is_empty() {
        return Ok(());
    }
    let wanted = packages.join(" ");
    let says = format!("These packages are needed: {wanted}. Install them: apt-get install {wanted}");
    let is_root =
        std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
    if !is_root || !Path::new("/usr/bin/apt-get").exists() {
        return Err(says);
    }
    println!("== installing {wanted}");
    let apt = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive").args(arguments);
        command.status().is_ok_and(|status| status.success())
    };
    let install: Vec<&str> =
        ["install", "-y", "--no-install-recommends"].into_iter().chain(packages).collect();
    if apt(&["update"]) && apt(&install) { Ok(()) } else { Err(says) }
}
