//! What tests need of Python, in a virtual environment beside what names it.

use std::fs;
use std::path::Path;
use std::process::Command;

/// A folder with a `requirements.txt` that names every package with its version.
const PROJECT: &str = "tests/schemathesis";

/// Installs what it names, where it is not there already.
pub(crate) fn install() -> Result<(), String> {
    let folder = Path::new(PROJECT);
    let wanted = fs::read(folder.join("requirements.txt")).map_err(|e| format!("{PROJECT}: {e}"))?;
    let (place, stamp) = (folder.join(".venv"), folder.join(".venv/.mote-requirements"));
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    println!("== installing {PROJECT}");
    let runs = |command: &mut Command| command.status().is_ok_and(|status| status.success());
    if !runs(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&place)) {
        return Err("python3 -m venv failed: install python3 and python3-venv".into());
    }
    let mut pip = Command::new(place.join("bin/pip"));
    pip.args(["install", "--quiet", "--disable-pip-version-check", "--no-deps", "-r"]);
    if !runs(pip.arg(folder.join("requirements.txt"))) {
        return Err(format!("pip install failed in {PROJECT}"));
    }
    fs::write(&stamp, wanted).map_err(|e| format!("{}: {e}", stamp.display()))
}
