//! `cargo xtask fuzz`: coverage-guided fuzzing with the toolchain that is here, which needs neither a nightly one nor cargo-fuzz.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use clap::Args;

/// What libFuzzer wants compiled in: edges counted, comparisons told.
const FLAGS: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing";
/// Bytes of an input at most, where the corpus has none that is larger.
const LONGEST: &str = "-max_len=8192";
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
    fuzz("all", SHORT)
}

/// Builds the targets and runs one, or all, for so long each.
fn fuzz(target: &str, seconds: u32) -> Result<(), String> {
    let all = targets()?;
    let wanted: Vec<_> = all.iter().filter(|name| target == "all" || *name == target).collect();
    if wanted.is_empty() {
        return Err(format!("there is no target {target}; there are: {}", all.join(", ")));
    }
    let programs = build()?;
    for name in wanted {
        run_one(&programs, name, seconds)?;
    }
    Ok(())
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
    let said = Command::new("rustc").arg("-vV").output().map_err(|e| format!("rustc: {e}"))?;
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    let host = said.lines().find_map(|line| line.strip_prefix("host: "));
    let host = host.ok_or("rustc does not say what machine this is")?;
    let built = Command::new("cargo")
        .args(["build", "--manifest-path", "fuzz/Cargo.toml", "--target", host])
        .env("RUSTFLAGS", FLAGS)
        .status();
    if !built.is_ok_and(|status| status.success()) {
        return Err("the fuzz targets do not compile".into());
    }
    Ok(Path::new("fuzz/target").join(host).join("debug"))
}

fn run_one(programs: &Path, name: &str, seconds: u32) -> Result<(), String> {
    // What is found on the way stays outside of the repository; a corpus is grown on purpose only.
    let found = Path::new("fuzz/target/found").join(name);
    fs::create_dir_all(&found).map_err(|e| format!("{}: {e}", found.display()))?;
    println!("== fuzz {name} for {seconds} s");
    let ran = Command::new(programs.join(name))
        .arg(&found)
        .arg(Path::new("fuzz/corpus").join(name))
        .arg(format!("-artifact_prefix=fuzz/target/found/{name}-"))
        .arg(format!("-max_total_time={seconds}"))
        .args([LONGEST, "-timeout=10", "-rss_limit_mb=2048", "-verbosity=0", "-print_final_stats=1"])
        .status();
    if ran.is_ok_and(|status| status.success()) {
        Ok(())
    } else {
        Err(format!("{name}: failed; the input is at fuzz/target/found/{name}-…"))
    }
}
