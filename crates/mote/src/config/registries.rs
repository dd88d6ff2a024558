//! The options of what the operator keeps for all: libraries, releases of Device OS.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::StoreOptions;

#[derive(Debug, Subcommand)]
pub(crate) enum LibraryCommand {
    /// List the libraries, a line each: name, and what it is marked as.
    List(StoreOptions),
    /// Mark a library as your own, vouched for or pointed out; what is not named is taken from it.
    #[command(after_help = "Example:\n  mote library mark neopixel --official --verified")]
    Mark {
        /// Its name.
        name: String,
        #[command(flatten)]
        marks: Marks,
        #[command(flatten)]
        store: StoreOptions,
    },
    /// Remove a library, public or not, or one version of it.
    Remove {
        /// Its name, which is free for others when nothing is left.
        name: String,
        /// The version alone.
        #[arg(long)]
        version: Option<String>,
        #[command(flatten)]
        store: StoreOptions,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Marks {
    /// It is your own.
    #[arg(long)]
    pub(crate) official: bool,
    /// You vouch for it.
    #[arg(long)]
    pub(crate) verified: bool,
    /// You point it out.
    #[arg(long)]
    pub(crate) featured: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DeviceOsCommand {
    /// Register a release, or more binaries of one, for `particle update`, `particle flash --local` and others.
    ///
    /// The binaries are those that the vendor publishes with the release: parts of Device OS, bootloaders, radio stacks, for
    /// as many platforms as you like. Each is checked. They are copied to where firmware binaries are.
    #[command(
        after_help = "Example:\n  mote device-os add --version 5.8.0 boron-system-part1@5.8.0.bin boron-bootloader@5.8.0.bin"
    )]
    Add {
        /// Its version.
        #[arg(long)]
        version: String,
        /// How far it is, of a known release from now on: ga for everybody, preview for those who name it.
        #[arg(long, default_value = "ga")]
        state: String,
        /// The binaries.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        #[command(flatten)]
        store: StoreOptions,
    },
    /// List the releases, a line each: version, the number that its parts call themselves, state, platforms.
    List(StoreOptions),
    /// Remove a release with its binaries.
    Remove {
        /// Its version.
        #[arg(long)]
        version: String,
        #[command(flatten)]
        store: StoreOptions,
    },
}
