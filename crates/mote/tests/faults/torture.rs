//! Kill after kill under load: what was acknowledged is there, and what has ended stays so. `cargo xtask torture` does it a
//! thousand times.

use std::collections::HashSet;
use std::process::Command;
use std::sync::atomic::{AtomicU16, AtomicU32, Ordering};
use std::sync::mpsc::{Sender, channel};

use mote_testkit::Server;

use crate::desk::{BINARY, Desk, audit_holds, binary};

/// Kills, unless the variable says how many.
const KILLS: u32 = 12;
const VARIABLE: &str = "MOTE_TORTURE_KILLS";
/// What the names of clients begin with.
const TORTURED: &str = "tortured";
/// Bytes of a binary's code.
const CODE: usize = 60_000;

/// What the server has acknowledged.
enum Deed {
    Minted(String),
    /// A token, which is minted before.
    Revoked(String),
    Imported(String),
    ClientMade(String),
    /// A client, which is made before.
    ClientDeleted(String),
    Uploaded(u16),
}

/// All of it, in one life of the server or in all.
#[derive(Default)]
struct Deeds {
    alive: HashSet<String>,
    revoked: HashSet<String>,
    devices: HashSet<String>,
    clients: HashSet<String>,
    deleted: HashSet<String>,
    versions: HashSet<u16>,
}

impl Deeds {
    fn take(&mut self, deed: Deed) {
        match deed {
            Deed::Minted(token) => drop(self.alive.insert(token)),
            // From when it is asked for on, nobody can tell until there is an answer.
            Deed::Revoked(token) => drop((self.alive.remove(&token), self.revoked.insert(token))),
            Deed::Imported(device) => drop(self.devices.insert(device)),
            Deed::ClientMade(client) => drop(self.clients.insert(client)),
            Deed::ClientDeleted(client) => drop((self.clients.remove(&client), self.deleted.insert(client))),
            Deed::Uploaded(version) => drop(self.versions.insert(version)),
        }
    }

    /// Sees that all is as it was acknowledged.
    fn hold(&self, desk: &Desk) {
        let product = format!("/v1/products/{}", desk.product);
        for token in &self.alive {
            assert_eq!(desk.opens(token), Some(200), "an acknowledged token is lost");
        }
        for token in &self.revoked {
            assert_eq!(desk.opens(token), Some(401), "a revoked token lives");
        }
        for device in &self.devices {
            let found = desk.status("GET", &format!("{product}/devices/{device}"), &desk.token);
            assert_eq!(found, Some(200), "device {device} is lost");
        }
        let listed = desk.ask("GET", "clients", &[]).unwrap().body.to_string();
        assert!(self.clients.iter().all(|id| listed.contains(id.as_str())), "a client is lost: {listed}");
        assert!(
            !self.deleted.iter().any(|id| listed.contains(id.as_str())),
            "a deleted client lives: {listed}"
        );
        for version in &self.versions {
            assert!(desk.downloads(*version, CODE), "version {version} is lost");
        }
    }
}

/// The next number of each kind.
#[derive(Default)]
struct Numbers {
    device: AtomicU32,
    client: AtomicU32,
    version: AtomicU16,
}

/// Mints, and takes every third token back.
fn tokens(desk: &Desk, told: &Sender<Deed>) -> Option<()> {
    for round in 0_u32.. {
        let token = desk.mint()?.body["access_token"].as_str()?.to_owned();
        if round % 3 == 0 {
            // Where the answer is lost, it may have ended or not: it is then nobody's.
            let status = desk.status("DELETE", "/v1/access_tokens/current", &token)?;
            assert_eq!(status, 200);
            told.send(Deed::Revoked(token)).ok()?;
        } else {
            told.send(Deed::Minted(token)).ok()?;
        }
    }
    None
}

fn devices(desk: &Desk, numbers: &Numbers, told: &Sender<Deed>) -> Option<()> {
    loop {
        let id = format!(
            "{:024x}",
            0xe00f_ce68_u64 << 32 | u64::from(numbers.device.fetch_add(1, Ordering::Relaxed))
        );
        let answer = desk.import(&id)?;
        assert_eq!(answer.body["updatedDeviceIds"][0], id.as_str(), "{answer:?}");
        told.send(Deed::Imported(id)).ok()?;
    }
}

