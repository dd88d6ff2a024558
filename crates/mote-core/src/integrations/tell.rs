//! The events that say what came of a request (Webhook reference, "Sequence of events").

use base64::Engine;
use http::header::CONTENT_TYPE;
use serde_json::Map;

use super::event::{HookEvent, Variables};
use super::integration::Hook;
use super::maps;
use super::send::Tried;
use super::template::{Budget, Template};
use super::{Kind, Target};
use crate::events::{DEFAULT_TTL, EventData, EventName, LARGEST_DATA, NewEvent, Origin, Source};
use crate::{AccountId, Mote, OrganizationId, ProductId, SpaceKey};

/// Bytes of one part of an answer ("Multipart responses").
const PART: usize = 512;
/// What is said of an event that is not sent ("Limits").
pub(super) const ASLEEP: &str = "Sleeping, too many errors, please wait and try again";
/// The data of `hook-sent` events, as devices and programs have always seen it.
const SENT: &str = "undefined";

impl Mote {
    /// Tells that an event was passed on.
    pub(super) async fn tell_sent(&self, hook: &Hook, event: &HookEvent) {
        self.tell(hook, event, &format!("hook-sent/{}", event.written.name), SENT.to_owned()).await;
    }

    /// Tells what the receiver answered, in parts, if it said anything.
    pub(super) async fn tell_answer(&self, hook: &Hook, event: &HookEvent, tried: &Tried) {
        let (text, unchunked) = match &hook.target {
            Target::Webhook(webhook) => {
                let text = if let Some(shape) = &webhook.response_template {
                    let variables = Variables::of_answer(event, &webhook.parameters, &tried.text());
                    match variables.with(|scope| shape.render(scope, &mut Budget::default())) {
                        Ok(text) => tried.without_secrets(text),
                        Err(error) => return self.tell_error(hook, event, &error.to_string()).await,
                    }
                } else if webhook.answer_form.data_url {
                    data_url(tried)
                } else {
                    tried.text()
                };
                (text, webhook.answer_form.unchunked)
            }
            Target::AzureIotHub(_) => (tried.text(), false),
            Target::GoogleMaps(_) => match maps::place(&tried.text()) {
                Some(place) => (place, false),
                None => return self.tell_error(hook, event, "the answer of Google names no place").await,
            },
        };
        let topic = response_topic(hook, event);
        if unchunked && text.len() > LARGEST_DATA {
            let error =
                format!("the answer has more than the {LARGEST_DATA} bytes of an event: it is not passed on");
            return self.tell_error(hook, event, &error).await;
        }
        let size = if unchunked { LARGEST_DATA } else { PART };
        for (number, part) in parts(&text, size).into_iter().enumerate() {
            self.tell(hook, event, &format!("{topic}/{number}"), part.to_owned()).await;
        }
    }

    /// Tells that something went wrong.
    pub(super) async fn tell_error(&self, hook: &Hook, event: &HookEvent, error: &str) {
        let topic = error_topic(hook, event);
        for (number, part) in parts(error, PART).into_iter().enumerate() {
            self.tell(hook, event, &format!("{topic}/{number}"), part.to_owned()).await;
        }
    }

    async fn tell(&self, hook: &Hook, event: &HookEvent, name: &str, data: String) {
        let told = NewEvent {
            origin: Origin::Hook,
            source: told_to(hook.integration.space, event),
            name: EventName::of_server(name),
            data: EventData::parse(data).ok(),
            ttl: DEFAULT_TTL,
        };
        if let Err(error) = self.emit(told).await {
            tracing::error!(%error, "what came of a request could not be told");
        }
    }
}

/// Who hears what came of an event at an integration of this space: that space. Others who hear of the event have no part in
/// what the receiver answers.
fn told_to(space: SpaceKey, event: &HookEvent) -> Source {
    match space {
        SpaceKey::Account(id) => Source::of_account(AccountId(id)),
        SpaceKey::Product(id) => Source {
            product: Some(ProductId(id)),
            organization: event.written.organization.map(OrganizationId),
            ..Source::default()
        },
        SpaceKey::Organization(id) => Source::of_organization(OrganizationId(id)),
    }
}

