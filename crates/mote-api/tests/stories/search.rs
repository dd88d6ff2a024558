//! Search: what is found, by what, and by whom.

use mote_store::{StoreError, devices};
use serde_json::{Value, json};

use crate::cloud::{Answer, Cloud, Product};
use crate::on_both_engines;
use crate::sims::{iccid, import, insert_card};

on_both_engines!(
    devices_are_found_by_what_people_remember,
    what_is_not_mine_is_not_found,
    there_are_ten_of_a_kind_at_most,
    an_organization_finds_what_its_products_have,
    nonsense_is_refused,
);

fn found(answer: &Answer, kind: &str, key: &str) -> Vec<Value> {
    let results = answer.body["results"].as_array().unwrap_or_else(|| panic!("{}", answer.body));
    results.iter().filter(|one| one["type"] == kind).map(|one| one[kind][key].clone()).collect()
}

async fn add(cloud: &Cloud, product: &Product, id: &str, name: &str) {
    let path = format!("/v1/products/{}/devices", product.id);
    let added = cloud.json("POST", &path, &product.token, json!({"id": id})).await;
    assert_eq!(added.body["updated"], 1, "{}", added.body);
    let named = cloud.json("PUT", &format!("{path}/{id}"), &product.token, json!({"name": name})).await;
    assert_eq!(named.status, 200);
}

async fn open_to_team(cloud: &Cloud, product: &Product) {
    let open = json!({"settings": {"team_tokens": true}});
    let changed = cloud.json("PUT", &format!("/v1/products/{}", product.id), &product.token, open).await;
    assert_eq!(changed.status, 200);
}

async fn devices_are_found_by_what_people_remember(cloud: Cloud) {
    let me = cloud.user("me@example.com").await;
    let product = cloud.product(&me, "Trucks").await;
    open_to_team(&cloud, &product).await;
    let (alpha, beta) = ("e00fce68aaaa000000000001", "a00fce68bbbb000000000002");
    add(&cloud, &product, alpha, "Alpha Device").await;
    add(&cloud, &product, beta, "deploy-truck32").await;
    insert_card(&cloud, beta, &iccid(7)).await;
    let told = cloud.store.write(move |db| -> Result<(), StoreError> {
        let mut row = devices::get(db, alpha)?.unwrap();
        (row.serial_number, row.imei) = (Some("P046AAA000123".into()), Some("356726109999999".into()));
        devices::update(db, &row)
    });
    told.await.unwrap();
    for (text, expected) in [
        ("alpha", vec![alpha]),
        ("ALPHA%20dev", vec![alpha]),
        ("Device", vec![alpha]),
        ("E00FCE68AA", vec![alpha]),
        (alpha, vec![alpha]),
        ("P046AAA000123", vec![alpha]),
        ("356726109999999", vec![alpha]),
        ("truck", vec![beta]),
        ("%20deploy%20", vec![beta]),
        (&iccid(7), vec![beta]),
        ("a", vec![beta, alpha]),
        ("P046AAA", vec![]),
        ("_", vec![]),
        ("%25", vec![]),
        ("\\", vec![]),
    ] {
        let answer =
            cloud.get(&format!("/v1/user/search?type=device&text={}", text.replace('\\', "%5C")), &me).await;
        assert_eq!(found(&answer, "device", "id"), expected, "{text}");
        assert_eq!(answer.body["hasMore"], false);
    }
    let answer = cloud.get("/v1/user/search?text=alpha", &me).await;
    assert_eq!(
        answer.body["results"],
        json!([{"type": "device", "device":
            {"id": alpha, "name": "Alpha Device", "product_id": product.id, "product_name": "Trucks"}}])
    );
    // By a part of its name, slug, or by its ID.
    for text in ["ruck", &product.id] {
        let answer = cloud.get(&format!("/v1/user/search?text={text}&type=product"), &me).await;
        assert_eq!(answer.body["results"][0]["product"]["slug"], json!(product.slug), "{text}");
        assert_eq!(answer.body["results"].as_array().unwrap().len(), 1);
    }
}

