//! Releases of Device OS.

use std::io::Read;
use std::path::{Path, PathBuf};

use mote_core::device_os::{NewBinary, Release, ReleaseState};

use super::{explain, operator};
use crate::Failure;
use crate::config::StoreOptions;

/// Bytes of a binary at most: what the flash of a device has room for.
const LARGEST: u64 = 16 * 1024 * 1024;

pub(super) async fn add(
    options: StoreOptions,
    version: &str,
    state: &str,
    files: &[PathBuf],
) -> Result<(), Failure> {
    let state = ReleaseState::parse(state).map_err(|error| Failure::usage(format!("--{error}")))?;
    let files = files.iter().map(|path| read(path)).collect::<Result<_, Failure>>()?;
    let mote = operator(options).await?;
    let release = mote.register_device_os(version, state, files).await.map_err(explain)?;
    println!("The release is registered: {}", line(&release));
    Ok(())
}

/// A line each: version, internal version, state, platforms.
pub(super) async fn list(options: StoreOptions) -> Result<(), Failure> {
    let mote = operator(options).await?;
    for release in mote.device_os_releases().await.map_err(Failure::other)? {
        println!("{}", line(&release));
    }
    Ok(())
}

pub(super) async fn remove(options: StoreOptions, version: &str) -> Result<(), Failure> {
    let mote = operator(options).await?;
    mote.remove_device_os(version).await.map_err(explain)?;
    println!("The release is removed.");
    Ok(())
}

fn line(release: &Release) -> String {
    let platforms: Vec<String> = release.platforms.iter().map(ToString::to_string).collect();
    let (version, internal, state) = (&release.version, release.internal_version, release.state.word());
    format!("{version} {internal} {state} {}", platforms.join(","))
}

fn read(path: &Path) -> Result<NewBinary, Failure> {
    let failed = |why: String| Failure::usage(format!("{}: {why}", path.display()));
    let file_name =
        path.file_name().and_then(|name| name.to_str()).ok_or_else(|| failed("is no file".into()))?;
    let file = std::fs::File::open(path).map_err(|error| failed(error.to_string()))?;
    let mut bytes = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|error| failed(error.to_string()))?;
    if bytes.len() as u64 > LARGEST {
        return Err(failed(format!("is larger than {LARGEST} bytes, which no device has room for")));
    }
    Ok(NewBinary { file_name: file_name.to_owned(), bytes: bytes.into() })
}
