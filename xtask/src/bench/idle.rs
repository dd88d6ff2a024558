//! What is seen first: how fast it starts, and how little it takes.

use std::time::Duration;

use super::process::{Server, milliseconds_to_answer};
use super::table::{Figure, Goal, Row};
use super::workshop::Workshop;

/// How long a server is left alone before it counts as idle.
const SETTLED: Duration = Duration::from_secs(3);

pub(super) fn measure(shop: &Workshop) -> Result<Vec<Row>, String> {
    let folder = shop.folder("idle")?;
    // With an account and a product in it, as a server has that is started again.
    let server = shop.serve(&folder)?;
    shop.people(&server)?;
    server.stop()?;
    let server = Server::start(shop.mote(&folder), &folder)?;
    std::thread::sleep(SETTLED);
    let memory = server.memory()?;
    server.stop()?;
    let mut started = 0;
    let [empty, warm] = shop.rounds(["start in ms: empty folder", "warm folder"], || {
        started += 1;
        let new = shop.folder(&format!("empty-{started}"))?;
        Ok([
            milliseconds_to_answer(shop.mote(&new), &new)?,
            milliseconds_to_answer(shop.mote(&folder), &folder)?,
        ])
    })?;
    let start = |of: &str, measured, bound| {
        let goal = Goal::Below(Figure::Milliseconds(bound));
        Row::alone(format!("start to first answer, {of} folder"), Figure::Milliseconds(measured), goal)
    };
    Ok(vec![
        Row::alone("memory, idle", Figure::Mebibytes(memory), Goal::Below(Figure::Mebibytes(20.0))),
        start("warm", warm, 30.0),
        start("empty", empty, 300.0),
    ])
}
