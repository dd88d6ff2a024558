//! Streams of events: how many events a second arrive on one and on a thousand, how late, and what ten thousand that hear
//! nothing take.

use std::process::Command;
use std::time::Duration;

use super::process::{Server, kept_alive_by_us, values_of};
use super::table::{Figure, Goal, Row};
use super::workshop::{People, Workshop, number};

const MANY: usize = 1000;
const IDLE: usize = 10_000;
/// Files that a program has open beside its streams, at most.
const OTHER_FILES: usize = 200;
/// How long a server is left alone before its memory counts.
const SETTLED: Duration = Duration::from_secs(3);

pub(super) fn measure(shop: &Workshop) -> Result<Vec<Row>, String> {
    let folder = shop.folder("streams")?;
    let server = Server::start(with_files(&shop.first_start(&folder))?, &folder)?;
    let people = shop.people(&server)?;
    let mut rows = Vec::new();
    for streams in [1, MANY] {
        rows.extend(beside_a_channel(shop, &server, &people, streams)?);
    }
    server.stop()?;
    rows.push(idle(shop)?);
    Ok(rows)
}

/// Files that a program of ours may have open at most, as the system lets it raise that itself.
fn most_files() -> Result<usize, String> {
    let limits =
        std::fs::read_to_string("/proc/self/limits").map_err(|e| format!("/proc/self/limits: {e}"))?;
    hard_limit(&limits).ok_or_else(|| "/proc/self/limits has no limit of open files".to_owned())
}

fn hard_limit(limits: &str) -> Option<usize> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    match line.split_whitespace().nth(1)? {
        "unlimited" => Some(usize::MAX),
        number => number.parse().ok(),
    }
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
        let (measured, p99) = of(with_files(&through)?)?;
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

fn idle(shop: &Workshop) -> Result<Row, String> {
    let folder = shop.folder("idle-streams")?;
    // Started again: what signing in and other streams took once would hide a part of what these take.
    let server = shop.serve(&folder)?;
    let people = shop.people(&server)?;
    server.stop()?;
    let mut command = shop.mote(&folder);
    // Streams may hold four fifths of these.
    command.args(["--max-connections", &(2 * IDLE).to_string()]);
    let server = Server::start(with_files(&command)?, &folder)?;
    std::thread::sleep(SETTLED);
    // Where the system does not let us have so many files open, as many streams as it does.
    let streams = IDLE.min(most_files()?.saturating_sub(OTHER_FILES));
    let before = server.memory()?;
    let listeners = with_files(&target(shop, "idle-streams", &server, &people, streams))?;
    let listeners = Server::start(listeners, &folder)?;
    let after = server.memory()?;
    println!("   {streams} idle streams: {before:.1} MiB before, {after:.1} MiB with them");
    drop(listeners);
    let files = files()?;
    let name = format!("memory per idle stream, {streams} of them, with up to {files} open files");
    Ok(Row::alone(name, Figure::Bytes(each(after - before, streams)), Goal::None))
}

/// Bytes of each, of so many MiB.
#[expect(clippy::cast_precision_loss, reason = "some thousands")]
fn each(mebibytes: f64, streams: usize) -> f64 {
    mebibytes * 1_048_576.0 / streams as f64
}

fn target(shop: &Workshop, task: &str, server: &Server, people: &People, streams: usize) -> Command {
    let mut command = shop.helper(task);
    command.arg(&server.url).args(["--product", &people.product, "--client", &people.client]);
    command.args(["--secret", &people.secret, "--streams", &streams.to_string()]);
    command
}

/// Files that servers and listeners may have open here.
fn files() -> Result<usize, String> {
    Ok(most_files()?.min(4 * IDLE))
}

/// The same program, with as many files as the system lets it open: a socket for each stream.
fn with_files(command: &Command) -> Result<Command, String> {
    let most = files()?;
    let mut wrapped = kept_alive_by_us("prlimit".as_ref());
    wrapped.arg(format!("--nofile={most}:")).arg("--").arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => wrapped.env(name, value),
            None => wrapped.env_remove(name),
        };
    }
    Ok(wrapped)
}

#[cfg(test)]
mod tests {
    use super::{each, hard_limit};

    #[test]
    fn memory_is_shared_among_the_streams() {
        assert_eq!(each(200.0, 10_000).to_bits(), 20_971.52_f64.to_bits());
    }

    #[test]
    fn the_hard_limit_of_open_files_is_read() {
        let head = "Limit                     Soft Limit           Hard Limit           Units\n";
        let line = |hard| {
            format!("{head}Max open files            1024                 {hard}               files\n")
        };
        assert_eq!(hard_limit(&line("4096")), Some(4096));
        assert_eq!(hard_limit(&line("unlimited")), Some(usize::MAX));
        assert_eq!(hard_limit(head), None);
    }
}
