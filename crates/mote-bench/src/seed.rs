//! Stores with a million rows, written straight through the store's own queries in large batches.

use std::io::Write;
use std::path::{Path, PathBuf};

use diesel::Connection;
use diesel::connection::SimpleConnection;
use mote_core::Mote;
use mote_core::keys::{Digester, Purpose, Sealer, ServerKeys, TokenSecret};
use mote_store::devices::DeviceRow;
use mote_store::tokens::TokenRow;
use mote_store::{Location, StoreError, accounts, clients, devices, products, tokens};

use crate::Fault;

/// Rows of one commit.
const BATCH: i64 = 20_000;
/// 2026-01-01, in milliseconds since 1970.
const MADE: i64 = 1_767_225_600_000;
/// Life of an access token and of a refresh token, in milliseconds.
const LIVES: (i64, i64) = (7_776_000_000, 1_209_600_000);

/// Numbers that look random, the same in every run (`SplitMix64`).
pub(crate) struct Draw(u64);

impl Draw {
    pub(crate) fn new(seed: i64) -> Self {
        Self(seed.cast_unsigned())
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.next().to_le_bytes()[0])
    }
}

/// The row of a product's token, with digests of nothing.
pub(crate) fn product_token(id: i64, draw: &mut Draw, client: i64, product: i64) -> TokenRow {
    let now = now();
    TokenRow {
        id,
        access_key: draw.next().cast_signed(),
        access_rest: draw.bytes::<12>().into(),
        refresh_key: draw.next().cast_signed(),
        refresh_rest: draw.bytes::<12>().into(),
        client_id: client,
        account_id: None,
        customer_id: None,
        api_user_id: None,
        last_used_at: None,
        product_id: Some(product),
        sealed: None,
        family: None,
        parent: None,
        created_at: now,
        expires_at: Some(now + LIVES.0),
        refresh_expires_at: now + LIVES.1,
        refresh_spent_at: None,
        used_at: None,
        dead_at: Some(now + LIVES.0),
    }
}

fn now() -> i64 {
    std::time::UNIX_EPOCH.elapsed().map_or(MADE, |since| i64::try_from(since.as_millis()).unwrap_or(MADE))
}

/// Living tokens.
#[derive(clap::Args)]
pub(crate) struct Tokens {
    /// Data folder, with database and server key.
    data: PathBuf,
    /// Client of a product that they are made with; without one, they are an account's.
    #[arg(long)]
    client: Option<String>,
    /// That account's address.
    #[arg(long, required_unless_present = "client")]
    email: Option<String>,
    #[arg(long)]
    count: i64,
    /// How many of the access tokens to write into a file, one a line.
    #[arg(long, requires = "into", default_value_t = 0)]
    show: i64,
    /// That file.
    #[arg(long)]
    into: Option<PathBuf>,
}

