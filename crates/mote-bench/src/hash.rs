//! The Argon2id hash alone, at the cost that the server's own hashes were made at.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Block, Params, Version};
use mote_core::Mote;
use mote_store::{Location, accounts};

use crate::Fault;

/// Hashes on `threads` threads for `seconds`, each in memory that it keeps.
pub(crate) async fn measure(
    database: PathBuf,
    email: String,
    threads: usize,
    seconds: u64,
) -> Result<(), Fault> {
    let store = Mote::open_store(Location::Sqlite(database)).await?;
    let row =
        store.read(move |db| accounts::by_username(db, &email)).await?.ok_or("there is no such account")?;
    let kept = PasswordHash::new(&row.password_hash).map_err(|e| e.to_string())?;
    let params = Params::try_from(&kept).map_err(|e| e.to_string())?;
    let began = Instant::now();
    let until = began + Duration::from_secs(seconds);
    let all: Vec<_> = (0..threads)
        .map(|_| {
            let params = params.clone();
            std::thread::spawn(move || hash_until(until, &params))
        })
        .collect();
    let mut hashes = 0;
    for thread in all {
        hashes += thread.join().map_err(|_| "a thread that hashes panicked")??;
    }
    println!("hashes-per-second {}", f64::from(hashes) / began.elapsed().as_secs_f64());
    Ok(())
}

fn hash_until(until: Instant, params: &Params) -> Result<u32, String> {
    let mut memory = vec![Block::new(); params.block_count()];
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
    let mut hashes = 0;
    while Instant::now() < until {
        let mut output = [0; Params::DEFAULT_OUTPUT_LEN];
        argon
            .hash_password_into_with_memory(b"a long pass phrase", &[7; 16], &mut output, &mut memory)
            .map_err(|e| e.to_string())?;
        std::hint::black_box(output);
        hashes += 1;
    }
    Ok(hashes)
}
