//! Notices are read once each, in whichever order their writers commit.

use diesel::connection::SimpleConnection;
use mote_store::notices::{self, News};
use mote_store::{Db, Location, Store, Wire, nodes};
use mote_testkit::postgres::Database;

const NODE: i32 = 7;

fn postgres() -> (Store, Database) {
    let database = Database::new();
    (Store::open(&Location::Postgres(database.url())).unwrap(), database)
}

fn do_sql(wire: &mut Wire, sql: &str) {
    wire.db().batch_execute(sql).unwrap();
}

fn write(wire: &mut Wire, body: &str) {
    notices::insert(wire.db(), NODE, &[body.to_owned()]).unwrap();
}

/// One who reads as a node does: what he read already does not count.
struct Reader {
    wire: Wire,
    next: i64,
    seen: Vec<i64>,
}

impl Reader {
    fn new(store: &Store) -> Self {
        let mut wire = store.wire().unwrap();
        let next = notices::start(wire.db()).unwrap();
        Self { wire, next, seen: Vec::new() }
    }

    fn read(&mut self) -> Vec<String> {
        let News { rows, next } = notices::since(self.wire.db(), self.next, 10_000).unwrap();
        let new =
            rows.iter().filter(|row| !self.seen.contains(&row.id)).map(|row| row.body.clone()).collect();
        (self.seen, self.next) = (rows.iter().map(|row| row.id).collect(), next);
        new
    }
}

#[test]
fn who_commits_late_is_read_though_others_were_read_before() {
    let (store, _database) = postgres();
    let mut reader = Reader::new(&store);
    let (mut slow, mut quick) = (store.wire().unwrap(), store.wire().unwrap());
    do_sql(&mut slow, "BEGIN");
    write(&mut slow, "slow");
    write(&mut quick, "quick");
    assert_eq!(reader.read(), ["quick"], "its number is the higher one");
    // One that began to read meanwhile is not told less.
    let mut late = Reader::new(&store);
    write(&mut quick, "next");
    assert_eq!(reader.read(), ["next"]);
    assert!(reader.read().is_empty());
    do_sql(&mut slow, "COMMIT");
    assert_eq!(reader.read(), ["slow"]);
    assert!(reader.read().is_empty());
    assert!(late.read().contains(&"slow".to_owned()));
    write(&mut quick, "last");
    assert_eq!((reader.read(), late.read()), (vec!["last".to_owned()], vec!["last".to_owned()]));
    // What is behind is not read for ever; what is under way in the databases of other tests keeps it for a while.
    while !reader.seen.is_empty() {
        assert!(reader.read().is_empty());
    }
}

#[test]
fn many_who_write_at_once_are_read_once_each() {
    let (store, _database) = postgres();
    let mut reader = Reader::new(&store);
    let writers: Vec<_> = (0..8)
        .map(|writer| {
            let mut wire = store.wire().unwrap();
            std::thread::spawn(move || {
                for number in 0..50 {
                    do_sql(&mut wire, "BEGIN");
                    write(&mut wire, &format!("{writer}/{number}"));
                    do_sql(&mut wire, if number % 10 == 9 { "ROLLBACK" } else { "COMMIT" });
                }
            })
        })
        .collect();
    let mut read = Vec::new();
    while !writers.iter().all(std::thread::JoinHandle::is_finished) {
        read.extend(reader.read());
    }
    for writer in writers {
        writer.join().unwrap();
    }
    read.extend(reader.read());
    assert_eq!(read.len(), 8 * 45);
    read.sort();
    read.dedup();
    assert_eq!(read.len(), 8 * 45, "none was read twice");
}

#[test]
fn whoever_listens_is_told() {
    let (store, _database) = postgres();
    let (mut ear, mut writer) = (store.wire().unwrap(), store.wire().unwrap());
    ear.listen(notices::CHANNEL).unwrap();
    ear.listen(nodes::EVENTS).unwrap();
    assert!(ear.heard().unwrap().is_empty());
    notices::ring(writer.db()).unwrap();
    let heard = std::iter::repeat_with(|| ear.heard().unwrap()).find(|heard| !heard.is_empty());
    assert_eq!(heard.unwrap()[0].channel, notices::CHANNEL);
    let messages = vec!["é".repeat(nodes::LARGEST_MESSAGE / 2), "second".to_owned()];
    nodes::send(writer.db(), &messages).unwrap();
    let mut heard = Vec::new();
    while heard.len() < 2 {
        heard.extend(ear.heard().unwrap().into_iter().map(|message| message.text));
    }
    assert_eq!(heard, messages, "in their order");
}

#[test]
fn a_node_is_known_for_as_long_as_its_connection_lives() {
    let (store, _database) = postgres();
    let (mut one, mut two) = (store.wire().unwrap(), store.wire().unwrap());
    let numbers = |wire: &mut Wire| {
        let mut living = nodes::living(wire.db()).unwrap();
        living.sort_by_key(|node| node.number);
        living.iter().map(|node| (node.number, node.on_nats)).collect::<Vec<_>>()
    };
    assert!(nodes::join(one.db(), 1).unwrap() && nodes::join(two.db(), 2).unwrap());
    assert!(!nodes::join(two.db(), 1).unwrap(), "that is another one");
    assert!(nodes::lead(one.db()).unwrap() && !nodes::lead(two.db()).unwrap());
    assert!(nodes::join_nats(one.db(), 1).unwrap());
    assert_eq!(numbers(&mut two), [(1, true), (2, false)]);
    nodes::leave_nats(one.db(), 1).unwrap();
    assert_eq!(numbers(&mut two), [(1, false), (2, false)]);
    drop(one);
    while numbers(&mut two) != [(2, false)] {}
    assert!(nodes::lead(two.db()).unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn on_both_engines_notices_are_read_from_the_start_on_and_swept_by_age() {
    let folder = tempfile::tempdir().unwrap();
    let database = tokio::task::spawn_blocking(Database::new).await.unwrap();
    for location in [Location::Sqlite(folder.path().join("mote.db")), Location::Postgres(database.url())] {
        let store = Store::open(&location).unwrap();
        let insert = |body: &'static str| {
            store.write(move |db: &mut Db| notices::insert(db, NODE, &[body.to_owned(), body.to_owned()]))
        };
        insert("before").await.unwrap();
        let start = store.read(notices::start).await.unwrap();
        insert("after").await.unwrap();
        let news = store.read(move |db| notices::since(db, start, 100)).await.unwrap();
        // Where transactions are under way in the databases of other tests, some from before come along.
        let bodies = |news: &News, body| news.rows.iter().filter(|row| row.body == body).count();
        assert_eq!((bodies(&news, "after"), news.rows[0].node), (2, NODE));
        assert!(news.rows.is_sorted_by_key(|row| row.id));
        let few = store.read(move |db| notices::since(db, start, 1)).await.unwrap();
        assert_eq!(few.rows.len(), 1);
        assert_eq!(store.write(|db| notices::sweep(db, 60_000, 100)).await.unwrap(), 0, "all are young");
        assert_eq!(store.write(|db| notices::sweep(db, -1, 3)).await.unwrap(), 3);
        assert_eq!(store.write(|db| notices::sweep(db, -1, 3)).await.unwrap(), 1);
        // Numbers are not given out again.
        let next = news.next;
        insert("later").await.unwrap();
        let news = store.read(move |db| notices::since(db, next, 100)).await.unwrap();
        assert_eq!(bodies(&news, "later"), 2);
    }
}