fn response_topic(hook: &Hook, event: &HookEvent) -> String {
    let usual = match hook.integration.kind {
        // Where the device locator library listens.
        Kind::GoogleMaps => format!("hook-response/{}/{}", event.written.name, event.core_id()),
        Kind::Webhook | Kind::AzureIotHub => format!("hook-response/{}", event.written.name),
    };
    match &hook.target {
        Target::Webhook(webhook) => topic(webhook.response_topic.as_ref(), event, usual),
        _ => usual,
    }
}

fn error_topic(hook: &Hook, event: &HookEvent) -> String {
    let usual = format!("hook-error/{}", event.written.name);
    match &hook.target {
        Target::Webhook(webhook) => topic(webhook.error_topic.as_ref(), event, usual),
        _ => usual,
    }
}

/// A topic, filled in; the usual one where nothing comes of it, or a name that the server keeps for itself.
fn topic(template: Option<&Template>, event: &HookEvent, usual: String) -> String {
    let Some(template) = template else { return usual };
    let variables = Variables::of_request(event, &Map::new(), Map::new());
    let filled = variables.with(|scope| template.render(scope, &mut Budget::default()));
    let filled = filled.map(|text| text.trim().trim_end_matches('/').to_owned()).unwrap_or_default();
    if filled.is_empty() || EventName::is_reserved(&filled) { usual } else { filled }
}

fn data_url(tried: &Tried) -> String {
    let Some(answer) = &tried.answer else { return String::new() };
    let body = tried.body();
    if body.is_empty() {
        return String::new();
    }
    let kind = answer.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = kind.unwrap_or("application/octet-stream").replace(' ', "");
    format!("data:{kind};base64,{}", base64::engine::general_purpose::STANDARD.encode(body))
}

/// A text in parts of `size` bytes at most, none of which ends within a character; no part of an empty one.
fn parts(text: &str, size: usize) -> Vec<&str> {
    let mut parts = Vec::with_capacity(text.len() / size + 1);
    let mut rest = text;
    while !rest.is_empty() {
        let (part, behind) = rest.split_at(rest.floor_char_boundary(size));
        parts.push(part);
        rest = behind;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Moment;

    #[test]
    fn parts_are_as_large_as_can_be() {
        assert!(parts("", 512).is_empty());
        assert_eq!(parts(&"x".repeat(512), 512).len(), 1);
        let lengths: Vec<_> = parts(&"x".repeat(1100), 512).iter().map(|part| part.len()).collect();
        assert_eq!(lengths, [512, 512, 76]);
        // Three bytes each: 170 of them are 510.
        let lengths: Vec<_> = parts(&"…".repeat(200), 512).iter().map(|part| part.len()).collect();
        assert_eq!(lengths, [510, 90]);
    }

    #[test]
    fn topics_are_filled_in_and_cannot_be_the_servers_own() {
        let event = HookEvent::of_test(1, "get/weather", "{\"city\":\"X\"}", None, Moment(0));
        let of = |text: &str| topic(Some(&Template::parse(text).unwrap()), &event, "usual".into());
        assert_eq!(
            of("{{PARTICLE_DEVICE_ID}}/hook-response/{{{PARTICLE_EVENT_NAME}}}"),
            "api/hook-response/get/weather"
        );
        assert_eq!(of("weather_{{city}}/"), "weather_X");
        for bad in ["", " ", "{{nothing}}", "spark/status", "Particle/x"] {
            assert_eq!(of(bad), "usual", "{bad}");
        }
        assert_eq!(topic(None, &event, "usual".into()), "usual");
    }

    proptest::proptest! {
        #[test]
        fn parts_make_up_the_whole(text: String, size in 4_usize..40) {
            let parts = parts(&text, size);
            proptest::prop_assert_eq!(&parts.concat(), &text);
            proptest::prop_assert!(parts.iter().all(|part| (1..=size).contains(&part.len())));
            // All but the last are as full as a character's bytes allow.
            let full = parts.split_last().is_none_or(|(_, others)| others.iter().all(|p| p.len() > size - 4));
            proptest::prop_assert!(full);
        }
    }
}
