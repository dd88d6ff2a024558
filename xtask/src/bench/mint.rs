//! Product bearer tokens for client credentials, each durable before its answer.

use super::process::values_of;
use super::table::{Figure, Goal, Row};
use super::workshop::{Workshop, number};
use super::wrk::{CONNECTIONS, Shot};

pub(super) fn measure(shop: &Workshop) -> Result<Vec<Row>, String> {
    let folder = shop.folder("mint")?;
    let server = shop.serve(&folder)?;
    let people = shop.people(&server)?;
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", people.client.as_str()),
        ("client_secret", people.secret.as_str()),
    ];
    let request = Shot::form(format!("{}/oauth/token", server.url), &fields, &folder)?;
    let write = || {
        let mut command = shop.helper("commit");
        command.arg(folder.join("commit.db")).args(["--callers", &CONNECTIONS.to_string()]);
        command.args(["--seconds", &shop.seconds.to_string()]);
        number(&values_of(command)?, "rows-per-second")
    };
    let [baseline, measured, p99] = shop.rounds(["group commit", "mint", "p99 in ms"], || {
        let rows = write()?;
        let load = request.fire(shop.seconds)?;
        Ok([rows, load.per_second, load.p99])
    })?;
    let name = "`POST /oauth/token`, client_credentials";
    Ok(vec![
        Row::beside(
            name,
            Figure::PerSecond(measured),
            "group commit",
            Figure::PerSecond(baseline),
            Goal::RatioAtLeast(0.5),
        ),
        Row::alone(
            format!("{name}, on two quiet cores"),
            Figure::PerSecond(measured),
            Goal::AtLeast(Figure::PerSecond(15_000.0)),
        ),
        Row::alone(
            format!("{name}, p99"),
            Figure::Milliseconds(p99),
            Goal::Below(Figure::Milliseconds(20.0)),
        ),
    ])
}
