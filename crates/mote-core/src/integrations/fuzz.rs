//! Doors for the fuzzer.

use mote_outbound::Guard;
use serde_json::{Map, Value};

use super::event::{HookEvent, Variables};
use super::template::Budget;
use super::{NewIntegration, Target, azure, log, maps};
use crate::Moment;

/// Reads what an integration is to be, and makes its request for an event with this data, which is also what the receiver
/// answers.
///
/// # Panics
/// Where that goes wrong.
pub fn fuzz_integration(fields: Map<String, Value>, data: &str) {
    let _ = maps::place(data);
    let Ok(new) = NewIntegration::parse(fields, None) else { return };
    let Ok(target) = new.settings.compile(new.kind, Some(&Guard::default())) else { return };
    let event = HookEvent::of_test(1, &new.event, data, None, Moment(0));
    let variables = Variables::of_request(&event, &Map::new(), Map::new());
    let request = match target {
        Target::Webhook(webhook) => {
            if let Some(shape) = &webhook.response_template {
                let answer = Variables::of_answer(&event, &webhook.parameters, data);
                let _ = answer.with(|scope| shape.render(scope, &mut Budget::default()));
            }
            webhook.request(&event, &Variables::of_request(&event, &webhook.parameters, Map::new()))
        }
        Target::AzureIotHub(hub) => hub.message(&event, &variables, azure::USUAL_BASE, Moment(0)),
        Target::GoogleMaps(maps) => maps.question(&event, maps::USUAL_BASE, None),
    };
    let Ok(request) = request else { return };
    assert!(matches!(request.url.scheme(), "http" | "https") && request.url.has_host());
    assert!(request.url.username().is_empty() && request.url.password().is_none(), "these go in the head");
    let _ = log::request(&request);
}
