//! Where measurements are made: the release binaries, a folder that goes away afterwards, and rounds.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::Options;
use super::process::{Server, kept_alive_by_us, values_of};
use super::table::median;

/// The first account of every server.
pub(super) const EMAIL: &str = "bench@example.com";
/// Its password; needs no encoding in a form.
pub(super) const PASSWORD: &str = "a.long.pass.phrase.to.measure.with.17";

pub(super) struct Workshop {
    folder: PathBuf,
    mote: PathBuf,
    helper: PathBuf,
    runs: u8,
    /// Seconds of load in a round, on each side.
    pub(super) seconds: u64,
    /// Devices and tokens of the large stores.
    pub(super) large: u32,
}

/// What a server was given so that it can be measured.
pub(super) struct People {
    pub(super) product: String,
    pub(super) client: String,
    pub(super) secret: String,
    /// The product's bearer token.
    pub(super) token: String,
}

impl Workshop {
    /// Builds the binaries and makes the folder.
    pub(super) fn open(options: &Options) -> Result<Self, String> {
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
        let target = std::path::absolute(target).map_err(|e| e.to_string())?;
        // One by one: together, the features that one asks for would be in the other too.
        for package in ["mote", "mote-bench"] {
            println!("== cargo build --release --package {package}");
            let built = Command::new("cargo").args(["build", "--release", "--package", package]).status();
            if !built.is_ok_and(|built| built.success()) {
                return Err(format!("{package} could not be built"));
            }
        }
        // On the disk that the project is on: a file system in memory would make commits too cheap.
        let all = target.join("bench");
        remove_left_behind(&all);
        let folder = all.join(std::process::id().to_string());
        std::fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
        let shop = Self {
            mote: target.join("release/mote"),
            helper: target.join("release/mote-bench"),
            folder,
            runs: options.runs,
            seconds: options.seconds,
            large: options.large,
        };
        // Children see to their own end; the folder does not.
        let folder = shop.folder.clone();
        let stopped = move || {
            remove(&folder);
            std::process::exit(130);
        };
        ctrlc::set_handler(stopped).map_err(|e| e.to_string())?;
        Ok(shop)
    }

    /// A new folder.
    pub(super) fn folder(&self, name: &str) -> Result<PathBuf, String> {
        let folder = self.folder.join(name);
        std::fs::create_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
        Ok(folder)
    }

    /// `mote serve` with its data in this folder's `data`, as its users start it: all else is the default.
    pub(super) fn mote(&self, folder: &Path) -> Command {
        Self::prepared(kept_alive_by_us(self.mote.as_os_str()), folder)
    }

    /// The same, watched by another program.
    pub(super) fn mote_under(&self, watcher: &[&str], folder: &Path) -> Command {
        let mut command = kept_alive_by_us(watcher[0].as_ref());
        command.args(&watcher[1..]).arg(&self.mote);
        Self::prepared(command, folder)
    }

    fn prepared(mut command: Command, folder: &Path) -> Command {
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("MOTE_") {
                command.env_remove(name);
            }
        }
        command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(folder.join("data"));
        command
    }

    /// A running `mote serve`, with a first account.
    pub(super) fn serve(&self, folder: &Path) -> Result<Server, String> {
        Server::start(self.first_start(folder), folder)
    }

    /// How that is started.
    pub(super) fn first_start(&self, folder: &Path) -> Command {
        let mut command = self.mote(folder);
        command.args(["--admin-email", EMAIL, "--admin-password", PASSWORD]);
        command
    }

    /// A task of `mote-bench`.
    pub(super) fn helper(&self, task: &str) -> Command {
        let mut command = kept_alive_by_us(self.helper.as_os_str());
        command.arg(task);
        command
    }

    /// A product, a client and a token on a running server.
    pub(super) fn people(&self, server: &Server) -> Result<People, String> {
        let mut command = self.helper("people");
        command.arg(&server.url).args(["--email", EMAIL, "--password", PASSWORD]);
        let mut made = values_of(command)?;
        let mut take = |name: &str| made.remove(name).ok_or_else(|| format!("no {name} was made"));
        Ok(People {
            product: take("product")?,
            client: take("client")?,
            secret: take("secret")?,
            token: take("token")?,
        })
    }

    /// Takes the figures of a round as often as is asked for, after a round that does not count; the median of each.
    pub(super) fn rounds<const N: usize>(
        &self,
        names: [&str; N],
        mut round: impl FnMut() -> Result<[f64; N], String>,
    ) -> Result<[f64; N], String> {
        round()?;
        let mut taken = [const { Vec::new() }; N];
        for number in 1..=self.runs {
            let figures = round()?;
            let shown: Vec<_> =
                names.iter().zip(figures).map(|(name, figure)| format!("{name} {figure:.2}")).collect();
            println!("   round {number} of {}: {}", self.runs, shown.join(", "));
            for (all, figure) in taken.iter_mut().zip(figures) {
                all.push(figure);
            }
        }
        Ok(taken.map(|all| median(&all)))
    }
}

impl Drop for Workshop {
    fn drop(&mut self) {
        remove(&self.folder);
    }
}

fn remove(folder: &Path) {
    if let Err(error) = std::fs::remove_dir_all(folder) {
        eprintln!("{} is left behind: {error}", folder.display());
    }
}

/// Removes the folders of chores that were killed: those whose process is no more.
fn remove_left_behind(all: &Path) {
    for folder in std::fs::read_dir(all).into_iter().flatten().flatten() {
        if !Path::new("/proc").join(folder.file_name()).exists() {
            remove(&folder.path());
        }
    }
}

/// A number that a helper printed.
pub(super) fn number(values: &HashMap<String, String>, name: &str) -> Result<f64, String> {
    let text = values.get(name).ok_or_else(|| format!("the helper printed no {name}"))?;
    text.parse().map_err(|_| format!("{name} is no number: {text}"))
}
