//! `cargo xtask fuzz`: coverage-guided fuzzing with the toolchain that is here, which needs neither a nightly one nor cargo-fuzz.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use clap::Args;

use crate::{heard, tools};

/// What libFuzzer wants compiled in: edges counted, comparisons told. Warnings are errors, as everywhere in what CI checks.
const FLAGS: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing -Dwarnings";
/// The workspace of the targets, and where it is built.
const MANIFEST: &str = "fuzz/Cargo.toml";
const BUILT: &str = "fuzz/target";
/// What is found on the way stays outside of the repository; a corpus is grown on purpose only.
const FOUND: &str = "fuzz/target/found";
/// Bounds of a run: bytes of an input, seconds that one may take, megabytes of memory.
const BOUNDS: [&str; 3] = ["-max_len=8192", "-timeout=10", "-rss_limit_mb=2048"];
/// Seconds for each target in `cargo xtask test`.
const SHORT: u32 = 3;

#[derive(Args)]
pub(crate) struct Options {
    /// What is fuzzed: a file of fuzz/targets without its ending, or `all`.
    #[arg(default_value = "all")]
    target: String,
    /// Seconds for each target.
    #[arg(default_value_t = 60)]
    seconds: u32,
}

pub(crate) fn run(options: &Options) -> ExitCode {
    match fuzz(&options.target, options.seconds) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// All targets, a moment each.
pub(crate) fn short() -> Result<(), String> {
    heard::run(Command::new("cargo").args(["fmt", "--manifest-path", MANIFEST, "--check"]))?;
    fuzz("all", SHORT)
}

/// Builds the targets and runs one, or all, for so long each; all of them also after one has failed.
fn fuzz(target: &str, seconds: u32) -> Result<(), String> {
    let all = targets()?;
    let wanted: Vec<_> = all.iter().filter(|name| target == "all" || *name == target).collect();
    if wanted.is_empty() {
        return Err(format!("there is no target {target}; there are: {}", all.join(", ")));
    }
    let programs = build()?;
    fs::create_dir_all(FOUND).map_err(|e| format!("{FOUND}: {e}"))?;
    let failed: Vec<_> =
        wanted.into_iter().filter_map(|name| run_one(&programs, name, seconds).err()).collect();
    if failed.is_empty() { Ok(()) } else { Err(failed.join("\n")) }
}

fn targets() -> Result<Vec<String>, String> {
    let files = fs::read_dir("fuzz/targets").map_err(|e| format!("fuzz/targets: {e}"))?;
    let stem = |path: PathBuf| path.file_stem().and_then(|name| name.to_str()).map(str::to_owned);
    let mut names: Vec<_> = files.flatten().filter_map(|file| stem(file.path())).collect();
    names.sort();
    Ok(names)
}

/// Compiles them for this machine, named as a target, so that build scripts are left as they are; the folder of the programs.
fn build() -> Result<PathBuf, String> {
    let said = tools::output(Command::new("rustc").arg("-vV"))?;
    let said = String::from_utf8_lossy(&said).into_owned();
    let host = said.lines().find_map(|line| line.strip_prefix("host: "));
    let host = host.ok_or("rustc does not say what machine this is")?;
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--manifest-path", MANIFEST, "--target-dir", BUILT, "--target", host]);
    heard::run(cargo.env("RUSTFLAGS", FLAGS))?;
    Ok(Path::new(BUILT).join(host).join("debug"))
}

/// Runs a target, and prints what it did in a line.
fn run_one(programs: &Path, name: &str, seconds: u32) -> Result<(), String> {
    let found = Path::new(FOUND).join(name);
    let log = found.with_extension("log");
    fs::create_dir_all(&found).map_err(|e| format!("{}: {e}", found.display()))?;
    let written = File::create(&log).map_err(|e| format!("{}: {e}", log.display()))?;
    let ran = Command::new(programs.join(name))
        .arg(&found)
        .arg(Path::new("fuzz/corpus").join(name))
        .arg(format!("-artifact_prefix={}-", found.display()))
        .arg(format!("-max_total_time={seconds}"))
        .arg("-print_final_stats=1")
        .args(BOUNDS)
        .stderr(written)
        .status()
        .map_err(|e| format!("{name}: {e}"))?;
    let said = fs::read(&log).map_err(|e| format!("{}: {e}", log.display()))?;
    let said = String::from_utf8_lossy(&said);
    println!("fuzz {name}: {}", told(&said));
    if ran.success() {
        return Ok(());
    }
    let last = said.lines().skip_while(|line| !is_fault(line)).take(20).collect::<Vec<_>>().join("\n");
    Err(format!("{name}: {ran}; {} says more, and names the input\n{last}", log.display()))
}

/// Whether libFuzzer, or a panic, begins to say here what is wrong.
fn is_fault(line: &str) -> bool {
    line.contains("panicked at") || line.contains("ERROR: libFuzzer")
}

/// Executions and coverage, of what libFuzzer says.
fn told(log: &str) -> String {
    let figure =
        |name: &str| log.lines().rev().find_map(|line| line.strip_prefix(name)).unwrap_or("?").trim();
    let coverage = log.lines().rev().find_map(|line| line.split_once("cov: ")).map_or("?", |(_, rest)| rest);
    format!(
        "{} inputs, {} a second; {} edges, {} MB",
        figure("stat::number_of_executed_units:"),
        figure("stat::average_exec_per_sec:"),
        coverage.split(' ').next().unwrap_or_default(),
        figure("stat::peak_rss_mb:"),
    )
}
