//! A request of an integration and what came of it, for people.

use std::fmt::Write;

use mote_core::Moment;
use serde_json::Value;

use crate::page::{Shown, shown};

/// An entry of an integration's log, in texts.
pub(super) struct Delivery {
    pub(super) at: Option<Shown>,
    pub(super) success: bool,
    pub(super) event: String,
    pub(super) data: String,
    pub(super) device: String,
    /// The request, as it went over the wire but for what is secret; empty where there was none.
    pub(super) request: String,
    /// The answer, if there was one.
    pub(super) response: String,
    pub(super) error: String,
}

impl Delivery {
    pub(super) fn of(entry: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Self {
            at: entry["time"].as_str().and_then(Moment::from_iso).map(shown),
            success: entry["success"] == true,
            event: text(&entry["event"]["name"]),
            data: text(&entry["event"]["data"]),
            device: text(&entry["event"]["device_id"]),
            request: request(&entry["request"]),
            response: response(&entry["response"]),
            error: text(&entry["error"]),
        }
    }
}

fn request(entry: &Value) -> String {
    let (Some(method), Some(url)) = (entry["method"].as_str(), entry["url"].as_str()) else {
        return String::new();
    };
    let headers = entry["headers"].as_object().into_iter().flatten();
    let headers = headers.map(|(name, value)| (name.as_str(), value.as_str().unwrap_or_default()));
    request_text(method, url, headers, entry["body"].as_str().unwrap_or_default())
}

/// A request in the manner of HTTP.
pub(super) fn request_text<'a>(
    method: &str,
    url: &str,
    headers: impl Iterator<Item = (&'a str, &'a str)>,
    body: &str,
) -> String {
    let mut text = format!("{method} {url}\n");
    for (name, value) in headers {
        let _ = writeln!(text, "{name}: {value}");
    }
    if !body.is_empty() {
        let _ = write!(text, "\n{body}");
    }
    text
}

fn response(entry: &Value) -> String {
    let Some(status) = entry["status"].as_u64() else { return String::new() };
    let body = entry["body"].as_str().unwrap_or_default();
    if body.is_empty() { status.to_string() } else { format!("{status}\n\n{body}") }
}
