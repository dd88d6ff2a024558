//! The audit trail, for whoever runs the server.

use std::io::Write;

use mote_core::audit::{AuditQuery, ChainPlace};

use super::{explain, operator};
use crate::Failure;
use crate::config::StoreOptions;

pub(super) async fn verify(options: StoreOptions, expect: Option<&str>) -> Result<(), Failure> {
    let expected: Option<ChainPlace> = expect.map(str::parse).transpose().map_err(explain)?;
    let mote = operator(options).await?;
    let found = match mote.verify_audit(expected).await.map_err(Failure::other)? {
        Ok(found) => found,
        Err(broken) => return Err(Failure::other(format!("the audit trail is broken: {broken}"))),
    };
    println!("The audit trail is whole: {} entries after number {}.", found.entries, found.start.number);
    if found.waiting > 0 {
        println!("{} more wait for a running server to give them their places.", found.waiting);
    }
    if expected.is_some_and(|place| place.number < found.start.number) {
        println!(
            "The place that you expect is of a time that is no longer kept, so nothing was compared with it."
        );
    }
    println!("Its last place, to keep elsewhere: {}", found.last);
    Ok(())
}

pub(super) async fn export(options: StoreOptions, query: AuditQuery) -> Result<(), Failure> {
    let mote = operator(options).await?;
    let mut export = mote.export_audit_for_operator(&query).map_err(explain)?;
    let mut out = std::io::stdout().lock();
    loop {
        let entries = mote.export_more(&mut export).await.map_err(Failure::other)?;
        if entries.is_empty() {
            return Ok(());
        }
        let written = out.write_all(mote_api::audit_lines(entries).as_bytes()).and_then(|()| out.flush());
        written.map_err(|error| Failure::other(format!("cannot write: {error}")))?;
    }
}
