//! A cloud goes to the other engine and back, and everything goes on there.

use std::path::Path;

use mote_core::Mote;
use mote_core::transfer::{Import, export};
use mote_store::{Location, Store};
use mote_testkit::postgres::Database;

use crate::cloud::Cloud;
use crate::keys::{all_is_there, furnish};
use crate::on_both_engines;

on_both_engines!(what_is_imported_elsewhere_goes_on_there);

async fn take(from: &Store, to: &Store, file: &Path) -> Vec<u8> {
    let (exported, bytes) = export(from, Vec::new(), |_, _| ()).await.unwrap();
    assert!(exported.rows > 20, "{exported:?}");
    std::fs::write(file, &bytes).unwrap();
    let mut import = Import::begin(to.clone(), file).await.unwrap();
    while import.step().await.unwrap() {}
    import.finish().await.unwrap();
    bytes
}

async fn what_is_imported_elsewhere_goes_on_there(cloud: Cloud) {
    let things = furnish(&cloud).await;
    while cloud.mote.seal_audit().await.unwrap() {}
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("export");
    let location = |name: &str| Location::Sqlite(folder.path().join(name));
    let database = tokio::task::spawn_blocking(Database::new).await.unwrap();
    // Two moves, of which one at least is to another engine, and one from it.
    let first = Mote::open_store(Location::Postgres(database.url())).await.unwrap();
    let second = Mote::open_store(location("second.db")).await.unwrap();
    let taken = take(&cloud.store, &first, &file).await;
    let moved = cloud.moved_to(first).await;
    assert!(take(&moved.store, &second, &file).await == taken);
    all_is_there(&moved, &things).await;
    let moved = moved.moved_to(second).await;
    all_is_there(&moved, &things).await;
    assert!(moved.mote.verify_audit(None).await.unwrap().is_ok());
}