/// Makes clients, and deletes every second. Each has a name of its own: the ID of one that is deleted can become another's of
/// the same name.
fn clients(desk: &Desk, numbers: &Numbers, told: &Sender<Deed>) -> Option<()> {
    loop {
        let round = numbers.client.fetch_add(1, Ordering::Relaxed);
        let name = format!("{TORTURED} {round:06}");
        let answer = desk.ask("POST", "clients", &[("name", &name), ("type", "installed")])?;
        let id = answer.body["client"]["id"].as_str().unwrap_or_else(|| panic!("{answer:?}")).to_owned();
        if round.is_multiple_of(2) {
            assert_eq!(desk.ask("DELETE", &format!("clients/{id}"), &[])?.status, 204);
            told.send(Deed::ClientDeleted(id)).ok()?;
        } else {
            told.send(Deed::ClientMade(id)).ok()?;
        }
    }
}

/// The clients that are there of those that were made, acknowledged or not.
fn clients_left(desk: &Desk) -> Vec<String> {
    let listed = desk.ask("GET", "clients", &[]).unwrap().body;
    let ids = listed["clients"].as_array().unwrap().iter().map(|client| client["id"].as_str().unwrap());
    ids.filter(|id| id.starts_with(TORTURED)).map(str::to_owned).collect()
}

fn uploads(desk: &Desk, numbers: &Numbers, told: &Sender<Deed>) -> Option<()> {
    loop {
        let version = numbers.version.fetch_add(1, Ordering::Relaxed) % 60_000;
        assert_eq!(desk.upload(version, CODE)?, 201, "version {version}");
        told.send(Deed::Uploaded(version)).ok()?;
    }
}

/// Loads the server until so much was acknowledged, and kills it.
fn one_life(server: &mut Server, desk: &Desk, numbers: &Numbers, enough: usize) -> Deeds {
    let (told, deeds) = channel();
    let mut all = Deeds::default();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            let told = told.clone();
            scope.spawn(move || tokens(desk, &told));
        }
        let (one, two, three) = (told.clone(), told.clone(), told);
        scope.spawn(move || devices(desk, numbers, &one));
        scope.spawn(move || clients(desk, numbers, &two));
        scope.spawn(move || uploads(desk, numbers, &three));
        for deed in deeds.iter().take(enough) {
            all.take(deed);
        }
        server.kill();
        for deed in deeds {
            all.take(deed);
        }
    });
    all
}

#[test]
fn kill_after_kill_nothing_is_lost() {
    let kills = std::env::var(VARIABLE).ok().map_or(KILLS, |text| text.parse().expect("a number of kills"));
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut server = Server::start(binary(), &data, &[]);
    let (mut desk, numbers, mut ever) = (Desk::open(&server), Numbers::default(), Deeds::default());
    for kill in 0..kills {
        let deeds = one_life(&mut server, &desk, &numbers, 5 + (kill as usize * 37) % 90);
        server.kill_and_restart();
        desk.url.clone_from(&server.url);
        deeds.hold(&desk);
        if kill % 25 == 0 {
            audit_holds(&["--data", data.to_str().unwrap()]);
        }
        // There are bounds to what a product may have: what was seen makes room.
        for version in &deeds.versions {
            let path = format!("/v1/products/{}/firmware/{version}", desk.product);
            assert_eq!(desk.status("DELETE", &path, &desk.token), Some(204));
        }
        let left = clients_left(&desk);
        for id in &left {
            assert_eq!(desk.ask("DELETE", &format!("clients/{id}"), &[]).unwrap().status, 204);
        }
        ever.alive.extend(deeds.alive);
        ever.revoked.extend(deeds.revoked);
        ever.devices.extend(deeds.devices);
        ever.deleted.extend(deeds.deleted.into_iter().chain(left));
    }
    ever.hold(&desk);
    audit_holds(&["--data", data.to_str().unwrap()]);
    let export = Command::new(BINARY).args(["audit", "export", "--data"]).arg(&data).output().unwrap();
    let trail = String::from_utf8(export.stdout).unwrap();
    for client in &ever.deleted {
        assert!(trail.contains(client.as_str()), "nothing in the audit trail tells of client {client}");
    }
    println!(
        "{kills} kills; {} tokens alive, {} revoked, {} devices, {} clients, {} uploads begun",
        ever.alive.len(),
        ever.revoked.len(),
        ever.devices.len(),
        ever.deleted.len(),
        numbers.version.load(Ordering::Relaxed)
    );
}
