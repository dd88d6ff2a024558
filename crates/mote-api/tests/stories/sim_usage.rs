//! What SIM cards used: recorded, summed up, limited.

use mote_core::names::Iccid;
use mote_core::sims::Day;
use mote_store::StoreError;
use serde_json::{Value, json};

use crate::cloud::Cloud;
use crate::on_both_engines;
use crate::sims::{iccid, import};

on_both_engines!(usage_is_what_was_recorded, a_card_at_its_limit_is_paused_until_next_month);

async fn usage_is_what_was_recorded(cloud: Cloud) {
    let me = cloud.user("me@example.com").await;
    let product = cloud.product(&me, "Cellular").await;
    let cards = [iccid(1), iccid(2), iccid(3)];
    import(&cloud, &product, &cards[..2]).await;
    let path = format!("/v1/products/{}/sims", product.id);
    let today = Day::of(cloud.now());
    let days = usize::try_from(today.0 - today.first_of_month().0 + 1).unwrap();
    assert!(days > 2);
    let nothing = cloud.get(&format!("{path}/data_usage"), &product.token).await;
    assert_eq!(
        (&nothing.body["total_mbs_used"], &nothing.body["total_active_sim_cards"]),
        (&json!(0.0), &json!(2))
    );
    assert_eq!(nothing.body["usage_by_day"].as_array().unwrap().len(), days);

    let record = async |card: &str, ago: i32, bytes: i64| {
        cloud.mote.record_sim_usage(&Iccid::parse(card).unwrap(), Day(today.0 - ago), bytes).await
    };
    record(&cards[0], 1, 980_000).await.unwrap();
    record(&cards[0], 0, 400_000).await.unwrap();
    // The carrier tells it once more, and corrects it.
    record(&cards[0], 0, 400_000).await.unwrap();
    record(&cards[0], 0, 500_000).await.unwrap();
    record(&cards[1], 0, 1_000_000).await.unwrap();
    let last_month = days.try_into().unwrap();
    record(&cards[1], last_month, 9_000_000).await.unwrap();
    assert!(record(&cards[2], 0, 1).await.is_err(), "nobody's card");
    assert!(record(&cards[0], -1, 1).await.is_err(), "tomorrow");
    assert!(record(&cards[0], 92, 1).await.is_err(), "long ago");
    assert!(record(&cards[0], 0, -1).await.is_err());

    let one = cloud.get(&format!("{path}/{}/data_usage", cards[0]), &product.token).await;
    assert_eq!(one.text("/iccid"), cards[0]);
    let by_day = one.body["usage_by_day"].as_array().unwrap();
    assert_eq!(by_day.len(), days);
    let used = |day: &Value| (day["mbs_used"].clone(), day["mbs_used_cumulative"].clone());
    assert_eq!(used(&by_day[days - 3]), (json!(0.0), json!(0.0)));
    assert_eq!(used(&by_day[days - 2]), (json!(0.98), json!(0.98)));
    assert_eq!(used(&by_day[days - 1]), (json!(0.5), json!(1.48)));
    assert_eq!(by_day[days - 1]["date"], json!(today.to_string()));
    let fleet = cloud.get(&format!("{path}/data_usage"), &product.token).await;
    assert_eq!(fleet.body["total_mbs_used"], json!(2.48));

    // What the fleet used stays used; the card's next holder finds nothing.
    assert_eq!(cloud.form("DELETE", &format!("{path}/{}", cards[0]), &product.token, &[]).await.status, 204);
    let fleet = cloud.get(&format!("{path}/data_usage"), &product.token).await;
    assert_eq!(
        (&fleet.body["total_mbs_used"], &fleet.body["total_active_sim_cards"]),
        (&json!(2.48), &json!(1))
    );
    cloud.form("PUT", &format!("/v1/sims/{}", cards[0]), &me, &[("action", "activate")]).await;
    let anew = cloud.get(&format!("/v1/sims/{}/data_usage", cards[0]), &me).await;
    assert_eq!(anew.body["usage_by_day"][days - 1]["mbs_used_cumulative"], json!(0.0));

    cloud.pass(100 * 86_400);
    while cloud.mote.sweep().await.unwrap() {}
    let left = cloud.store.read(move |db| -> Result<_, StoreError> {
        let id = product.id.parse().unwrap();
        mote_store::sims::fleet_usage(db, id, 0, i32::MAX)
    });
    assert_eq!(left.await.unwrap(), []);
}

async fn a_card_at_its_limit_is_paused_until_next_month(cloud: Cloud) {
    let me = cloud.user("me@example.com").await;
    let card = iccid(1);
    let path = format!("/v1/sims/{card}");
    let put = async |body: Value| cloud.json("PUT", &path, &me, body).await.status.as_u16();
    assert_eq!(put(json!({"action": "activate", "mb_limit": "2"})).await, 200);
    let number = Iccid::parse(&card).unwrap();
    let status = async || {
        let shown = cloud.get(&path, &me).await;
        (shown.text("/sim/status"), shown.body["sim"].get("mb_limit").cloned())
    };
    let today = Day::of(cloud.now());
    cloud.mote.record_sim_usage(&number, Day(today.0 - 1), 1_500_000).await.unwrap();
    assert_eq!(status().await, ("active".into(), Some(json!(2))));
    cloud.mote.record_sim_usage(&number, today, 500_000).await.unwrap();
    assert_eq!(status().await, ("paused".into(), Some(json!(2))));
    assert_eq!(
        (
            put(json!({"action": "reactivate"})).await,
            put(json!({"action": "reactivate", "mb_limit": 2})).await
        ),
        (409, 409)
    );
    assert_eq!(
        (put(json!({"action": "reactivate", "mb_limit": 3})).await, status().await.0),
        (200, "active".into())
    );
    assert_eq!((put(json!({"mb_limit": 1})).await, status().await.0), (200, "paused".into()));
    assert_eq!((put(json!({"action": "deactivate"})).await, status().await.0), (200, "deactivated".into()));
    assert_eq!(put(json!({"action": "reactivate"})).await, 409);
    assert_eq!((put(json!({"mb_limit": 0})).await, put(json!({"action": "reactivate"})).await), (200, 200));
    assert_eq!(status().await, ("active".into(), None));
    assert_eq!((put(json!({"mb_limit": 1})).await, status().await.0), (200, "paused".into()));
    // A new month is a new allowance.
    cloud.pass(32 * 86_400);
    assert_eq!(status().await.0, "active");
    cloud.mote.record_sim_usage(&number, today, 9_000_000).await.unwrap();
    assert_eq!(status().await.0, "active", "figures of last month come late");
    for bad in [json!(-1), json!(1_000_001), json!("x"), json!(1.5)] {
        assert_eq!(put(json!({"mb_limit": bad})).await, 400, "{bad}");
    }
}
