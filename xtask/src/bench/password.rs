//! User tokens for passwords, and what a flood of sign-ins does to everybody else.

use std::process::{Command, Stdio};

use super::process::{Killed, kept_alive_by_us, values_of};
use super::table::{Figure, Goal, Row};
use super::workshop::{EMAIL, PASSWORD, Workshop, number};
use super::wrk::Shot;

pub(super) fn measure(shop: &Workshop) -> Result<Vec<Row>, String> {
    let folder = shop.folder("password")?;
    let server = shop.serve(&folder)?;
    let people = shop.people(&server)?;
    let fields = [
        ("grant_type", "password"),
        ("client_id", "particle"),
        ("client_secret", "particle"),
        ("username", EMAIL),
        ("password", PASSWORD),
    ];
    let sign_in = Shot::form(format!("{}/oauth/token", server.url), &fields, &folder)?;
    let check = Shot::get(format!("{}/v1/products/{}", server.url, people.product), &people.token);
    // As many as the server has, which leaves a core to its other work.
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = cores.saturating_sub(1).max(1);
    let hash = |seconds: u64| {
        let mut command = shop.helper("hash");
        command.arg(folder.join("data/mote.db")).args(["--email", EMAIL]);
        command.args(["--threads", &threads.to_string(), "--seconds", &seconds.to_string()]);
        command
    };
    let names = [
        "Argon2id",
        "sign-ins",
        "p99 of checks in ms: quiet",
        "during sign-ins",
        "beside as much hashing by another program",
    ];
    let [baseline, measured, quiet, during, beside] = shop.rounds(names, || {
        let hashes = number(&values_of(hash(shop.seconds))?, "hashes-per-second")?;
        let sign_ins = sign_in.fire(shop.seconds)?.per_second;
        let quiet = check.fire(shop.seconds)?.p99;
        let flood = sign_in.start(shop.seconds + 1)?;
        let during = check.fire(shop.seconds)?.p99;
        flood.load()?;
        // What is left of the server in it: the machine shares its cores with whatever hashes, as low as that stands.
        let other = Killed(last_of_all(&hash(shop.seconds + 1)).spawn().map_err(|e| e.to_string())?);
        let beside = check.fire(shop.seconds)?.p99;
        drop(other);
        Ok([hashes, sign_ins, quiet, during, beside])
    })?;
    Ok(vec![
        Row::beside(
            "`POST /oauth/token`, password",
            Figure::PerSecond(measured),
            format!("Argon2id on {threads} of {cores} cores"),
            Figure::PerSecond(baseline),
            Goal::RatioAtLeast(0.9),
        ),
        Row::beside(
            "`GET /v1/products/:p` during sign-ins, p99",
            Figure::Milliseconds(during),
            "without sign-ins",
            Figure::Milliseconds(quiet),
            Goal::RatioAtMost(2.0),
        ),
        Row::beside(
            "the same",
            Figure::Milliseconds(during),
            "beside a program that hashes, at the lowest priority there is",
            Figure::Milliseconds(beside),
            Goal::None,
        ),
    ])
}

/// The same command, run when nothing else wants the core.
fn last_of_all(command: &Command) -> Command {
    let mut last = kept_alive_by_us("chrt".as_ref());
    last.args(["--idle", "0"]).arg(command.get_program()).args(command.get_args()).stdout(Stdio::null());
    last
}
