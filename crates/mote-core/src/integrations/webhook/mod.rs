//! Webhooks: what they are told, and the templates in it.

mod build;
mod payload;

use http::{HeaderName, HeaderValue, Method};
use mote_outbound::Guard;
use serde_json::{Map, Value};
use url::Url;

use super::fields::Fields;
use super::template::{Template, TemplateError};
use crate::Error;
use crate::names::VariableName;

pub(super) use build::BuildError;
pub(super) use payload::{Payload, Shape};

/// The settings of a webhook, as the API names them.
pub(super) const KNOWN: [&str; 18] = [
    "url",
    "requestType",
    "json",
    "form",
    "body",
    "query",
    "headers",
    "auth",
    "noDefaults",
    "rejectUnauthorized",
    "responseTopic",
    "errorResponseTopic",
    "responseTemplate",
    "unchunked",
    "dataUrlResponseEvent",
    "template",
    "parameters",
    "secrets",
];

/// Headers that say how the request travels, which is for the server alone to say.
const OF_THE_SERVER: [&str; 9] = [
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];
/// Bytes of an address at most.
const LONGEST_URL: usize = 4096;
/// Bytes of a topic at most, before it is filled in.
const LONGEST_TOPIC: usize = 256;
/// Secrets of one webhook at most.
const MOST_SECRETS: usize = 20;

/// A webhook, ready for use.
#[derive(Debug)]
pub(super) struct Webhook {
    url: Template,
    method: Method,
    payload: Payload,
    query: Vec<(Template, Template)>,
    headers: Vec<(Template, Template)>,
    auth: Option<(Template, Template)>,
    defaults: bool,
    verify: bool,
    pub(super) response_topic: Option<Template>,
    pub(super) error_topic: Option<Template>,
    pub(super) response_template: Option<Shape>,
    pub(super) answer_form: AnswerForm,
    pub(super) parameters: Map<String, Value>,
    pub(super) secrets: Vec<String>,
}

/// How an answer is passed on.
#[derive(Clone, Copy, Debug)]
pub(super) struct AnswerForm {
    /// In one event, whatever its length.
    pub(super) unchunked: bool,
    /// As a `data:` URL, which can hold what is no text.
    pub(super) data_url: bool,
}

/// Reads the settings of a webhook: of the right form, but not yet looked into.
pub(super) fn read(fields: &mut Fields) -> Result<Map<String, Value>, Error> {
    let mut settings = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        settings.extend(value.map(|value| (name.to_owned(), value)));
    };
    let url = fields.some_text("url", LONGEST_URL)?;
    put("url", Some(url.ok_or_else(|| Error::invalid("url", "is needed for a webhook"))?.into()));
    let method = fields.text("requestType", 10)?.unwrap_or_else(|| "POST".into()).to_ascii_uppercase();
    put("requestType", Some(method.into()));
    put("json", fields.any("json")?);
    put("body", fields.text("body", usize::MAX)?.map(Into::into));
    for name in ["form", "query", "headers", "auth"] {
        put(name, fields.pairs(name)?.map(Value::Object));
    }
    for name in ["noDefaults", "rejectUnauthorized", "unchunked", "dataUrlResponseEvent"] {
        put(name, fields.flag(name)?.map(Value::Bool));
    }
    for name in ["responseTopic", "errorResponseTopic"] {
        put(name, fields.text(name, LONGEST_TOPIC)?.filter(|text| !text.is_empty()).map(Into::into));
    }
    put("responseTemplate", fields.any("responseTemplate")?);
    put("template", fields.text("template", 200)?.map(Into::into));
    put("parameters", fields.any("parameters")?);
    put("secrets", fields.any("secrets")?);
    Ok(settings)
}

impl Webhook {
    /// Looks into settings that [`read`] read; with a guard, which may refuse the address, where they are new.
    pub(super) fn compile(settings: &Map<String, Value>, guard: Option<&Guard>) -> Result<Self, Error> {
        let text = |name: &'static str| settings.get(name).and_then(Value::as_str);
        let flag = |name: &str| settings.get(name).and_then(Value::as_bool);
        let method = match text("requestType") {
            Some("GET") => Method::GET,
            Some("POST") => Method::POST,
            Some("PUT") => Method::PUT,
            Some("DELETE") => Method::DELETE,
            _ => return Err(Error::invalid("requestType", "is GET, POST, PUT or DELETE")),
        };
        let optional = |name: &'static str| text(name).map(|text| template(name, text)).transpose();
        let url = text("url").unwrap_or_default();
        if let Some(guard) = guard {
            check_url(url, guard)?;
        }
        let headers = pairs("headers", settings)?;
        check_headers(&headers)?;
        Ok(Self {
            url: template("url", url)?,
            payload: Payload::compile(settings, &method)?,
            method,
            query: pairs("query", settings)?,
            headers,
            auth: auth(settings)?,
            defaults: flag("noDefaults") != Some(true),
            verify: flag("rejectUnauthorized") != Some(false),
            response_topic: optional("responseTopic")?,
            error_topic: optional("errorResponseTopic")?,
            response_template: settings
                .get("responseTemplate")
                .map(|value| Shape::compile("responseTemplate", value))
                .transpose()?,
            answer_form: AnswerForm {
                unchunked: flag("unchunked") == Some(true),
                data_url: flag("dataUrlResponseEvent") == Some(true),
            },
            parameters: parameters(settings)?,
            secrets: secrets(settings)?,
        })
    }

