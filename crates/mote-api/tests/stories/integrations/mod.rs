//! Integrations.

mod deliveries;
mod failures;
mod fairness;
mod kept;
mod requests;
mod secrets;
mod services;
mod settings;

use mote_core::events::{DEFAULT_TTL, EventData, EventName, NewEvent, Origin, Source};
use mote_core::names::DeviceId;
use mote_core::{AccountId, OrganizationId, OwnerId, ProductId};
use serde_json::Value;

use crate::cloud::{Answer, Cloud};
use crate::receiver::Got;

pub(super) const DEVICE: &str = "e00fce680123456789abcdef";

/// The ID of an integration that was just made.
fn id_of(made: &Answer) -> String {
    assert_eq!(made.status, 201, "{}", made.body);
    made.text("/id")
}

/// Makes a webhook of the user's own account.
async fn hook(cloud: &Cloud, user: &str, settings: Value) -> String {
    id_of(&cloud.json("POST", "/v1/integrations", user, settings).await)
}

/// What events of a device of the user's own are about.
async fn own_device(cloud: &Cloud, user: &str) -> Source {
    let id = cloud.get("/v1/user", user).await.text("/id");
    let owner = Some(OwnerId::Account(AccountId(id.parse().unwrap())));
    Source { device: DeviceId::parse(DEVICE), owner, ..Source::default() }
}

fn of_product(id: &str) -> ProductId {
    ProductId(id.parse().unwrap())
}

fn of_organization(id: &str) -> OrganizationId {
    OrganizationId::parse(id).unwrap()
}

/// Lets a device publish.
async fn publish(cloud: &Cloud, source: &Source, name: &str, data: &str) {
    let event = NewEvent {
        origin: Origin::Device,
        source: source.clone(),
        name: EventName::parse(name).unwrap(),
        data: Some(EventData::parse(data.to_owned()).unwrap()),
        ttl: DEFAULT_TTL,
    };
    cloud.mote.emit(event).await.unwrap();
}

/// Lets a device publish, delivers, and tells what was received.
async fn delivered(cloud: &Cloud, source: &Source, name: &str, data: &str) -> Vec<Got> {
    publish(cloud, source, name, data).await;
    cloud.mote.deliver_due().await.unwrap();
    cloud.receiver.got()
}

/// The log of one of the user's integrations, newest first.
async fn logs(cloud: &Cloud, user: &str, id: &str) -> Vec<Value> {
    let seen = cloud.get(&format!("/v1/integrations/{id}"), user).await;
    seen.body["integration"]["logs"].as_array().unwrap().clone()
}
