//! User tokens for passwords, and what a flood of sign-ins does to everybody else.

use super::process::values_of;
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
    let hash = || {
        let mut command = shop.helper("hash");
        command.arg(folder.join("data/mote.db")).args(["--email", EMAIL]);
        command.args(["--threads", &threads.to_string(), "--seconds", &shop.seconds.to_string()]);
        number(&values_of(command)?, "hashes-per-second")
    };
    let names = ["Argon2id", "sign-ins", "p99 of checks in ms: quiet", "during sign-ins"];
    let [baseline, measured, quiet, during] = shop.rounds(names, || {
        let hashes = hash()?;
        let sign_ins = sign_in.fire(shop.seconds)?.per_second;
        let quiet = check.fire(shop.seconds)?.p99;
        let flood = sign_in.start(shop.seconds + 1)?;
        let during = check.fire(shop.seconds)?.p99;
        flood.load()?;
        Ok([hashes, sign_ins, quiet, during])
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
    ])
}
