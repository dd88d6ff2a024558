//! What a million living tokens take: memory, when a tenth of them is in use, and room in the store.

use std::path::Path;

use super::process::{Server, values_of};
use super::table::{Figure, Goal, Row};
use super::workshop::{EMAIL, Workshop, number};
use super::wrk::Shot;

pub(super) fn measure(shop: &Workshop) -> Result<Vec<Row>, String> {
    let folder = shop.folder("tokens")?;
    let server = shop.serve(&folder)?;
    let people = shop.people(&server)?;
    server.stop()?;
    println!("   making {} tokens of a product", shop.large);
    let used = shop.large / 10;
    let shown = folder.join("used");
    let count = shop.large.to_string();
    let mut fill = shop.helper("tokens");
    fill.arg(folder.join("data")).args(["--client", &people.client, "--count", &count]);
    fill.args(["--show", &used.to_string(), "--into"]).arg(&shown);
    let of_product = number(&values_of(fill)?, "bytes-per-token")?;

    let server = shop.serve(&folder)?;
    use_each(&server, &people.product, &shown, used, &folder)?;
    let memory = server.memory()?;
    server.stop()?;

    println!("   making {} tokens of an account", shop.large);
    let mut fill = shop.helper("tokens");
    fill.arg(folder.join("data")).args(["--email", EMAIL, "--count", &count]);
    let of_account = number(&values_of(fill)?, "bytes-per-token")?;
    let bytes = |whose: &str, bytes| {
        let goal = Goal::AtMost(Figure::Bytes(300.0));
        Row::alone(format!("store, per token of {whose}"), Figure::Bytes(bytes), goal)
    };
    Ok(vec![
        Row::alone(
            format!("memory with {count} tokens, {used} of them used"),
            Figure::Mebibytes(memory),
            Goal::Below(Figure::Mebibytes(100.0)),
        ),
        bytes("a product", of_product),
        bytes("an account", of_account),
    ])
}

/// Sends a request with each of the tokens in the file, until the server says that it knows them all.
fn use_each(server: &Server, product: &str, file: &Path, count: u32, folder: &Path) -> Result<(), String> {
    let script = folder.join("tokens.lua");
    let lua = format!(
        r#"
local threads = 0
function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end
function init()
  requests, at = {{}}, 0
  local line = 0
  for token in io.lines("{}") do
    if line % 2 == number then
      requests[#requests + 1] = wrk.format("GET", nil, {{ Authorization = "Bearer " .. token }})
    end
    line = line + 1
  end
end
function request()
  at = at % #requests + 1
  return requests[at]
end
"#,
        file.display()
    );
    std::fs::write(&script, lua).map_err(|e| format!("{}: {e}", script.display()))?;
    let url = format!("{}/v1/products/{product}", server.url);
    let request = Shot { url, bearer: None, script: Some(script) };
    for seconds in [10, 20, 40, 80] {
        request.fire(seconds)?;
        let known = grants_in_memory(&server.get("/metrics", None)?);
        println!("   {known} tokens used");
        if known >= count {
            return Ok(());
        }
    }
    Err(format!("the server never knew {count} tokens"))
}

fn grants_in_memory(metrics: &str) -> u32 {
    let value = metrics.lines().find_map(|line| line.strip_prefix("mote_grants_in_memory "));
    value.and_then(|value| value.trim().parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_grants_is_read() {
        let metrics = "# TYPE mote_grants_in_memory gauge\nmote_grants_in_memory 100000\n# EOF\n";
        assert_eq!(grants_in_memory(metrics), 100_000);
        assert_eq!(grants_in_memory("# EOF\n"), 0);
    }
}
