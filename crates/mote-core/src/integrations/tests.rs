//! Use cases that need no receiver.

use serde_json::{Map, Value, json};

use super::{IntegrationHealth, NewIntegration, ShownRequest, TrialEvent};
use crate::authorization::table::{
    IntegrationsCreate, IntegrationsGet, IntegrationsList, IntegrationsUpdate,
};
use crate::authorization::{SpaceAccess, SpaceRef, SpaceRight};
use crate::testing::World;
use crate::{AccountId, Error, Moment};

async fn access<R: SpaceRight>(world: &World, account: AccountId) -> SpaceAccess<R> {
    let grant = world.grant(account.into(), None).await;
    world.mote.space_access(grant, SpaceRef::Account).await.unwrap()
}

fn fields(value: Value) -> Map<String, Value> {
    serde_json::from_value(value).unwrap()
}

async fn make(world: &World, account: AccountId, event: &str) -> String {
    let new =
        json!({"event": event, "url": "https://example.com/", "headers": {"Authorization": "Bearer 1"}});
    let new = NewIntegration::parse(fields(new), None).unwrap();
    let made = world.mote.create_integration(&access::<IntegrationsCreate>(world, account).await, new).await;
    made.unwrap().id.to_hex()
}

#[tokio::test]
async fn a_preview_fills_in_and_hides_what_is_secret() {
    let world = World::new().await;
    let account = world.account("me@example.com").await;
    let access = access::<IntegrationsCreate>(&world, account).await;
    let preview = |more: Value, data: &str| {
        let mut all = fields(json!({"event": "temp", "url": "https://example.com/{{{t}}}?k={{{API_KEY}}}"}));
        all.extend(fields(more));
        let event = TrialEvent { data: Some(data.into()), device: None };
        world.mote.preview_webhook(&access, all, None, event)
    };
    let settings = json!({
        "requestType": "PUT",
        "body": "{{{PARTICLE_EVENT_NAME}}} {{{t}}} {{{API_KEY}}}",
        "headers": {"Authorization": "Bearer 1", "X-T": "{{{t}}}"},
        "secrets": ["API_KEY"],
    });
    let ShownRequest { method, url, headers, body } = preview(settings, r#"{"t": 57}"#).unwrap().unwrap();
    assert_eq!(method, "PUT");
    assert!(url.starts_with("https://example.com/57?k=") && !url.contains("API_KEY"), "{url}");
    assert_eq!(body, "temp 57 [[SENSITIVE]]");
    let header =
        |name: &str| headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    assert_eq!((header("authorization"), header("x-t")), (Some("[[SENSITIVE]]"), Some("57")));

    let long = preview(json!({"body": "{{{PARTICLE_EVENT_VALUE}}}"}), &"x".repeat(1000)).unwrap().unwrap();
    assert_eq!(long.body.len(), 1000);
    let no_json = preview(json!({"json": "{\"a\": {{{t}}}}"}), "plain").unwrap();
    assert!(no_json.unwrap_err().contains("well-formed JSON"));
    for refused in [
        json!({"json": "{{#a}}"}),
        json!({"url": "http://127.0.0.1/"}),
        json!({"integration_type": "GoogleMaps", "api_key": "1"}),
        json!({"colour": "red"}),
    ] {
        let text = refused.to_string();
        assert!(matches!(preview(refused, ""), Err(Error::Invalid { .. })), "{text}");
    }
    let nobody = TrialEvent { data: None, device: Some("nobody".into()) };
    let plain = fields(json!({"event": "temp", "url": "https://example.com/"}));
    assert!(matches!(world.mote.preview_webhook(&access, plain, None, nobody), Err(Error::Invalid { .. })));
}

#[tokio::test]
async fn what_a_webhook_keeps_is_refused_elsewhere_and_nothing_is_changed() {
    let world = World::new().await;
    let me = world.account("me@example.com").await;
    let id = make(&world, me, "temp").await;
    let update = access::<IntegrationsUpdate>(&world, me).await;
    let create = access::<IntegrationsCreate>(&world, me).await;
    let seen = async || {
        let access = access::<IntegrationsGet>(&world, me).await;
        world.mote.get_integration(&access, &id, None).await.unwrap().integration
    };
    let masked = |url: &str| {
        fields(json!({"event": "temp", "url": url, "headers": {"Authorization": "[[SENSITIVE]]"}}))
    };
    let before = seen().await;
    let (here, elsewhere) = (masked("https://example.com/in"), masked("https://mine.example/in"));
    let refused = world.mote.replace_integration(&update, &id, elsewhere.clone(), None).await;
    assert!(matches!(refused, Err(Error::Invalid { field: "headers", .. })));
    assert_eq!(seen().await.settings, before.settings);
    let preview = |fields: &Map<String, Value>, before| {
        world.mote.preview_webhook(&create, fields.clone(), before, TrialEvent::default())
    };
    assert!(matches!(preview(&elsewhere, Some(&before)), Err(Error::Invalid { field: "headers", .. })));
    assert!(matches!(preview(&here, None), Err(Error::Invalid { field: "headers", .. })));
    let shown = preview(&here, Some(&before)).unwrap().unwrap();
    assert!(shown.headers.contains(&("authorization".into(), "[[SENSITIVE]]".into())));
    let copy = NewIntegration::parse(here.clone(), None).unwrap();
    let copied = world.mote.create_integration(&create, copy).await;
    assert!(matches!(copied, Err(Error::Invalid { field: "headers", .. })));
    world.mote.replace_integration(&update, &id, here, None).await.unwrap();
    assert_eq!(seen().await.settings.as_json()["headers"]["Authorization"], "Bearer 1");
}

#[tokio::test]
async fn switching_changes_nothing_else() {
    let world = World::new().await;
    let (me, you) = (world.account("me@example.com").await, world.account("you@example.com").await);
    let id = make(&world, me, "temp").await;
    let mine = access::<IntegrationsUpdate>(&world, me).await;
    let seen = async || {
        let access = access::<IntegrationsGet>(&world, me).await;
        world.mote.get_integration(&access, &id, None).await.unwrap().integration
    };
    let before = seen().await;
    let yours = access::<IntegrationsUpdate>(&world, you).await;
    assert!(matches!(world.mote.switch_integration(&yours, &id, true).await, Err(Error::NotFound(_))));
    assert!(!seen().await.disabled);
    assert!(world.mote.switch_integration(&mine, &id, true).await.unwrap().disabled);
    let after = seen().await;
    assert!(after.disabled && after.settings == before.settings && after.name == before.name);
    assert_eq!((after.created_at, &after.event), (before.created_at, &before.event));
    assert!(!world.mote.switch_integration(&mine, &id, false).await.unwrap().disabled);
}

#[tokio::test]
async fn a_page_has_the_latest_request_of_each() {
    let world = World::new().await;
    let me = world.account("me@example.com").await;
    let mut ids = Vec::new();
    for event in ["a", "b", "c"] {
        ids.push(make(&world, me, event).await);
    }
    let listing = access::<IntegrationsList>(&world, me).await;
    let listed = async |page| world.mote.list_integrations_and_health(&listing, Some(page), 2).await.unwrap();
    let write = |id: i64, at: i64, success: bool| mote_store::integrations::logs::LogRow {
        id: at,
        integration_id: id,
        entry: json!({"success": success}).to_string(),
        created_at: at,
    };
    let (first, total) = listed(1).await;
    assert_eq!((first.len(), total), (2, 3));
    assert!(first.iter().all(|one| one.last_delivery.is_none() && one.sleeping_until.is_none()));
    let of = first[1].integration.id.0;
    let rows = [write(of, 10, true), write(of, 30, false), write(of, 20, true)];
    let insert = move |db: &mut mote_store::Db| {
        rows.iter().try_for_each(|row| mote_store::integrations::logs::insert(db, row))
    };
    world.mote.store().write(insert).await.unwrap();
    let last = |one: &IntegrationHealth| one.last_delivery.map(|last| (last.at, last.success));
    let (first, _) = listed(1).await;
    assert_eq!((last(&first[0]), last(&first[1])), (None, Some((Moment(30), false))));
    let (second, _) = listed(2).await;
    assert_eq!(second.iter().map(|one| one.integration.id.to_hex()).collect::<Vec<_>>(), ids[2..]);
    assert!(world.mote.list_integrations_and_health(&listing, Some(0), 2).await.is_err());
}
