//! Programs of Cargo's that a chore needs, built from source into the target folder: nothing of the person's own changes.

use std::path::PathBuf;
use std::process::Command;

/// A program of a crate, at one version.
pub(crate) struct Tool {
    pub(crate) krate: &'static str,
    pub(crate) version: &'static str,
}

/// Makes Debian packages.
pub(crate) const DEB: Tool = Tool { krate: "cargo-deb", version: "3.8.0" };
/// Looks at the licences and the sources of all crates.
pub(crate) const DENY: Tool = Tool { krate: "cargo-deny", version: "0.20.2" };

/// The target folder, wherever Cargo was told to have it.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from)
}

impl Tool {
    /// The program; built now where it is not there yet.
    pub(crate) fn program(&self) -> Result<PathBuf, String> {
        let root =
            std::path::absolute(target().join("tools").join(format!("{}-{}", self.krate, self.version)))
                .map_err(|e| e.to_string())?;
        let program = root.join("bin").join(self.krate);
        if !program.exists() {
            println!("== cargo install {} {}", self.krate, self.version);
            let mut cargo = Command::new("cargo");
            cargo.args(["install", "--locked", self.krate, "--version", self.version, "--root"]).arg(&root);
            // Built for one run or two: what is slow is the building.
            cargo.args(["--profile", "dev"]);
            run(&mut cargo)?;
        }
        Ok(program)
    }
}

/// Runs a command to its end; the failure names it.
pub(crate) fn run(command: &mut Command) -> Result<(), String> {
    let done = command.status().map_err(|e| format!("{command:?}: {e}"))?;
    if done.success() { Ok(()) } else { Err(format!("{command:?}: {done}")) }
}

/// Runs a command to its end and gives what it printed; the failure names it, and what it said.
pub(crate) fn output(command: &mut Command) -> Result<Vec<u8>, String> {
    let done = command.output().map_err(|e| format!("{command:?}: {e}"))?;
    if done.status.success() {
        return Ok(done.stdout);
    }
    Err(format!("{command:?}: {}\n{}", done.status, String::from_utf8_lossy(&done.stderr)))
}
