//! Two real servers on one PostgreSQL: what one does the other heeds, and what becomes of it when something fails.

mod cluster;
mod drill;
mod receiver;

use std::time::{Duration, Instant};

use mote_testkit::Nats;

use cluster::{Asks, Cluster, Heard, is_refused_soon, until};

fn know_each_other(nodes: &[Asks; 2]) {
    until("they know each other", || nodes.iter().all(|node| node.metric("mote_other_nodes") == Some(1)));
}

#[test]
fn a_node_that_lost_its_listening_connection_lets_no_revoked_token_in() {
    let cluster = Cluster::start(&[]);
    let nodes = cluster.callers();
    let [one, deaf] = &nodes;
    know_each_other(&nodes);
    let user = one.sign_in();
    let (path, client) = one.product(&user);
    let (living, revoked) = (one.mint(&client).unwrap(), one.mint(&client).unwrap());
    for token in [&living, &revoked] {
        (0..3).for_each(|_| assert_eq!(deaf.status(&path, token), Some(200)));
    }
    // Both are heard of by their connections; the one that came last is the second node's. It may not open another.
    let before = cluster.ears();
    assert_eq!(before.len(), 2);
    let of_one = cluster.postgres.lines(
        "SELECT pid::text AS line FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND granted",
    );
    let of_deaf = before.iter().find(|pid| !of_one.contains(pid)).expect("the first one leads");
    cluster.postgres.execute(&format!("ALTER ROLE mote NOLOGIN; SELECT pg_terminate_backend({of_deaf})"));
    one.send("DELETE", "/v1/access_tokens/current", &revoked, &[]);
    is_refused_soon(deaf, &path, &revoked);
    until("it is deaf", || deaf.metric("mote_hears_others") == Some(0));
    // Whoever may come in is let in all the while.
    (0..50).for_each(|_| assert_eq!(deaf.status(&path, &living), Some(200)));
    assert_eq!(deaf.status(&path, &revoked), Some(401));
    cluster.postgres.execute("ALTER ROLE mote LOGIN");
    until("it hears again", || deaf.metric("mote_hears_others") == Some(1));
    know_each_other(&nodes);
    one.send("DELETE", "/v1/access_tokens/current", &living, &[]);
    is_refused_soon(deaf, &path, &living);
}

#[test]
fn events_reach_every_stream_once_though_nats_falls_silent_dies_and_comes_back() {
    let mut nats = Nats::start();
    let cluster = Cluster::start(&["--events", &nats.url()]);
    let nodes = cluster.callers();
    let [one, other] = &nodes;
    know_each_other(&nodes);
    let (path, client) = one.product(&one.sign_in());
    let token = one.mint(&client).unwrap();
    let heard = [Heard::open(one, &path, &token), Heard::open(other, &path, &token)];
    let mut told: Vec<String> = Vec::new();
    let by_nats = || nodes.iter().filter_map(|node| node.metric("mote_events_to_others_by_nats_total")).sum();
    let mut publish = |many: usize| {
        for _ in 0..many {
            // Some take several messages of PostgreSQL.
            let data = format!("{} {}", told.len(), "x".repeat(told.len() % 7 * 2000));
            let node = &nodes[told.len() % 2];
            assert!(node.publish(&path, &token, "load", &data));
            told.push(data);
        }
    };
    // Until both hear by NATS, and of each other that they do, PostgreSQL carries.
    let mut carried: u64 = 0;
    let mut comes_by_nats = |publish: &mut dyn FnMut(usize)| {
        let began = Instant::now();
        while by_nats() < carried + 50 {
            assert!(began.elapsed() < Duration::from_mins(1), "NATS carries nothing");
            publish(10);
        }
        carried = by_nats();
    };
    comes_by_nats(&mut publish);
    nats.fall_silent();
    publish(20);
    nats.speak_again();
    comes_by_nats(&mut publish);
    nats.kill();
    publish(20);
    nats.restart();
    comes_by_nats(&mut publish);
    let last = told.len();
    for heard in heard {
        until("all is heard", || heard.all().len() >= last);
        let mut heard = heard.all();
        let place = |data: &String| data.split(' ').next().unwrap().parse::<usize>().unwrap();
        heard.sort_by_key(place);
        assert!(heard == told, "each once, and whole");
    }
}
