//! Programs that a chore needs, as Debian packages.

use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Command;

/// Whether a program can be run by its name.
pub(crate) fn is_on_path(program: &str) -> bool {
    std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(program).exists()))
}

/// Of programs and the packages that bring them, the packages of those that are not there.
pub(crate) fn missing(programs: &[(&str, &'static str)]) -> Vec<&'static str> {
    programs.iter().filter(|(program, _)| !is_on_path(program)).map(|(_, package)| *package).collect()
}

/// Installs packages where it may (root on Debian), and names them otherwise.
pub(crate) fn install(packages: &[&str]) -> Result<(), String> {
    if packages.is_empty() {
        return Ok(());
    }
    let wanted = packages.join(" ");
    let says = format!("These packages are needed: {wanted}. Install them: apt-get install {wanted}");
    let is_root = std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0);
    if !is_root || !Path::new("/usr/bin/apt-get").exists() {
        return Err(says);
    }
    println!("== installing {wanted}");
    let apt = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive").args(arguments);
        command.status().is_ok_and(|status| status.success())
    };
    let install = [&["install", "-y", "--no-install-recommends"], packages].concat();
    if apt(&["update"]) && apt(&install) { Ok(()) } else { Err(says) }
}