    /// The host of a label that is made of the address; the address itself where it is a template up to there.
    pub(super) fn host_of(url: &str) -> String {
        let parsed = Url::parse(url).ok();
        let host = parsed.as_ref().and_then(Url::host_str).filter(|host| !host.contains(['{', '%']));
        host.map_or_else(|| url.chars().take(100).collect(), str::to_owned)
    }
}

pub(super) fn template(name: &'static str, source: &str) -> Result<Template, Error> {
    let refuse = |error: TemplateError| Error::invalid(name, format!("is no well-formed template: {error}"));
    Template::parse(source).map_err(refuse)
}

fn pairs(name: &'static str, settings: &Map<String, Value>) -> Result<Vec<(Template, Template)>, Error> {
    let pairs = settings.get(name).and_then(Value::as_object).into_iter().flatten();
    pairs
        .map(|(key, value)| Ok((template(name, key)?, template(name, value.as_str().unwrap_or_default())?)))
        .collect()
}

/// What can be known of an address before it is filled in: its scheme, and that its host, if it is written out, is none of
/// the server's own network.
fn check_url(url: &str, guard: &Guard) -> Result<(), Error> {
    let refuse = |why: &str| Err(Error::invalid("url", why));
    let plain = url.find("{{").map_or(url, |at| &url[..at]);
    let written_out = plain.len() == url.len()
        || plain.split_once("://").is_some_and(|(_, rest)| rest.contains(['/', '?', '#']));
    if !written_out {
        let scheme = plain.to_ascii_lowercase();
        let begins = ["http://", "https://"].iter().any(|known| scheme.starts_with(known));
        return if plain.is_empty() || begins {
            Ok(())
        } else {
            refuse("is an address that begins with http:// or https://")
        };
    }
    let Ok(parsed) = Url::parse(plain.trim()) else {
        return refuse("is an absolute address: https://host/path");
    };
    match parsed.host() {
        Some(host) if matches!(parsed.scheme(), "http" | "https") => {
            if guard.may_admit(&host) {
                Ok(())
            } else {
                refuse(
                    "is in the server's own network, which integrations may not enter unless the operator allows it \
                     (--allow-hook-networks)",
                )
            }
        }
        _ => refuse("is an address that begins with http:// or https://"),
    }
}

fn check_headers(headers: &[(Template, Template)]) -> Result<(), Error> {
    for (name, value) in headers {
        if let Some(name) = name.as_plain() {
            if HeaderName::from_bytes(name.as_bytes()).is_err() {
                return Err(Error::invalid("headers", "has a name that no header can have"));
            }
            if is_of_the_server(name) {
                let list = OF_THE_SERVER.join(", ");
                return Err(Error::invalid(
                    "headers",
                    format!("has one that the server itself sets: {list}"),
                ));
            }
        }
        if value.as_plain().is_some_and(|value| HeaderValue::from_str(value).is_err()) {
            return Err(Error::invalid("headers", "has a value with characters that no header can have"));
        }
    }
    Ok(())
}

fn is_of_the_server(name: &str) -> bool {
    OF_THE_SERVER.iter().any(|known| name.eq_ignore_ascii_case(known))
        || name.to_ascii_lowercase().starts_with("proxy-")
}

fn auth(settings: &Map<String, Value>) -> Result<Option<(Template, Template)>, Error> {
    let Some(auth) = settings.get("auth").and_then(Value::as_object) else { return Ok(None) };
    if auth.keys().any(|key| !matches!(key.as_str(), "username" | "password")) {
        return Err(Error::invalid("auth", "has username and password, and nothing else"));
    }
    let part = |name: &str| template("auth", auth.get(name).and_then(Value::as_str).unwrap_or_default());
    Ok(Some((part("username")?, part("password")?)))
}

/// Variables that the settings themselves define. The contract names the field and no more; taken as
/// `[{"name": …, "value": …}]`, or as an object.
fn parameters(settings: &Map<String, Value>) -> Result<Map<String, Value>, Error> {
    let wrong = || Error::invalid("parameters", "is a list of {\"name\": …, \"value\": …}");
    let mut all = Map::new();
    match settings.get("parameters") {
        None => {}
        Some(Value::Object(object)) => all.clone_from(object),
        Some(Value::Array(list)) => {
            for one in list {
                let name = one.get("name").and_then(Value::as_str).filter(|name| !name.is_empty());
                let value = one.get("value").cloned().unwrap_or(Value::Null);
                all.insert(name.ok_or_else(wrong)?.to_owned(), value);
            }
        }
        Some(_) => return Err(wrong()),
    }
    Ok(all)
}

/// Names of secrets that the templates may use.
fn secrets(settings: &Map<String, Value>) -> Result<Vec<String>, Error> {
    let wrong = || {
        let text = format!("is a list of {MOST_SECRETS} names of secrets at most, such as [\"API_KEY\"]");
        Error::invalid("secrets", text)
    };
    let Some(list) = settings.get("secrets") else { return Ok(Vec::new()) };
    let list = list.as_array().filter(|list| list.len() <= MOST_SECRETS).ok_or_else(wrong)?;
    let name = |value: &Value| {
        let name = value.as_str().and_then(VariableName::parse);
        name.map(VariableName::into_string).ok_or_else(wrong)
    };
    let mut names = list.iter().map(name).collect::<Result<Vec<_>, _>>()?;
    names.sort_unstable();
    names.dedup();
    Ok(names)
}
