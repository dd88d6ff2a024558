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

/// One who keeps his connections open from request to request.
#[derive(Clone, Debug)]
pub struct Caller {
    agent: ureq::Agent,
}

impl Default for Caller {
    fn default() -> Self {
        let longest = Some(std::time::Duration::from_mins(1));
        let config = ureq::Agent::config_builder().http_status_as_error(false).timeout_global(longest);
        Self { agent: config.build().into() }
    }
}

impl Caller {
    /// Sends a request; any status is an answer.
    ///
    /// # Errors
    /// Where the connection fails, as it does when the server is killed.
    pub fn call(&self, request: &Request<'_>) -> Result<Answer, ureq::Error> {
        let encoded: Vec<_> =
            request.form.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        let encoded = encoded.join("&");
        let body = ("application/x-www-form-urlencoded", encoded.as_bytes());
        let body = (!request.form.is_empty()).then_some(body);
        let authorization = request.authorization.as_deref();
        let (status, bytes) = self.exchange(request.method, &request.url, authorization, body)?;
        Ok(Answer { status, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null) })
    }

    /// The same with bodies of any kind: sends a media type and bytes, if there are some, and gives the status and the
    /// bytes that came back.
    ///
    /// # Errors
    /// Where the connection fails, as it does when the server is killed.
    pub fn exchange(
        &self,
        method: &str,
        url: &str,
        authorization: Option<&str>,
        body: Option<(&str, &[u8])>,
    ) -> Result<(u16, Vec<u8>), ureq::Error> {
        let mut builder = ureq::http::Request::builder().method(method).uri(url);
        if let Some(value) = authorization {
            builder = builder.header("authorization", value);
        }
        let mut answer = match body {
            None => self.agent.run(builder.body(())?)?,
            Some((media_type, bytes)) => {
                self.agent.run(builder.header("content-type", media_type).body(bytes)?)?
            }
        };
        Ok((answer.status().as_u16(), answer.body_mut().read_to_vec()?))
    }
}

/// Sends one request on a connection of its own.
///
/// # Errors
/// As [`Caller::call`].
pub fn call(request: &Request<'_>) -> Result<Answer, ureq::Error> {
    Caller::default().call(request)
}

/// The same of bodies of any kind.
///
/// # Errors
/// As [`Caller::exchange`].
pub fn exchange(
    method: &str,
    url: &str,
    authorization: Option<&str>,
    body: Option<(&str, &[u8])>,
) -> Result<(u16, Vec<u8>), ureq::Error> {
    Caller::default().exchange(method, url, authorization, body)
}

fn encode(text: &str) -> String {
    text.bytes()
        .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}
