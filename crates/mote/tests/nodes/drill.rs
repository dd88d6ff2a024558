//! The drill: load on both nodes while NATS is cut off, PostgreSQL restarts as after a crash, and a node is killed. Nothing
//! that was acknowledged is lost, and no token passes a second after it was revoked.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, RwLock};
use std::thread::sleep;
use std::time::{Duration, Instant};

use mote_testkit::Nats;

use crate::cluster::{A_SECOND, Asks, Client, Cluster, until};
use crate::know_each_other;
use crate::receiver::Receiver;

/// Pause between two requests of each who makes load.
const PACE: Duration = Duration::from_millis(4);
/// What gets done at least after each fault, before the next: tokens made, tokens revoked, events, and requests with a token
/// that was revoked more than a second before.
const MUCH: [usize; 4] = [50, 15, 30, 100];
/// How long a revoked token is tried on.
const TRIED_ON: Duration = Duration::from_secs(4);

/// What was acknowledged.
#[derive(Default)]
struct Done {
    minted: Mutex<Vec<String>>,
    revoked: Mutex<Vec<(String, Instant)>>,
    published: Mutex<Vec<String>>,
    /// Requests with a token that was revoked more than a second before.
    late: AtomicUsize,
    answers: AtomicUsize,
}

struct Load {
    /// Where the nodes are: another address after a restart.
    nodes: RwLock<[Asks; 2]>,
    path: String,
    client: Client,
    /// Publishes, and is never revoked.
    token: String,
    done: Done,
    over: AtomicBool,
}

impl Load {
    fn node(&self, number: usize) -> Asks {
        self.nodes.read().unwrap()[number].clone()
    }

    fn again(&self) -> bool {
        sleep(PACE);
        !self.over.load(Ordering::Relaxed)
    }

    fn mint(&self, number: usize) {
        while self.again() {
            if let Some(token) = self.node(number).mint(&self.client) {
                self.done.minted.lock().unwrap().push(token);
            }
        }
    }

    fn publish(&self, number: usize) {
        let mut count = 0;
        while self.again() {
            count += 1;
            let data = format!("{number}/{count}");
            if self.node(number).publish(&self.path, &self.token, "load", &data) {
                self.done.published.lock().unwrap().push(data);
            }
        }
    }

    /// Makes tokens, has both nodes keep them in memory, and revokes them at one.
    fn revoke(&self, number: usize) {
        while self.again() {
            let (here, there) = (self.node(number), self.node(1 - number));
            let Some(token) = here.mint(&self.client) else { continue };
            for node in [&here, &there] {
                for _ in 0..2 {
                    let _ = node.status(&self.path, &token);
                }
            }
            let ended = here.try_send("DELETE", "/v1/access_tokens/current", &token, &[]);
            if ended.is_some_and(|ended| ended.status == 200) {
                self.done.revoked.lock().unwrap().push((token, Instant::now()));
            }
        }
    }

    /// Tries revoked tokens at one node, again and again.
    fn try_revoked(&self, number: usize) {
        while self.again() {
            let revoked = self.done.revoked.lock().unwrap();
            let fresh: Vec<_> =
                revoked.iter().rev().take_while(|(_, at)| at.elapsed() < TRIED_ON).cloned().collect();
            drop(revoked);
            for (token, at) in fresh {
                let late = at.elapsed() > A_SECOND;
                match self.node(number).status(&self.path, &token) {
                    Some(200) => assert!(!late, "node {number} lets a token in that was revoked before"),
                    Some(401) => drop(self.done.late.fetch_add(usize::from(late), Ordering::Relaxed)),
                    _ => {}
                }
                self.done.answers.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    fn done(&self) -> [usize; 4] {
        let done = &self.done;
        let late = done.late.load(Ordering::Relaxed);
        let [minted, published] = [&done.minted, &done.published].map(|done| done.lock().unwrap().len());
        [minted, done.revoked.lock().unwrap().len(), published, late]
    }

    /// Lets the load go on, and sees that much gets done.
    fn goes_on(&self) {
        let before = self.done();
        let much =
            || self.done().iter().zip(before.iter().zip(MUCH)).all(|(now, (then, much))| *now >= then + much);
        until("much is done", much);
    }
}

#[test]
fn nothing_acknowledged_is_lost_and_no_revoked_token_passes() {
    let (mut nats, receiver) = (Nats::start(), Receiver::start());
    let mut cluster = Cluster::start(&[
        "--events",
        &nats.url(),
        "--allow-hook-networks",
        "127.0.0.0/8",
        // A database that is away is told of at each request.
        "--log",
        "off",
    ]);
    let nodes = cluster.callers();
    know_each_other(&nodes);
    let user = nodes[0].sign_in();
    let (path, client) = nodes[0].product(&user);
    let token = nodes[0].mint(&client).unwrap();
    let hook = [
        ("integration_type", "Webhook"),
        ("event", "load"),
        ("url", receiver.url.as_str()),
        ("requestType", "POST"),
        ("body", "{{PARTICLE_EVENT_VALUE}}"),
    ];
    nodes[0].send("POST", &format!("{path}/integrations"), &token, &hook);
    let nodes = RwLock::new(nodes);
    let load = Load { nodes, path, client, token, done: Done::default(), over: AtomicBool::default() };
    std::thread::scope(|scope| {
        for number in 0..2 {
            scope.spawn({
                let load = &load;
                move || load.mint(number)
            });
            scope.spawn({
                let load = &load;
                move || load.publish(number)
            });
            scope.spawn({
                let load = &load;
                move || load.revoke(number)
            });
            scope.spawn({
                let load = &load;
                move || load.try_revoked(number)
            });
        }
        let over = Over(&load);
        load.goes_on();
        nats.fall_silent();
        load.goes_on();
        nats.speak_again();
        nats.restart();
        load.goes_on();
        cluster.postgres.restart();
        load.goes_on();
        cluster.nodes[1].kill_and_restart();
        load.nodes.write().unwrap()[1].url.clone_from(&cluster.nodes[1].url);
        load.goes_on();
        drop(over);
    });
    nothing_is_lost(&load, &receiver);
}

/// Ends the load, also where the test fails.
struct Over<'a>(&'a Load);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.over.store(true, Ordering::Relaxed);
    }
}

fn nothing_is_lost(load: &Load, receiver: &Receiver) {
    let [minted, published] =
        [&load.done.minted, &load.done.published].map(|done| std::mem::take(&mut *done.lock().unwrap()));
    let revoked = std::mem::take(&mut *load.done.revoked.lock().unwrap());
    let late = load.done.late.load(Ordering::Relaxed);
    println!(
        "{} tokens, {} revoked ({} requests with them, {late} later than a second), {} events",
        minted.len(),
        revoked.len(),
        load.done.answers.load(Ordering::Relaxed),
        published.len()
    );
    for number in 0..2 {
        let node = load.node(number);
        for token in &minted {
            assert_eq!(node.status(&load.path, token), Some(200), "node {number} has lost a token");
        }
        for (token, _) in &revoked {
            assert_eq!(node.status(&load.path, token), Some(401), "node {number} has lost a revocation");
        }
    }
    let lacking = || {
        let came: HashSet<String> = receiver.came().into_keys().collect();
        published.iter().filter(|event| !came.contains(*event)).count()
    };
    until("every event is delivered", || lacking() == 0);
    let came = receiver.came();
    let twice = came.values().filter(|times| **times > 1).count();
    println!("{} events were delivered, {twice} of them more than once", came.len());
    // Only what was under way when a node or the database died is sent again.
    assert!(twice * 5 < came.len(), "{twice} of {} came more than once", came.len());
}
