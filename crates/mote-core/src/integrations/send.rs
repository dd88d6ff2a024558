//! One request of an integration for an event.

use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use http::header::{AUTHORIZATION, CONTENT_ENCODING};
use mote_outbound::{Answer, Failure, Request};
use serde_json::{Map, Value};

use super::event::{HookEvent, Variables};
use super::hidden::forms_of;
use super::integration::Hook;
use super::redaction::Redaction;
use super::settings::MASK;
use super::webhook::{BuildError, Webhook};
use super::{Target, log};
use crate::products::ProductRef;
use crate::{Error, Moment, Mote, ProductId, SpaceKey};

/// The time a receiver has (Webhook reference, "Limits").
const TIME: Duration = Duration::from_secs(20);
/// Bytes of an answer that are read (Webhook reference, "Unchunked").
const LARGEST_ANSWER: usize = 100 * 1024;

/// Why a request did not succeed.
#[derive(Clone, Debug, thiserror::Error)]
pub(super) enum Fault {
    /// No request came of settings and event.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// No answer came.
    #[error(transparent)]
    NoAnswer(#[from] Failure),
    /// Another answer than 2xx came.
    #[error("error status {} from {host}", status.as_u16())]
    Status {
        /// The answer's.
        status: StatusCode,
        /// Who answered.
        host: String,
    },
}

impl Fault {
    /// Whether it is worth trying again.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Self::Build(_) => false,
            Self::NoAnswer(failure) => failure.may_pass(),
            Self::Status { status, .. } => {
                status.is_server_error() || matches!(status.as_u16(), 408 | 425 | 429)
            }
        }
    }
}

/// A request that was sent, or could not be.
pub(super) struct Tried {
    /// The request as it is shown; null where there was none.
    pub(super) request: Value,
    /// The answer, whatever its status, if there was one.
    pub(super) answer: Option<Answer>,
    /// What went wrong.
    pub(super) fault: Option<Fault>,
    /// What an answer or a fault may repeat, and nobody may see: values of secrets, a host that is made of any, credentials.
    redaction: Redaction,
}

impl Tried {
    fn failed(fault: Fault) -> Self {
        Self { request: Value::Null, answer: None, fault: Some(fault), redaction: Redaction::default() }
    }

    /// What went wrong in words, without secrets.
    pub(super) fn error(&self) -> Option<String> {
        let fault = self.fault.as_ref()?;
        Some(self.without_secrets(fault.to_string()))
    }

    /// The answer's body as text, without secrets.
    pub(super) fn text(&self) -> String {
        // No event can hold a NUL.
        let text = String::from_utf8_lossy(&self.whole()).replace('\0', "\u{FFFD}");
        self.without_secrets(text)
    }

    /// The answer's body as it came, but for secrets.
    pub(super) fn body(&self) -> Vec<u8> {
        self.redaction.bytes(&self.whole())
    }

    /// What was made of an answer, without secrets, which it may have had in another form.
    pub(super) fn without_secrets(&self, text: String) -> String {
        self.redaction.text(text)
    }

    /// The answer's body; nothing of one that is packed, where there is something to hide that could not be found in it.
    fn whole(&self) -> Bytes {
        let Some(answer) = &self.answer else { return Bytes::new() };
        let is_packed = answer.headers.get(CONTENT_ENCODING).is_some_and(|coding| *coding != "identity");
        if is_packed && !self.redaction.is_empty() { Bytes::new() } else { answer.body.clone() }
    }
}

impl Mote {
    /// Sends the request of an integration for an event; none where the turn at the host comes after `until`.
    pub(super) async fn try_hook(
        &self,
        hook: &Hook,
        event: &HookEvent,
        until: Option<Moment>,
    ) -> Result<Option<Tried>, Error> {
        let space = hook.integration.space;
        match &hook.target {
            Target::Webhook(webhook) => self.try_webhook(hook, webhook, event, until).await,
            Target::AzureIotHub(hub) => {
                let base = &self.hooks().settings.azure_iot_hub;
                let variables = Variables::of_request(event, &Map::new(), Map::new());
                let message = match hub.message(event, &variables, base, self.now()) {
                    Ok(message) => message,
                    Err(error) => return Ok(Some(Tried::failed(error.into()))),
                };
                let tried = self
                    .send_request(space, message.clone(), log::request(&message), Vec::new(), until)
                    .await;
                let unknown = |tried: &Tried| {
                    tried.answer.as_ref().is_some_and(|answer| answer.status == StatusCode::NOT_FOUND)
                };
                match tried {
                    // The hub does not know the device yet.
                    Some(first) if unknown(&first) => match hub.introduction(event, base, self.now()) {
                        Ok(introduction) => {
                            let shown = log::request(&introduction);
                            match self.send_request(space, introduction, shown, Vec::new(), until).await {
                                Some(introduced) if introduced.fault.is_some() => Ok(Some(introduced)),
                                _ => Ok(self
                                    .send_request(
                                        space,
                                        message.clone(),
                                        log::request(&message),
                                        Vec::new(),
                                        until,
                                    )
                                    .await),
                            }
                        }
                        Err(error) => Ok(Some(Tried::failed(error.into()))),
                    },
                    other => Ok(other),
                }
            }
            Target::GoogleMaps(maps) => {
                let base = &self.hooks().settings.google_maps;
                let both = maps.question(event, base, None).and_then(|question| {
                    Ok((question, log::request(&maps.question(event, base, Some(MASK))?)))
                });
                match both {
                    Ok((question, shown)) => {
                        let hidden = hook.integration.settings.hidden(hook.integration.kind);
                        Ok(self.send_request(space, question, shown, hidden, until).await)
                    }
                    Err(error) => Ok(Some(Tried::failed(error.into()))),
                }
            }
        }
    }

