//! The request of a webhook for an event.

use base64::Engine;
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use mote_outbound::Request;
use serde_json::Value;
use url::Url;

use super::super::event::{HookEvent, Variables};
use super::super::template::{Budget, Scope, Template, TooMuch};
use super::{Payload, Shape, Webhook, is_of_the_server};

/// Who the requests say they come from.
const AGENT: &str = concat!("Mote/", env!("CARGO_PKG_VERSION"), " (webhooks)");

/// Why no request comes of the settings and the event. Nothing of either is repeated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BuildError {
    /// A bound of templates.
    #[error(transparent)]
    TooMuch(#[from] TooMuch),
    /// What the address becomes is none.
    #[error("the url does not become an address of http or https with this event")]
    Url,
    /// What a header becomes cannot be one.
    #[error("a header does not become one that can be sent with this event")]
    Header,
    /// What `json` becomes is no JSON.
    #[error("the json template does not become well-formed JSON with this event")]
    Json,
    /// A secret that is not there.
    #[error(
        "there is no secret {0} for this integration: its owner makes one, and saves the integration, also where the product has \
         another owner than before"
    )]
    NoSecret(String),
    /// What the event brings, or the settings say, cannot be used.
    #[error("{0}")]
    Unfit(&'static str),
}

/// Keys and values, filled in.
type Pairs = Vec<(String, String)>;

impl Webhook {
    /// The request for an event.
    pub(crate) fn request(&self, event: &HookEvent, variables: &Variables) -> Result<Request, BuildError> {
        let mut budget = Budget::default();
        variables.with(|scope| self.filled_in(event, scope, &mut budget))
    }

    fn filled_in(
        &self,
        event: &HookEvent,
        scope: &Scope<'_>,
        budget: &mut Budget,
    ) -> Result<Request, BuildError> {
        let mut query = filled(&self.query, scope, budget)?;
        let (kind, body) = match &self.payload {
            Payload::Body(template) => (None, template.render(scope, budget)?),
            Payload::Json(shape) => {
                (Some("application/json"), self.json(shape, event, scope, budget)?.to_string())
            }
            Payload::Form(_) | Payload::Defaults if self.method == Method::GET => {
                let given = self.form(scope, budget)?.into_iter().chain(query).collect();
                query = self.with_defaults(given, event);
                (None, String::new())
            }
            Payload::Form(_) | Payload::Defaults => {
                let all = self.with_defaults(self.form(scope, budget)?, event);
                let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(all).finish();
                let kind = (!body.is_empty()).then_some("application/x-www-form-urlencoded");
                (kind, body)
            }
        };
        let mut url = self.address(scope, budget)?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let headers = self.head(&url, kind, scope, budget)?;
        // Where they stood in the address, they are in the head now.
        let _ = url.set_username("").and_then(|()| url.set_password(None));
        Ok(Request {
            method: self.method.clone(),
            url,
            headers,
            body: Bytes::from(body),
            verify: self.verify,
        })
    }

    fn address(&self, scope: &Scope<'_>, budget: &mut Budget) -> Result<Url, BuildError> {
        let url = Url::parse(self.url.render(scope, budget)?.trim()).map_err(|_| BuildError::Url)?;
        let fits = matches!(url.scheme(), "http" | "https") && url.has_host();
        fits.then_some(url).ok_or(BuildError::Url)
    }

    fn form(&self, scope: &Scope<'_>, budget: &mut Budget) -> Result<Pairs, BuildError> {
        match &self.payload {
            Payload::Form(pairs) => filled(pairs, scope, budget),
            _ => Ok(Vec::new()),
        }
    }

    /// Before what is given, the default fields, if they are wanted, that are not given otherwise.
    fn with_defaults(&self, given: Pairs, event: &HookEvent) -> Pairs {
        let defaults = event.defaults().into_iter().filter(|_| self.defaults);
        let defaults = defaults.map(|(name, value)| (name.to_owned(), value));
        let mut all: Pairs =
            defaults.filter(|(name, _)| !given.iter().any(|(known, _)| known == name)).collect();
        all.extend(given);
        all
    }

    fn json(
        &self,
        shape: &Shape,
        event: &HookEvent,
        scope: &Scope<'_>,
        budget: &mut Budget,
    ) -> Result<Value, BuildError> {
        let mut value = match shape {
            Shape::Text(template) => {
                serde_json::from_str(&template.render(scope, budget)?).map_err(|_| BuildError::Json)?
            }
            Shape::Tree(tree) => tree.render(scope, budget)?,
        };
        if let Value::Object(object) = &mut value
            && self.defaults
        {
            for (name, default) in event.defaults() {
                object.entry(name).or_insert_with(|| default.into());
            }
        }
        Ok(value)
    }

    fn head(
        &self,
        url: &Url,
        kind: Option<&'static str>,
        scope: &Scope<'_>,
        budget: &mut Budget,
    ) -> Result<HeaderMap, BuildError> {
        let mut headers = HeaderMap::new();
        headers.insert(USER_AGENT, const { HeaderValue::from_static(AGENT) });
        if let Some(kind) = kind {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
            if kind == "application/json" {
                headers.insert(ACCEPT, HeaderValue::from_static(kind));
            }
        }
        if let Some((user, password)) = self.credentials(url, scope, budget)? {
            let both = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
            let mut value =
                HeaderValue::from_str(&format!("Basic {both}")).map_err(|_| BuildError::Header)?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        for (name, value) in filled(&self.headers, scope, budget)? {
            let name = HeaderName::from_bytes(name.trim().as_bytes()).map_err(|_| BuildError::Header)?;
            if is_of_the_server(name.as_str()) {
                return Err(BuildError::Header);
            }
            let value = HeaderValue::from_bytes(value.trim().as_bytes()).map_err(|_| BuildError::Header)?;
            headers.insert(name, value);
        }
        Ok(headers)
    }

    /// Name and password of HTTP Basic: what the settings say, or else the address.
    fn credentials(
        &self,
        url: &Url,
        scope: &Scope<'_>,
        budget: &mut Budget,
    ) -> Result<Option<(String, String)>, BuildError> {
        if let Some((user, password)) = &self.auth {
            return Ok(Some((user.render(scope, budget)?, password.render(scope, budget)?)));
        }
        if url.username().is_empty() && url.password().is_none() {
            return Ok(None);
        }
        let decode = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
        Ok(Some((decode(url.username()), decode(url.password().unwrap_or_default()))))
    }
}

fn filled(
    pairs: &[(Template, Template)],
    scope: &Scope<'_>,
    budget: &mut Budget,
) -> Result<Pairs, BuildError> {
    pairs.iter().map(|(key, value)| Ok((key.render(scope, budget)?, value.render(scope, budget)?))).collect()
}
