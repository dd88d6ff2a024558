//! `cargo xtask order`: which functions run at a start and on the usual requests, so that the linker puts them next to each
//! other (`crates/mote/build.rs`). The kernel maps a program in pieces of 64 KiB and more: what runs rarely, but stands
//! between, would be in memory too.

use std::collections::HashSet;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Duration;

use super::Options;
use super::process::Server;
use super::workshop::Workshop;
use crate::packages;
use crate::tools::{self, output};

/// Where the build looks for it.
const ORDER: &str = "crates/mote/symbols.order";
/// How long a server is watched that has nothing to do, in which all that it does each second comes to pass.
const IDLE: Duration = Duration::from_secs(5);

pub(crate) fn chore() -> ExitCode {
    match find() {
        Ok(count) => {
            println!("{count} functions are in {ORDER}");
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

/// Writes the order anew, and says how many functions there are in it.
fn find() -> Result<usize, String> {
    packages::install(&packages::missing(&[("valgrind", "valgrind"), ("nm", "binutils")]))?;
    let shop = Workshop::open(&Options { only: Vec::new(), runs: 1, seconds: 1, large: 0 })?;
    let folder = shop.folder("order")?;
    let server = shop.serve(&folder)?;
    shop.people(&server)?;
    server.stop()?;
    // What runs at each start comes first: that is all that a server needs which nobody asks for anything.
    let idle = functions_of(&shop, &folder, |_| {
        std::thread::sleep(IDLE);
        Ok(())
    })?;
    let asked = functions_of(&shop, &folder, |server| {
        let people = shop.people(server)?;
        let product = format!("/v1/products/{}", people.product);
        for path in [&product, &format!("{product}/devices")] {
            server.get(path, Some(&people.token))?;
        }
        server.get("/metrics", None).map(drop)
    })?;
    let ours = symbols(&tools::target().join("release/mote"))?;
    let mut seen = HashSet::new();
    let all = idle.iter().chain(&asked).filter(|name| ours.contains(*name) && seen.insert(*name));
    let names: Vec<_> = all.map(String::as_str).collect();
    let text = format!("# {}\n{}\n", compiler()?, names.join("\n"));
    std::fs::write(ORDER, text).map_err(|e| format!("{ORDER}: {e}"))?;
    Ok(names.len())
}

/// The functions that a server runs from its start to its stop, and through what is done to it.
fn functions_of(
    shop: &Workshop,
    folder: &Path,
    work: impl FnOnce(&Server) -> Result<(), String>,
) -> Result<Vec<String>, String> {
    let profile = folder.join("callgrind.out");
    let watch = format!("--callgrind-out-file={}", profile.display());
    let watched = shop.mote_under(&["valgrind", "--tool=callgrind", "--demangle=no", &watch], folder);
    let server = Server::start(watched, folder)?;
    work(&server)?;
    server.stop()?;
    let text = std::fs::read_to_string(&profile).map_err(|e| format!("{}: {e}", profile.display()))?;
    Ok(functions(&text))
}

/// The names in a profile of Callgrind, which writes each one out where it comes first: `fn=(ID) NAME`, or `cfn=` of one that
/// is called.
fn functions(profile: &str) -> Vec<String> {
    let named = |line: &str| {
        let (_, name) = line.strip_prefix('c').unwrap_or(line).strip_prefix("fn=(")?.split_once(") ")?;
        // A function that calls itself has its depth behind its name.
        let (name, depth) = name.split_once('\'').unwrap_or((name, ""));
        depth.bytes().all(|byte| byte.is_ascii_digit()).then(|| name.to_owned())
    };
    profile.lines().filter_map(named).collect()
}

/// The functions of a program.
fn symbols(program: &Path) -> Result<HashSet<String>, String> {
    let listed = output(Command::new("nm").args(["--defined-only", "--format=posix"]).arg(program))?;
    let listed = String::from_utf8_lossy(&listed);
    let function = |line: &str| {
        let mut words = line.split(' ');
        let (name, kind) = (words.next()?, words.next()?);
        matches!(kind, "t" | "T" | "w" | "W").then(|| name.to_owned())
    };
    Ok(listed.lines().filter_map(function).collect())
}

/// Which compiler this is: the names that it gives are those of no other.
fn compiler() -> Result<String, String> {
    let said = output(Command::new("rustc").arg("--version"))?;
    Ok(String::from_utf8_lossy(&said).trim().to_owned())
}

/// Whether the order still names what the program consists of, as far as this compiler made it.
pub(crate) fn check(program: &Path) -> Result<(), String> {
    let order = std::fs::read_to_string(ORDER).map_err(|e| format!("{ORDER}: {e}"))?;
    let (head, names) = order.split_once('\n').unwrap_or_default();
    let this = compiler()?;
    if head.trim_start_matches("# ") != this {
        println!("{ORDER} was made with another compiler than {this}: the program will occupy more memory");
        return Ok(());
    }
    let ours = symbols(program)?;
    let (all, known) = (names.lines().count(), names.lines().filter(|name| ours.contains(*name)).count());
    println!("{known} of {all} functions of {ORDER} are in the program");
    if known * 4 < all * 3 {
        return Err(format!("{ORDER} is out of date: run `cargo xtask order`"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_named_once_and_without_depth() {
        let profile = "version: 1\nob=(1) mote\nfl=(1) ???\nfn=(1) main\n0 12\ncfn=(2) _ZN4mote3runE\ncalls=1 0\n0 8\n\
                       fn=(2)\n0 3\ncfn=(3) sqlite3Select'2\n";
        assert_eq!(functions(profile), ["main", "_ZN4mote3runE", "sqlite3Select"]);
    }
}
