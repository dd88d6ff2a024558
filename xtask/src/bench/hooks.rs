//! Webhooks: what those cost that an event is not for, and how fast others are delivered.

use std::process::Command;

use super::process::{Server, values_of};
use super::table::{Figure, Goal, Row};
use super::workshop::{People, Workshop, number};

const MANY: &str = "1000";

pub(super) fn measure(shop: &Workshop) -> Result<Vec<Row>, String> {
    Ok(vec![not_matching(shop)?, delivered(shop)?])
}

fn not_matching(shop: &Workshop) -> Result<Row, String> {
    let (quiet, hooked) = (shop.folder("no-hooks")?, shop.folder("hooks")?);
    let (quiet, hooked) = (shop.serve(&quiet)?, shop.serve(&hooked)?);
    let (people, others) = (shop.people(&quiet)?, shop.people(&hooked)?);
    let mut add = target(shop, "hooks", &hooked, &others);
    add.args(["--count", MANY]);
    values_of(add)?;
    let publish = |server, people| {
        let mut command = target(shop, "publish", server, people);
        command.args(["--seconds", &shop.seconds.to_string()]);
        number(&values_of(command)?, "events-per-second")
    };
    let names = ["published a second: without hooks", "with hooks that do not match"];
    let [without, with] =
        shop.rounds(names, || Ok([publish(&quiet, &people)?, publish(&hooked, &others)?]))?;
    let name = format!("`POST /v1/products/:p/events`, one publisher, {MANY} webhooks that do not match");
    Ok(Row::beside(name, Figure::PerSecond(with), "no webhooks", Figure::PerSecond(without), Goal::None))
}

fn delivered(shop: &Workshop) -> Result<Row, String> {
    let folder = shop.folder("deliveries")?;
    let mut command = shop.first_start(&folder);
    command.args(["--allow-hook-networks", "127.0.0.0/8"]);
    let server = Server::start(command, &folder)?;
    let names = ["bare requests a second", "deliveries"];
    let [bare, deliveries] = shop.rounds(names, || {
        // A product of its own for each round: the hooks of those before must not hear of it.
        let people = shop.people(&server)?;
        let mut deliver = target(shop, "deliver", &server, &people);
        deliver.args(["--seconds", &shop.seconds.to_string()]);
        let values = values_of(deliver)?;
        Ok([number(&values, "requests-per-second")?, number(&values, "deliveries-per-second")?])
    })?;
    Ok(Row::beside(
        "webhook deliveries, durable, to one host",
        Figure::PerSecond(deliveries),
        "bare requests to the receiver",
        Figure::PerSecond(bare),
        Goal::None,
    ))
}

fn target(shop: &Workshop, task: &str, server: &Server, people: &People) -> Command {
    let mut command = shop.helper(task);
    command.arg(&server.url).args(["--product", &people.product, "--token", &people.token]);
    command
}