impl Tokens {
    pub(crate) async fn seed(self) -> Result<(), Fault> {
        let database = self.data.join("mote.db");
        let before = settled_bytes(&database)?;
        let store = Mote::open_store(Location::Sqlite(database.clone())).await?;
        let keys = ServerKeys::load(&self.data.join("server.key"))?;
        let key = keys.all().first().ok_or("there is no server key")?;
        let (digester, sealer) = (Digester::new(key), Sealer::new(key));
        let (client, email) = (self.client, self.email.unwrap_or_default());
        let (client, account, product) = store
            .read(move |db| -> Result<_, StoreError> {
                let Some(client) = client else {
                    return Ok(accounts::by_username(db, &email)?.map(|row| (-1, Some(row.id), None)));
                };
                Ok(clients::by_client_id(db, &client)?.map(|row| (row.id, None, row.product_id)))
            })
            .await?
            .ok_or("there is no such client or account")?;
        let mut shown = self.into.map(std::fs::File::create).transpose()?.map(std::io::BufWriter::new);
        let every = self.count / self.show.clamp(1, self.count);
        let first = now() << 20;
        for start in (0..self.count).step_by(usize::try_from(BATCH)?) {
            let mut rows = Vec::new();
            for number in start..(start + BATCH).min(self.count) {
                let id = first + number;
                let (access, refresh) = (TokenSecret::generate(), TokenSecret::generate());
                let mut row = product_token(id, &mut Draw::new(id), client, 0);
                let digest = digester.digest(Purpose::AccessToken, access.bytes());
                (row.access_key, row.access_rest) = (digest.key, digest.rest.to_vec());
                let digest = digester.digest(Purpose::RefreshToken, refresh.bytes());
                (row.refresh_key, row.refresh_rest) = (digest.key, digest.rest.to_vec());
                (row.account_id, row.product_id) = (account, product);
                row.sealed =
                    account.map(|_| sealer.seal(Purpose::AccessToken, &id.to_be_bytes(), access.bytes()));
                if let Some(file) = shown.as_mut().filter(|_| number % every == 0) {
                    writeln!(file, "{}", *access.expose())?;
                }
                rows.push(row);
            }
            let insert = move |db: &mut _| rows.iter().try_for_each(|row| tokens::insert(db, row));
            store.write::<_, StoreError, _>(insert).await?;
        }
        if let Some(mut file) = shown {
            file.flush()?;
        }
        drop(store);
        #[expect(clippy::cast_precision_loss, reason = "a few hundred megabytes, a few million tokens")]
        let bytes = (settled_bytes(&database)? - before) as f64 / self.count as f64;
        println!("bytes-per-token {bytes}");
        Ok(())
    }
}

/// The length of a database's file, with all of its write-ahead log taken in.
fn settled_bytes(database: &Path) -> Result<u64, Fault> {
    let name = database.to_str().ok_or("the path is not UTF-8")?;
    let mut db = diesel::SqliteConnection::establish(name)?;
    db.batch_execute("PRAGMA busy_timeout = 60000; PRAGMA wal_checkpoint(TRUNCATE);")?;
    Ok(std::fs::metadata(database)?.len())
}

/// Fills a product with devices whose IDs, names and connections are in no common order.
pub(crate) async fn devices(database: PathBuf, product: i64, count: i64) -> Result<(), Fault> {
    let store = Mote::open_store(Location::Sqlite(database)).await?;
    for start in (0..count).step_by(usize::try_from(BATCH)?) {
        let end = (start + BATCH).min(count);
        let insert = move |db: &mut _| {
            (start..end).try_for_each(|number| devices::insert(db, &device(number, product)))?;
            products::devices_changed(db, product, end - start)
        };
        store.write::<_, StoreError, _>(insert).await?;
    }
    Ok(())
}

fn device(number: i64, product: i64) -> DeviceRow {
    let mut draw = Draw::new(number);
    // The part of a second keeps two devices' connections apart, as it does in a real fleet.
    let connected = MADE + i64::try_from(draw.next() % 2_592_000_000).unwrap_or_default();
    DeviceRow {
        id: format!("{number:016x}{:08x}", draw.next() >> 32),
        product_id: Some(product),
        owner_id: None,
        name: format!("sensor-{:08x}", draw.next() >> 32),
        notes: None,
        platform_id: 13,
        serial_number: Some(format!("P0{:013x}", draw.next() >> 12)),
        iccid: None,
        imei: None,
        mac_wifi: None,
        mobile_secret: None,
        system_firmware_version: Some("6.1.0".into()),
        firmware_version: i32::try_from(draw.next() % 5).unwrap_or_default(),
        firmware_product_id: Some(product),
        desired_firmware_version: None,
        development: false,
        quarantined: false,
        denied: false,
        firmware_updates_enabled: true,
        firmware_updates_forced: false,
        functions: "[\"led\",\"reset\"]".into(),
        variables: "{\"temperature\":\"double\"}".into(),
        last_ip_address: Some("203.0.113.7".into()),
        last_heard: Some(connected),
        last_handshake_at: connected,
        public_key: None,
        key_algorithm: None,
        created_at: MADE,
        updated_at: connected,
    }
}
