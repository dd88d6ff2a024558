//! Chores of the project. `cargo xtask test` passes all tests; CI runs it. `cargo xtask bench` measures.

mod bench;
mod dist;
mod fuzz;
mod heard;
mod long;
mod npm;
mod packages;
mod python;
mod screenshots;
mod test;
mod tools;

use std::path::Path;
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
    Test {
        /// Only the steps with these names, such as `tests`, `lints` or `package`.
        only: Vec<String>,
    },
    /// Measure the release binary beside its baselines, and print a table in Markdown. Installs wrk as above.
    ///
    /// A goal that is missed does not fail the chore: other work on the machine can be the reason. The table says which.
    Bench(bench::Options),
    /// Fuzz what reads bytes from outside. The corpus in fuzz/corpus is where it begins; what it finds on the way is kept in
    /// fuzz/target/found.
    Fuzz(fuzz::Options),
    /// Kill the server again and again under load, and see each time that nothing is lost.
    Torture {
        /// How often.
        #[arg(long, default_value_t = 1000)]
        kills: u32,
    },
    /// Have Schemathesis make requests of the OpenAPI document until there were so many with each kind of token.
    Schemathesis {
        /// How many.
        #[arg(long, default_value_t = 100_000)]
        requests: u32,
    },
    /// Find anew which functions run at a start and on the usual requests, for the linker. Installs valgrind as above.
    Order,
    /// Make the pictures of the console in docs/screenshots anew.
    Screenshots,
    /// Make what is handed out: the stripped program, a Debian package, completions and the manual, in `target/dist`.
    Dist,
}

fn main() -> ExitCode {
    // Wherever it is called from, paths are those of the workspace.
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    if let Err(error) = std::env::set_current_dir(&root) {
        eprintln!("{}: {error}", root.display());
        return ExitCode::FAILURE;
    }
    match Arguments::parse().chore {
        Chore::Test { only } => test::run(&only),
        Chore::Bench(options) => bench::run(&options),
        Chore::Fuzz(options) => fuzz::run(&options),
        Chore::Torture { kills } => long::torture(kills),
        Chore::Schemathesis { requests } => long::schemathesis(requests),
        Chore::Order => bench::order::chore(),
        Chore::Screenshots => screenshots::run(),
        Chore::Dist => dist::chore(),
    }
}
