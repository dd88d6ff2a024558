//! Load by wrk: two threads, 32 connections.

use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use super::process::{Killed, kept_alive_by_us};

/// Connections of every load; callers of the baselines without HTTP.
pub(super) const CONNECTIONS: usize = 32;
const THREADS: usize = 2;

/// What wrk tells of a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Load {
    pub(super) per_second: f64,
    /// Milliseconds below which 99 of 100 answers came.
    pub(super) p99: f64,
}

/// A request that is sent again and again.
#[derive(Clone, Debug)]
pub(super) struct Shot {
    /// Whole address.
    pub(super) url: String,
    /// Value of the `Authorization` header.
    pub(super) bearer: Option<String>,
    /// Lua that makes something else of it than a `GET`.
    pub(super) script: Option<PathBuf>,
}

impl Shot {
    /// A `GET` with a token.
    pub(super) fn get(url: String, token: &str) -> Self {
        Self { url, bearer: Some(token.to_owned()), script: None }
    }

    /// A form; its script is written into `folder`. Fields must need no encoding.
    pub(super) fn form(url: String, fields: &[(&str, &str)], folder: &Path) -> Result<Self, String> {
        let body: Vec<_> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let lua = format!(
            "wrk.method = \"POST\"\nwrk.body = \"{}\"\n\
             wrk.headers[\"Content-Type\"] = \"application/x-www-form-urlencoded\"\n",
            body.join("&")
        );
        let script = folder.join(format!("{}.lua", fields[0].1));
        std::fs::write(&script, lua).map_err(|e| format!("{}: {e}", script.display()))?;
        Ok(Self { url, bearer: None, script: Some(script) })
    }

    /// Sends it for so many seconds, from as many connections as answers allow. An answer that is an error fails the
    /// measurement.
    pub(super) fn fire(&self, seconds: u64) -> Result<Load, String> {
        let output = self.start(seconds)?.wait()?;
        parse(&output).map_err(|why| format!("wrk {}: {why}", self.url))
    }

    /// Begins to send it.
    pub(super) fn start(&self, seconds: u64) -> Result<Firing, String> {
        let mut command = kept_alive_by_us("wrk".as_ref());
        command.args(["--latency", "--timeout", "30s"]).arg(format!("-t{THREADS}"));
        command.arg(format!("-c{CONNECTIONS}")).arg(format!("-d{seconds}s"));
        if let Some(token) = &self.bearer {
            command.arg("-H").arg(format!("Authorization: Bearer {token}"));
        }
        if let Some(script) = &self.script {
            command.arg("-s").arg(script);
        }
        let child = command.arg(&self.url).stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
        Ok(Firing(Killed(child.map_err(|e| format!("wrk cannot be run: {e}"))?)))
    }
}

/// A running wrk.
pub(super) struct Firing(Killed);

impl Firing {
    fn wait(mut self) -> Result<String, String> {
        let child: &mut Child = &mut self.0.0;
        let mut output = String::new();
        if let Some(mut stdout) = child.stdout.take() {
            std::io::Read::read_to_string(&mut stdout, &mut output).map_err(|e| e.to_string())?;
        }
        let ended = child.wait().map_err(|e| e.to_string())?;
        if ended.success() { Ok(output) } else { Err(format!("wrk failed: {output}")) }
    }

    /// Waits for its end.
    pub(super) fn load(self) -> Result<Load, String> {
        parse(&self.wait()?)
    }
}

/// Reads what wrk prints with `--latency`.
fn parse(output: &str) -> Result<Load, String> {
    let value_of = |name: &str| output.lines().find_map(|line| line.trim().strip_prefix(name)).map(str::trim);
    for trouble in ["Non-2xx or 3xx responses:", "Socket errors:"] {
        if let Some(what) = value_of(trouble) {
            return Err(format!("{trouble} {what}"));
        }
    }
    let per_second = value_of("Requests/sec:").and_then(|text| text.parse().ok());
    let p99 = value_of("99%").and_then(milliseconds);
    match (per_second, p99) {
        (Some(per_second), Some(p99)) if per_second > 0.0 => Ok(Load { per_second, p99 }),
        _ => Err(format!("nothing was answered:\n{output}")),
    }
}

/// A time as wrk writes it, in milliseconds.
fn milliseconds(text: &str) -> Option<f64> {
    let unit = text.find(|c: char| c.is_ascii_alphabetic())?;
    let value: f64 = text[..unit].parse().ok()?;
    match &text[unit..] {
        "us" => Some(value / 1000.0),
        "ms" => Some(value),
        "s" => Some(value * 1000.0),
        "m" => Some(value * 60_000.0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "Running 3s test @ http://127.0.0.1:8080/v1/products/1001
  2 threads and 32 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   345.29us  273.74us   7.05ms   94.43%
    Req/Sec    47.23k     3.03k   52.77k    68.85%
  Latency Distribution
     50%  301.00us
     75%  384.00us
     90%  512.00us
     99%    1.31ms
  286650 requests in 3.05s, 60.14MB read
Requests/sec:  94039.99
Transfer/sec:     19.73MB
";

    #[test]
    fn requests_and_the_99th_percentile_are_read() {
        assert_eq!(parse(GOOD), Ok(Load { per_second: 94_039.99, p99: 1.31 }));
    }

    #[test]
    fn answers_that_are_errors_are_no_measurement() {
        let refused = GOOD.replace("Requests/sec:", "  Non-2xx or 3xx responses: 12\nRequests/sec:");
        assert_eq!(parse(&refused), Err("Non-2xx or 3xx responses: 12".into()));
        let cut = GOOD.replace(
            "Requests/sec:",
            "  Socket errors: connect 0, read 3, write 0, timeout 0\nRequests/sec:",
        );
        assert!(parse(&cut).is_err());
        assert!(parse("").is_err());
        assert!(parse(&GOOD.replace("94039.99", "0.00")).is_err());
    }

    #[test]
    fn times_come_in_four_units() {
        let bits = |text| milliseconds(text).map(f64::to_bits);
        assert_eq!(bits("250.00us"), Some(0.25_f64.to_bits()));
        assert_eq!(bits("1.31ms"), Some(1.31_f64.to_bits()));
        assert_eq!(bits("1.50s"), Some(1500.0_f64.to_bits()));
        assert_eq!(bits("2.00m"), Some(120_000.0_f64.to_bits()));
        assert_eq!(bits("12"), None);
    }
}
