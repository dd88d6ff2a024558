//! `cargo xtask dist`: what those are handed who do not build it themselves.

mod trial;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use crate::packages;
use crate::tools::{self, DEB, output, run};

pub(crate) use trial::try_package;

/// What was made.
pub(crate) struct Made {
    /// The stripped program.
    program: PathBuf,
    /// The Debian package.
    package: PathBuf,
}

/// Makes it all, and says where it is.
pub(crate) fn chore() -> ExitCode {
    let made = make().and_then(|made| Ok((sums(&made)?, made)));
    match made {
        Ok((sums, made)) => {
            println!("{}", made.package.parent().unwrap_or(Path::new(".")).display());
            print!("{sums}");
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

/// Builds the binary, its pages and the package, in `dist` of the target folder.
pub(crate) fn make() -> Result<Made, String> {
    packages::install(&packages::missing(&[
        ("perl", "perl"),
        ("make", "make"),
        ("cc", "gcc"),
        ("strip", "binutils"),
        ("dpkg-shlibdeps", "dpkg-dev"),
    ]))?;
    println!("== cargo build --release --package mote");
    run(Command::new("cargo").args(["build", "--release", "--locked", "--package", "mote"]))?;
    let target = tools::target();
    let (built, folder) = (target.join("release/mote"), target.join("dist"));
    papers(&built, &folder.join("papers"))?;
    let program = folder.join("mote");
    run(Command::new("strip").arg("--strip-all").arg("-o").arg(&program).arg(&built))?;
    let package = package(&folder)?;
    Ok(Made { program, package })
}

/// The manual and the completions, in the program's own words.
fn papers(built: &Path, folder: &Path) -> Result<(), String> {
    let written = |e: std::io::Error| format!("{}: {e}", folder.display());
    if folder.exists() {
        std::fs::remove_dir_all(folder).map_err(written)?;
    }
    run(Command::new(built).arg("manual").arg(folder.join("man")))?;
    for (shell, file) in [("bash", "mote.bash"), ("zsh", "_mote"), ("fish", "mote.fish")] {
        let text = output(Command::new(built).args(["completions", shell]))?;
        std::fs::write(folder.join(file), text).map_err(written)?;
    }
    Ok(())
}

fn package(folder: &Path) -> Result<PathBuf, String> {
    let tool = DEB.program()?;
    let mut deb = Command::new(tool);
    deb.args(["deb", "--package", "mote", "--no-build", "--locked", "--output"]).arg(folder);
    let printed = String::from_utf8(output(&mut deb)?).map_err(|e| e.to_string())?;
    printed.lines().last().map(PathBuf::from).ok_or_else(|| "cargo-deb named no package".to_owned())
}

/// Lines as `sha256sum --check` reads them.
fn sums(made: &Made) -> Result<String, String> {
    let mut sum = Command::new("sha256sum");
    let text = output(sum.arg(&made.program).arg(&made.package))?;
    String::from_utf8(text).map_err(|e| e.to_string())
}
