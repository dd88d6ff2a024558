//! The npm projects that tests run: real clients of the API, and what looks over pages.

use std::fs;
use std::path::Path;
use std::process::Command;

/// Folders with a `package.json` and a lock file.
const PROJECTS: &[&str] =
    &["tests/clients/cli-3.43", "tests/clients/cli-3.51", "tests/clients/oauth", "tests/console"];

/// Installs what the lock files name, where it is not there already. Scripts of packages are not run.
pub(crate) fn install() -> Result<(), String> {
    for project in PROJECTS {
        let folder = Path::new(project);
        let lock = fs::read(folder.join("package-lock.json")).map_err(|e| format!("{project}: {e}"))?;
        let stamp = folder.join("node_modules/.mote-lock");
        if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
            continue;
        }
        println!("== installing {project}");
        let mut npm = Command::new("npm");
        npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
            .current_dir(folder);
        let installed =
            npm.status().map_err(|e| format!("npm cannot be run ({e}): install Node 20 or later"))?;
        if !installed.success() {
            return Err(format!("npm ci failed in {project}"));
        }
        fs::write(&stamp, lock).map_err(|e| format!("{}: {e}", stamp.display()))?;
    }
    Ok(())
}
