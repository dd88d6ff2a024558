//! The store's group commit alone, with as many callers as there are connections in the measurement beside it.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use mote_core::Mote;
use mote_store::{Location, StoreError, tokens};

use crate::Fault;
use crate::seed::{Draw, product_token};

/// Lets `callers` write one row after the other for `seconds`.
pub(crate) async fn measure(database: PathBuf, callers: usize, seconds: u64) -> Result<(), Fault> {
    let store = Mote::open_store(Location::Sqlite(database)).await?;
    // Keys grow from run to run on the same store.
    let first = i64::try_from(std::time::UNIX_EPOCH.elapsed()?.as_millis())? << 20;
    let (next, rows) = (Arc::new(AtomicI64::new(first)), Arc::new(AtomicU64::new(0)));
    let began = Instant::now();
    let until = began + Duration::from_secs(seconds);
    let all: Vec<_> = (0..callers)
        .map(|_| {
            let (store, next, rows) = (store.clone(), Arc::clone(&next), Arc::clone(&rows));
            tokio::spawn(async move {
                while Instant::now() < until {
                    let id = next.fetch_add(1, Ordering::Relaxed);
                    let row = product_token(id, &mut Draw::new(id), 1, 1001);
                    store.write(move |db| tokens::insert(db, &row)).await?;
                    rows.fetch_add(1, Ordering::Relaxed);
                }
                Ok::<_, StoreError>(())
            })
        })
        .collect();
    for caller in all {
        caller.await??;
    }
    #[expect(clippy::cast_precision_loss, reason = "a few million rows")]
    let rows = rows.load(Ordering::Relaxed) as f64;
    println!("rows-per-second {}", rows / began.elapsed().as_secs_f64());
    Ok(())
}
