//! What a webhook would send, before it is made.

use serde_json::{Map, Value};

use super::event::Variables;
use super::settings::MASK;
use super::webhook::Webhook;
use super::{Integration, Kind, NewIntegration, TrialEvent, kept, log};
use crate::authorization::SpaceAccess;
use crate::authorization::table::IntegrationsCreate;
use crate::{Error, Mote};

/// A request as it is shown: without credentials, and with a mask in the place of secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownRequest {
    /// Method.
    pub method: String,
    /// Address, with its query.
    pub url: String,
    /// Names and values of its headers, in no order.
    pub headers: Vec<(String, String)>,
    /// Body; empty for none.
    pub body: String,
}

impl Mote {
    /// Fills in the templates of a webhook with an event, and sends nothing: the request, or why none comes of the two. The
    /// settings are refused as they would be where the webhook is made, or put in the place of `before`; what is kept of that
    /// is not looked at.
    pub fn preview_webhook(
        &self,
        access: &SpaceAccess<IntegrationsCreate>,
        fields: Map<String, Value>,
        before: Option<&Integration>,
        event: TrialEvent,
    ) -> Result<Result<ShownRequest, String>, Error> {
        let new = NewIntegration::parse(fields, Some(Kind::Webhook))?;
        kept::filled(&new, before)?;
        let webhook = Webhook::compile(new.settings.as_json(), Some(self.hooks().outbound.guard()))?;
        let event = event.event(self, access.space().key(), &new.event)?;
        let masked = webhook.secrets.iter().map(|name| (name.clone(), MASK.into())).collect();
        let variables = Variables::of_request(&event, &webhook.parameters, masked);
        Ok(webhook.request(&event, &variables).map_err(|error| error.to_string()).map(|request| {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let headers = log::headers(&request.headers);
            ShownRequest {
                method: request.method.to_string(),
                url: request.url.to_string(),
                headers: headers.iter().map(|(name, value)| (name.clone(), text(value))).collect(),
                body: log::cut(&String::from_utf8_lossy(&request.body)).into_owned(),
            }
        }))
    }
}