    async fn try_webhook(
        &self,
        hook: &Hook,
        webhook: &Webhook,
        event: &HookEvent,
        until: Option<Moment>,
    ) -> Result<Option<Tried>, Error> {
        let secrets = match self.secrets_of(hook).await? {
            Ok(secrets) => secrets,
            Err(missing) => return Ok(Some(Tried::failed(BuildError::NoSecret(missing).into()))),
        };
        let mut hidden: Vec<String> = secrets.values().filter_map(Value::as_str).map(str::to_owned).collect();
        let masked: Map<String, Value> = secrets.keys().map(|name| (name.clone(), MASK.into())).collect();
        let build =
            |secrets| webhook.request(event, &Variables::of_request(event, &webhook.parameters, secrets));
        let request = match build(secrets) {
            Ok(request) => request,
            Err(error) => return Ok(Some(Tried::failed(error.into()))),
        };
        let shown = if hidden.is_empty() {
            log::request(&request)
        } else {
            // Filled in anew with the mask in the place of each secret, which may make no request at all.
            let shown = build(masked).ok();
            // Hosts stand in lower case, and one that is made of a secret may stand in yet another form.
            hidden.extend(hidden.clone().iter().map(|value| value.to_lowercase()));
            if shown.as_ref().is_none_or(|shown| shown.host() != request.host()) {
                hidden.push(request.host().to_owned());
            }
            shown.as_ref().map_or(Value::Null, log::request)
        };
        hidden.extend(hook.integration.settings.hidden(hook.integration.kind));
        // Name and password of HTTP Basic go out in one.
        let basic = request.headers.get(AUTHORIZATION).filter(|value| value.is_sensitive());
        hidden.extend(basic.and_then(|value| value.to_str().ok()).into_iter().flat_map(forms_of));
        Ok(self.send_request(hook.integration.space, request, shown, hidden, until).await)
    }

    /// The values of the secrets that an integration uses, or the name of one that is not there any more.
    async fn secrets_of(&self, hook: &Hook) -> Result<Result<Map<String, Value>, String>, Error> {
        let names = hook.secrets();
        if names.is_empty() {
            return Ok(Ok(Map::new()));
        }
        let owner = match hook.integration.space {
            SpaceKey::Product(id) => {
                let product = self.find_product(&ProductRef::Id(ProductId(id))).await?;
                product.map_or(hook.integration.space, |product| product.owner_key())
            }
            other => other,
        };
        if let Some(missing) = hook.lacks_of(owner) {
            return Ok(Err(missing.clone()));
        }
        let values = self.secret_values(owner, names).await?;
        if let Some(missing) = names.iter().find(|name| !values.contains_key(*name)) {
            return Ok(Err(missing.clone()));
        }
        Ok(Ok(values.into_iter().map(|(name, value)| (name, value.expose().into())).collect()))
    }

    async fn send_request(
        &self,
        space: SpaceKey,
        request: Request,
        shown: Value,
        hidden: Vec<String>,
        until: Option<Moment>,
    ) -> Option<Tried> {
        let host = request.host().to_owned();
        let _turn = self.hooks().turns.wait(space, &host).await?;
        if until.is_some_and(|until| self.now() > until) {
            return None;
        }
        let sent = self.hooks().outbound.send(request, TIME, LARGEST_ANSWER).await;
        let (answer, fault) = match sent {
            Ok(answer) if answer.status.is_success() => (Some(answer), None),
            Ok(answer) => {
                let fault = Fault::Status { status: answer.status, host };
                (Some(answer), Some(fault))
            }
            Err(failure) => (None, Some(failure.into())),
        };
        Some(Tried { request: shown, answer, fault, redaction: Redaction::of(hidden) })
    }
}
