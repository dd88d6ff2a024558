//! A caller of a real server.

use serde_json::Value;

/// A request to a server.
#[derive(Debug)]
pub struct Request<'a> {
    /// `GET`, `POST`, …
    pub method: &'a str,
    /// Whole address.
    pub url: String,
    /// Value of the `Authorization` header.
    pub authorization: Option<String>,
    /// Form fields.
    pub form: &'a [(&'a str, &'a str)],
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// Status.
    pub status: u16,
    /// Body; null where it is no JSON.
    pub body: Value,
}

/// Sends a request; any status is an answer.
///
/// # Errors
/// Where the connection fails, as it does when the server is killed.
pub fn call(request: &Request<'_>) -> Result<Answer, ureq::Error> {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let mut builder = ureq::http::Request::builder().method(request.method).uri(&request.url);
    if let Some(value) = &request.authorization {
        builder = builder.header("authorization", value);
    }
    let mut answer = if request.form.is_empty() {
        agent.run(builder.body(())?)?
    } else {
        let encoded: Vec<_> =
            request.form.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        let builder = builder.header("content-type", "application/x-www-form-urlencoded");
        agent.run(builder.body(encoded.join("&"))?)?
    };
    let status = answer.status().as_u16();
    let text = answer.body_mut().read_to_string()?;
    Ok(Answer { status, body: serde_json::from_str(&text).unwrap_or(Value::Null) })
}

fn encode(text: &str) -> String {
    text.bytes()
        .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}
