//! What both engines promise of their writes.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;

use mote_store::{Db, Location, Store, StoreError, meta};
use mote_testkit::postgres::Database;
use tokio::sync::oneshot;

struct Engine {
    store: Store,
    // Dropped last: the data.
    _data: Box<dyn std::any::Any>,
}

async fn engines() -> [Engine; 2] {
    let folder = tempfile::tempdir().unwrap();
    let database = tokio::task::spawn_blocking(Database::new).await.unwrap();
    let locations = [Location::Sqlite(folder.path().join("mote.db")), Location::Postgres(database.url())];
    let [sqlite, postgres] = locations.map(|location| Store::open(&location).unwrap());
    [Engine { store: sqlite, _data: Box::new(folder) }, Engine { store: postgres, _data: Box::new(database) }]
}

#[cfg(unix)]
#[test]
fn a_database_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let _store = Store::open(&Location::Sqlite(folder.path().join("mote.db"))).unwrap();
    let files: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(Result::unwrap).collect();
    assert!(files.len() > 1, "the log stands beside it");
    for file in files {
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", file.path());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_follows_a_write_is_done_though_its_caller_has_gone() {
    for Engine { store, _data } in engines().await {
        let (sender, followed) = oneshot::channel();
        {
            let write = store.write_then(
                |db| meta::insert(db, "fact", b"1"),
                |done| sender.send(done.is_ok()).expect("the test waits"),
            );
            let mut write = pin!(write);
            // Asked for, and given up at once.
            std::future::poll_fn(|context| Poll::Ready(write.as_mut().poll(context).is_ready())).await;
        }
        assert!(followed.await.unwrap());
        let kept = store.read(|db| meta::get(db, "fact")).await.unwrap();
        assert_eq!(kept.as_deref(), Some(&b"1"[..]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_fails_or_panics_leaves_nothing_and_hurts_no_other() {
    for Engine { store, _data } in engines().await {
        let failing = store.write(|db| -> Result<(), StoreError> {
            meta::insert(db, "half", b"1")?;
            Err(StoreError::Closed)
        });
        let panicking = store.write(|db| -> Result<(), StoreError> {
            meta::insert(db, "half", b"2")?;
            panic!("on purpose")
        });
        let other = store.write(|db| meta::insert(db, "whole", b"3"));
        let (failed, panicked, done) = tokio::join!(failing, panicking, other);
        assert!(failed.is_err() && panicked.is_err() && done.is_ok());
        assert!(store.read(|db| meta::get(db, "half")).await.unwrap().is_none());
        assert!(store.read(|db| meta::get(db, "whole")).await.unwrap().is_some());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_is_given_out_once_though_many_ask_at_the_same_time() {
    for Engine { store, _data } in engines().await {
        let asked: Vec<_> = (0..20)
            .map(|_| {
                let store = store.clone();
                tokio::spawn(async move { store.write(|db| meta::next_number(db, "series", 7)).await })
            })
            .collect();
        let mut numbers = Vec::new();
        for one in asked {
            numbers.push(one.await.unwrap().unwrap());
        }
        numbers.sort_unstable();
        assert_eq!(numbers, (7..27).collect::<Vec<_>>());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_does_much_comes_to_its_end_beside_many_that_do_little() {
    const SERIES: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];
    for Engine { store, _data } in engines().await {
        let over = Arc::new(AtomicBool::new(false));
        let little: Vec<_> = SERIES
            .into_iter()
            .map(|series| {
                let (store, over) = (store.clone(), Arc::clone(&over));
                tokio::spawn(async move {
                    let mut given = 0;
                    while !over.load(Ordering::Relaxed) {
                        given = store.write(move |db| meta::next_number(db, series, 0)).await.unwrap();
                    }
                    given
                })
            })
            .collect();
        let much = |db: &mut Db| SERIES.map(|series| meta::next_number(db, series, 0)).into_iter().collect();
        for _ in 0..10 {
            let done: Result<Vec<i64>, StoreError> = store.write(much).await;
            assert_eq!(done.unwrap().len(), SERIES.len());
        }
        over.store(true, Ordering::Relaxed);
        for one in little {
            one.await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_came_between_a_look_and_a_write_is_seen_the_next_time() {
    let [_, Engine { store, _data }] = engines().await;
    store.write(|db| meta::insert(db, "taken", b"1")).await.unwrap();
    let mut tries = 0;
    let second = store.write(move |db| {
        tries += 1;
        // As if the first look had come before the other's row.
        if tries > 1 && meta::get(db, "taken")?.is_some() {
            Ok(tries)
        } else {
            meta::insert(db, "taken", b"2").map(|()| 0)
        }
    });
    assert_eq!(second.await.unwrap(), 2);
    // One that never looks is told, and not for ever later.
    let tries = Arc::new(std::sync::atomic::AtomicU32::new(0));
    let counted = Arc::clone(&tries);
    let blind = store.write(move |db| {
        counted.fetch_add(1, Ordering::Relaxed);
        meta::insert(db, "taken", b"3")
    });
    assert!(blind.await.unwrap_err().is_duplicate());
    assert_eq!(tries.load(Ordering::Relaxed), 3);
}
