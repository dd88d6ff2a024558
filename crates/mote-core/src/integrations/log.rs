//! What people see of a request and what came of it.

use std::borrow::Cow;

use http::HeaderMap;
use mote_outbound::{Answer, Request};
use serde_json::{Map, Value, json};

use super::event::HookEvent;
use super::hidden::is_secret_header;
use super::settings::MASK;
use crate::Moment;

/// Bytes of a body that are shown.
const SHOWN: usize = 2048;

/// A request as it is shown: without credentials.
pub(super) fn request(request: &Request) -> Value {
    json!({
        "method": request.method.as_str(),
        "url": request.url.as_str(),
        "headers": headers(&request.headers),
        "body": cut(&String::from_utf8_lossy(&request.body)),
    })
}

/// Headers as they are shown: without credentials.
pub(super) fn headers(headers: &HeaderMap) -> Map<String, Value> {
    let shown = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
        let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
        // Where a secret's place is marked already, the rest may be seen.
        let hidden = (value.is_sensitive() || is_secret_header(name.as_str())) && !text.contains(MASK);
        let text = if hidden { MASK.to_owned() } else { text };
        (name.as_str().to_owned(), Value::from(text))
    };
    headers.iter().map(shown).collect()
}

/// An answer as it is shown; `body` is its body without secrets.
pub(super) fn answer(answer: &Answer, body: &str) -> Value {
    json!({"status": answer.status.as_u16(), "body": cut(body)})
}

/// All of it.
pub(super) fn entry(
    event: &HookEvent,
    attempt: i16,
    now: Moment,
    request: &Value,
    response: &Value,
    error: Option<&str>,
) -> Value {
    json!({
        "time": now.to_iso(),
        "success": error.is_none(),
        "attempt": attempt,
        "event": {
            "name": event.written.name,
            "data": event.written.data.as_deref().map(cut),
            "device_id": event.core_id(),
            "published_at": Moment(event.written.published_at).to_iso(),
        },
        "request": request,
        "response": response,
        "error": error,
    })
}

/// The beginning of a text.
pub(super) fn cut(text: &str) -> Cow<'_, str> {
    if text.len() <= SHOWN {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("{}…", &text[..text.floor_char_boundary(SHOWN)]))
}
