//! Streams of events: how many events a second arrive on one and on a thousand, how late, and what ten thousand that hear
//! nothing take.

use std::process::Command;

use super::process::{Server, kept_alive_by_us, values_of};
use super::table::{Figure, Goal, Row};
use super::workshop::{People, Workshop, number};

const MANY: usize = 1000;
const IDLE: usize = 10_000;
/// Files that the server and its listeners may have open: a socket for each stream.
const FILES: &str = "--nofile=32768:32768";

pub(super) fn measure(shop: &Workshop) -> Result<Vec<Row>, String> {
    let folder = shop.folder("streams")?;
    let server = Server::start(with_files(&shop.first_start(&folder)), &folder)?;
    let people = shop.people(&server)?;
    let mut rows = Vec::new();
    for streams in [1, MANY] {
        rows.extend(beside_a_channel(shop, &server, &people, streams)?);
    }
    rows.push(idle(shop, &folder, &server, &people)?);
    Ok(rows)
}

fn beside_a_channel(
    shop: &Workshop,
    server: &Server,
    people: &People,
    streams: usize,
) -> Result<[Row; 2], String> {
    let seconds = shop.seconds.to_string();
    let of = |command: Command| {
        let values = values_of(command)?;
        Ok::<_, String>((number(&values, "events-per-second")?, number(&values, "p99-milliseconds")?))
    };
    let names = ["a channel: events/s", "p99 in ms", "streams: events/s", "p99 in ms"];
    println!("   {streams} streams");
    let [base, base_p99, measured, p99] = shop.rounds(names, || {
        let mut channel = shop.helper("channel");
        channel.args(["--streams", &streams.to_string(), "--seconds", &seconds]);
        let (base, base_p99) = of(channel)?;
        let mut through = target(shop, "streams", server, people, streams);
        through.args(["--seconds", &seconds]);
        let (measured, p99) = of(with_files(&through))?;
        Ok([base, base_p99, measured, p99])
    })?;
    let name = |what| format!("one publisher, {streams} open streams: {what}");
    let channel = |of| format!("a channel alone: {of}");
    Ok([
        Row::beside(
            name("events arriving"),
            Figure::PerSecond(measured),
            channel("events"),
            Figure::PerSecond(base),
            Goal::None,
        ),
        Row::beside(
            name("p99 of the delay"),
            Figure::Milliseconds(p99),
            channel("p99"),
            Figure::Milliseconds(base_p99),
            Goal::None,
        ),
    ])
}

fn idle(shop: &Workshop, folder: &std::path::Path, server: &Server, people: &People) -> Result<Row, String> {
    let before = server.memory()?;
    let listeners = with_files(&target(shop, "idle-streams", server, people, IDLE));
    let listeners = Server::start(listeners, folder)?;
    let taken = server.memory()? - before;
    println!("   {IDLE} idle streams: {taken:.1} MiB");
    drop(listeners);
    let name = format!("memory of {IDLE} open streams that hear nothing");
    Ok(Row::alone(name, Figure::Mebibytes(taken), Goal::None))
}

fn target(shop: &Workshop, task: &str, server: &Server, people: &People, streams: usize) -> Command {
    let mut command = shop.helper(task);
    command.arg(&server.url).args(["--product", &people.product, "--client", &people.client]);
    command.args(["--secret", &people.secret, "--streams", &streams.to_string()]);
    command
}

/// The same program, with files enough.
fn with_files(command: &Command) -> Command {
    let mut wrapped = kept_alive_by_us("prlimit".as_ref());
    wrapped.args([FILES, "--"]).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => wrapped.env(name, value),
            None => wrapped.env_remove(name),
        };
    }
    wrapped
}