async fn what_is_not_mine_is_not_found(cloud: Cloud) {
    let (me, you) = (cloud.user("me@example.com").await, cloud.user("you@example.com").await);
    let (closed, theirs) = (cloud.product(&me, "Mine all mine").await, cloud.product(&you, "Mine too").await);
    open_to_team(&cloud, &theirs).await;
    let (own, in_closed, foreign) =
        ("e00fce680000000000000001", "e00fce680000000000000002", "e00fce680000000000000003");
    add(&cloud, &closed, own, "minefield").await;
    add(&cloud, &closed, in_closed, "minehead").await;
    add(&cloud, &theirs, foreign, "minecraft").await;
    assert_eq!(cloud.form("POST", "/v1/devices", &me, &[("id", own)]).await.status, 200);
    let (card, product_card, foreign_card) = (iccid(1), iccid(2), iccid(3));
    cloud.form("PUT", &format!("/v1/sims/{card}"), &me, &[("action", "activate")]).await;
    import(&cloud, &closed, std::slice::from_ref(&product_card)).await;
    import(&cloud, &theirs, std::slice::from_ref(&foreign_card)).await;
    insert_card(&cloud, foreign, &foreign_card).await;

    // Of a product that is closed to its team's own tokens its name alone is known, and what is one's own in it.
    let mines = cloud.get("/v1/user/search?text=mine", &me).await;
    assert_eq!(found(&mines, "device", "id"), [own]);
    assert_eq!(found(&mines, "product", "name"), ["Mine all mine"]);
    for text in ["e00fce68", "minehead", "minecraft", foreign, &foreign_card] {
        let answer = cloud.get(&format!("/v1/user/search?type=device&text={text}"), &me).await;
        let expected: &[&str] = if text == "e00fce68" { &[own] } else { &[] };
        assert_eq!(found(&answer, "device", "id"), expected, "{text}");
    }
    assert_eq!(
        found(&cloud.get("/v1/user/search?text=89&type=sim", &me).await, "sim", "iccid"),
        [json!(card)]
    );
    open_to_team(&cloud, &closed).await;
    let mines = cloud.get("/v1/user/search?text=mine&type=device", &me).await;
    assert_eq!(found(&mines, "device", "id"), [own, in_closed]);
    let cards = cloud.get("/v1/user/search?text=89&type=sim", &me).await;
    assert_eq!(found(&cards, "sim", "iccid"), [json!(card), json!(product_card)]);
    assert_eq!(found(&cards, "sim", "product_name"), [Value::Null, json!("Mine all mine")]);
    assert_eq!(cloud.get("/v1/user/search?text=mine", &closed.token).await.status, 403);
}

async fn there_are_ten_of_a_kind_at_most(cloud: Cloud) {
    let me = cloud.user("me@example.com").await;
    let product = cloud.product(&me, "Fleet").await;
    open_to_team(&cloud, &product).await;
    let ids: Vec<String> = (0..11).map(|number| format!("{number:024x}")).collect();
    for id in &ids[..10] {
        add(&cloud, &product, id, "some truck").await;
    }
    let cards: Vec<String> = (0..11).map(iccid).collect();
    import(&cloud, &product, &cards).await;
    let ten = cloud.get("/v1/user/search?text=truck", &me).await;
    assert_eq!((found(&ten, "device", "id").len(), &ten.body["hasMore"]), (10, &json!(false)));
    add(&cloud, &product, &ids[10], "some truck").await;
    for text in ["truck", "some", "0000"] {
        let eleven = cloud.get(&format!("/v1/user/search?text={text}"), &me).await;
        assert_eq!(
            (found(&eleven, "device", "id").len(), &eleven.body["hasMore"]),
            (10, &json!(true)),
            "{text}"
        );
    }
    let cards = cloud.get("/v1/user/search?text=890", &me).await;
    assert_eq!((found(&cards, "sim", "iccid").len(), &cards.body["hasMore"]), (10, &json!(true)));
}

async fn an_organization_finds_what_its_products_have(cloud: Cloud) {
    let (founder, stranger) =
        (cloud.user("founder@example.com").await, cloud.user("stranger@example.com").await);
    cloud.form("POST", "/v1/orgs", &founder, &[("name", "Makers")]).await;
    let made = cloud
        .form("POST", "/v1/orgs/makers/products", &founder, &[("name", "Shared"), ("platform_id", "13")])
        .await;
    let path = format!("/v1/products/{}", made.body["product"]["id"]);
    let client = cloud
        .form("POST", &format!("{path}/clients"), &founder, &[("name", "x"), ("type", "installed")])
        .await;
    let token =
        cloud.mint(&client.text("/client/id"), &client.text("/client/secret")).await.text("/access_token");
    let token = crate::cloud::bearer(&token);
    let id = "e00fce680000000000000001";
    cloud.json("POST", &format!("{path}/devices"), &token, json!({"id": id})).await;
    let own = cloud.product(&founder, "Shared by nobody").await;
    add(&cloud, &own, "e00fce680000000000000002", "x").await;

    let answer = cloud.get("/v1/orgs/makers/search?text=e00fce", &founder).await;
    assert_eq!(found(&answer, "device", "id"), [id]);
    assert_eq!(
        (answer.text("/results/0/org"), answer.text("/results/0/orgName")),
        ("makers".into(), "Makers".into())
    );
    let answer = cloud.get("/v1/orgs/makers/search?text=share", &founder).await;
    assert_eq!(found(&answer, "product", "name"), ["Shared"]);
    assert_eq!(cloud.get("/v1/orgs/makers/search?text=share", &stranger).await.status, 403);
    assert_eq!(
        found(&cloud.get("/v1/user/search?text=share", &founder).await, "product", "name"),
        ["Shared by nobody"]
    );
}

async fn nonsense_is_refused(cloud: Cloud) {
    let me = cloud.user("me@example.com").await;
    let long = "x".repeat(129);
    for bad in
        ["", "text=", "text=%20", "text=a%00b", "text=a&type=cat", &format!("text={long}"), "text=a&text=b"]
    {
        assert_eq!(cloud.get(&format!("/v1/user/search?{bad}"), &me).await.status, 400, "{bad}");
    }
    for odd in ["text=a&type=", "text=%F0%9F%9A%9A", "text=%27%22%3B--"] {
        assert_eq!(
            cloud.get(&format!("/v1/user/search?{odd}"), &me).await.body["results"],
            json!([]),
            "{odd}"
        );
    }
}
