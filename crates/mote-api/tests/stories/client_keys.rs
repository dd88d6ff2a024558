//! Clients that sign instead of sending a secret (`private_key_jwt`, RFC 7523).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};

use crate::cloud::{Answer, Cloud, Product, basic, bearer};
use crate::on_both_engines;

on_both_engines!(
    a_client_proves_itself_by_what_it_signs,
    an_assertion_is_good_for_once_and_for_this_server,
    the_key_decides_how_it_signs,
    keys_are_replaced_ended_and_bounded,
    another_products_keys_are_out_of_reach,
);

const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const TOKEN: &str = "/oauth/token";

enum Signer {
    Ed25519(Ed25519KeyPair),
    P256(EcdsaKeyPair),
}

fn encoded(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl Signer {
    fn ed25519() -> Self {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        Self::Ed25519(Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).unwrap())
    }

    fn p256() -> Self {
        let (random, how) = (SystemRandom::new(), &ECDSA_P256_SHA256_FIXED_SIGNING);
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(how, &random).unwrap();
        Self::P256(EcdsaKeyPair::from_pkcs8(how, pkcs8.as_ref(), &random).unwrap())
    }

    fn jwk(&self, kid: Option<&str>) -> Value {
        match self {
            Self::Ed25519(pair) => {
                json!({"kty": "OKP", "crv": "Ed25519", "x": encoded(pair.public_key()), "kid": kid})
            }
            Self::P256(pair) => {
                let point = pair.public_key().as_ref();
                json!({"kty": "EC", "crv": "P-256", "x": encoded(&point[1..33]), "y": encoded(&point[33..]), "kid": kid})
            }
        }
    }

    fn alg(&self) -> &'static str {
        match self {
            Self::Ed25519(_) => "EdDSA",
            Self::P256(_) => "ES256",
        }
    }

    fn jwt(&self, head: &Value, claims: &Value) -> String {
        let signed = format!("{}.{}", encoded(head.to_string()), encoded(claims.to_string()));
        let signature = match self {
            Self::Ed25519(pair) => encoded(pair.sign(signed.as_bytes())),
            Self::P256(pair) => encoded(pair.sign(&SystemRandom::new(), signed.as_bytes()).unwrap()),
        };
        format!("{signed}.{signature}")
    }
}

/// What a client says of itself; another each time.
fn claims(cloud: &Cloud, client: &str) -> Value {
    let now = cloud.now().0 / 1000;
    let jti = mote_core::keys::TokenSecret::generate().expose().to_string();
    json!({
        "iss": client, "sub": client, "aud": "http://mote.example.com/oauth/token",
        "iat": now, "exp": now + 60, "jti": jti
    })
}

async fn with_key(
    cloud: &Cloud,
    product: &Product,
    user: &str,
    signer: &Signer,
    kid: Option<&str>,
) -> String {
    let path = format!("/v1/products/{}/clients/{}/keys", product.id, product.client);
    let added =
        cloud.json("POST", &path, user, json!({"name": "build server", "public_key": signer.jwk(kid)}));
    let added = added.await;
    assert_eq!(added.status, 200, "{}", added.body);
    added.text("/key/id")
}

async fn send(cloud: &Cloud, path: &str, jwt: &str, more: &[(&str, &str)]) -> Answer {
    let fields =
        [("client_assertion_type", TYPE), ("client_assertion", jwt), ("grant_type", "client_credentials")];
    let fields: Vec<_> = fields.into_iter().chain(more.iter().copied()).collect();
    cloud.form("POST", path, "", &fields).await
}

async fn a_client_proves_itself_by_what_it_signs(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let product = cloud.product(&user, "Signed").await;
    for signer in [Signer::ed25519(), Signer::p256()] {
        with_key(&cloud, &product, &user, &signer, None).await;
        let head = json!({"alg": signer.alg(), "typ": "JWT"});
        let sign = || signer.jwt(&head, &claims(&cloud, &product.client));
        let minted = send(&cloud, TOKEN, &sign(), &[]).await;
        assert_eq!(minted.status, 200, "{}", minted.body);
        let token = minted.text("/access_token");
        assert_eq!(cloud.get(&format!("/v1/products/{}", product.id), &bearer(&token)).await.status, 200);
        let beside = [("client_id", &*product.client)];
        assert_eq!(send(&cloud, TOKEN, &sign(), &beside).await.status, 200);
        let refresh = minted.text("/refresh_token");
        let fields =
            [("client_assertion_type", TYPE), ("grant_type", "refresh_token"), ("refresh_token", &*refresh)];
        let jwt = sign();
        let fields: Vec<_> = fields.into_iter().chain([("client_assertion", &*jwt)]).collect();
        assert_eq!(cloud.form("POST", TOKEN, "", &fields).await.status, 200);
        // The other endpoints, whose own addresses it may name.
        let seen = send(&cloud, "/oauth/introspect", &sign(), &[("token", &token)]).await;
        assert_eq!(seen.body["active"], true, "{}", seen.body);
        let mut own = claims(&cloud, &product.client);
        own["aud"] = json!("http://mote.example.com/oauth/revoke");
        assert_eq!(send(&cloud, TOKEN, &signer.jwt(&head, &own), &[]).await.status, 401);
        assert_eq!(
            send(&cloud, "/oauth/revoke", &signer.jwt(&head, &own), &[("token", &token)]).await.status,
            200
        );
        assert_eq!(cloud.get(&format!("/v1/products/{}", product.id), &bearer(&token)).await.status, 401);
    }
    // The secret stays good beside it.
    assert_eq!(cloud.mint(&product.client, &product.secret).await.status, 200);
    let metadata = cloud.get("/.well-known/oauth-authorization-server", "").await;
    for of in ["token", "revocation", "introspection"] {
        let methods = &metadata.body[format!("{of}_endpoint_auth_methods_supported")];
        assert!(methods.as_array().unwrap().contains(&json!("private_key_jwt")));
        let algorithms = &metadata.body[format!("{of}_endpoint_auth_signing_alg_values_supported")];
        assert_eq!(algorithms, &json!(["RS256", "ES256", "EdDSA", "Ed25519"]));
    }
}

async fn an_assertion_is_good_for_once_and_for_this_server(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let (product, other) = (cloud.product(&user, "Own").await, cloud.product(&user, "Other").await);
    let signer = Signer::ed25519();
    with_key(&cloud, &product, &user, &signer, None).await;
    let head = json!({"alg": "EdDSA"});
    let jwt = signer.jwt(&head, &claims(&cloud, &product.client));
    assert_eq!(send(&cloud, TOKEN, &jwt, &[]).await.status, 200);
    assert_eq!(send(&cloud, TOKEN, &jwt, &[]).await.error(), (401, "invalid_client".into()));
    assert_eq!(send(&cloud, "/oauth/introspect", &jwt, &[("token", "x")]).await.status, 401, "anywhere");
    // Of many at once, one.
    let jwt = signer.jwt(&head, &claims(&cloud, &product.client));
    let all = (0..8).map(|_| send(&cloud, TOKEN, &jwt, &[]));
    let all = futures_util::future::join_all(all).await;
    assert_eq!(all.iter().filter(|answer| answer.status == 200).count(), 1);
    assert_eq!(all.iter().filter(|answer| answer.status == 401).count(), 7);
    let now = cloud.now().0 / 1000;
    for (name, value) in [
        ("aud", json!("https://elsewhere.example.com")),
        ("aud", json!(["http://mote.example.com", "https://elsewhere.example.com"])),
        ("aud", json!("http://mote.example.com/oauth/introspect")),
        ("iss", json!(other.client)),
        ("sub", json!(other.client)),
        ("exp", json!(now - 31)),
        ("exp", json!(now + 3600)),
        ("exp", json!(null)),
        ("nbf", json!(now + 60)),
        ("iat", json!(now + 60)),
        ("jti", json!("")),
    ] {
        let mut wrong = claims(&cloud, &product.client);
        wrong[name] = value.clone();
        let refused = send(&cloud, TOKEN, &signer.jwt(&head, &wrong), &[]).await;
        assert_eq!(refused.error(), (401, "invalid_client".into()), "{name} {value}");
    }
    for (name, value) in [("aud", json!("http://mote.example.com")), ("nbf", json!(now))] {
        let mut right = claims(&cloud, &product.client);
        right[name] = value;
        assert_eq!(send(&cloud, TOKEN, &signer.jwt(&head, &right), &[]).await.status, 200);
    }
    // What was used is forgotten only when it is over.
    let jwt = signer.jwt(&head, &claims(&cloud, &product.client));
    assert_eq!(send(&cloud, TOKEN, &jwt, &[]).await.status, 200);
    cloud.pass(59);
    while cloud.mote.sweep().await.unwrap() {}
    assert_eq!(send(&cloud, TOKEN, &jwt, &[]).await.status, 401);
    cloud.pass(600);
    while cloud.mote.sweep().await.unwrap() {}
    let left = cloud.store.write(|db| mote_store::client_keys::sweep_assertions(db, i64::MAX, 10)).await;
    assert_eq!(left.unwrap(), 0);
}

async fn the_key_decides_how_it_signs(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let product = cloud.product(&user, "Confused").await;
    let (signer, stranger) = (Signer::p256(), Signer::p256());
    with_key(&cloud, &product, &user, &signer, Some("mine")).await;
    let says = || claims(&cloud, &product.client);
    let refused = async |jwt: &str| {
        let answer = send(&cloud, TOKEN, jwt, &[]).await;
        assert_eq!(answer.error(), (401, "invalid_client".into()), "{jwt}");
    };
    for head in [
        json!({"alg": "none"}),
        json!({"alg": "HS256"}),
        json!({"alg": "EdDSA"}),
        json!({"alg": "es256"}),
        json!({"alg": "ES256", "kid": "another"}),
        json!({"alg": "ES256", "crit": ["exp"]}),
        json!({"typ": "JWT"}),
    ] {
        refused(&signer.jwt(&head, &says())).await;
    }
    let head = json!({"alg": "ES256", "kid": "mine"});
    assert_eq!(send(&cloud, TOKEN, &signer.jwt(&head, &says()), &[]).await.status, 200);
    // Signed by another, or brought along, or not at all.
    refused(&stranger.jwt(&head, &says())).await;
    let brought = json!({"alg": "ES256", "jwk": stranger.jwk(None)});
    refused(&stranger.jwt(&brought, &says())).await;
    let whole = signer.jwt(&head, &says());
    let (text, signature) = whole.rsplit_once('.').unwrap();
    let (first, second) = text.split_once('.').unwrap();
    let changed = encoded(claims(&cloud, &product.client).to_string());
    for jwt in [
        format!("{text}."),
        text.to_owned(),
        format!("{first}.{changed}.{signature}"),
        format!("{}.{second}.", encoded(json!({"alg": "none"}).to_string())),
        format!("{whole}.{whole}"),
        format!("{whole}="),
        "x".into(),
        ".".into(),
        "..".into(),
        "x".repeat(9000),
    ] {
        refused(&jwt).await;
    }
    // What was refused was not used.
    assert_eq!(send(&cloud, TOKEN, &whole, &[]).await.status, 200);
    let sign = || signer.jwt(&head, &says());
    for more in [("client_secret", &*product.secret), ("client_assertion_type", "x")] {
        let answer = send(&cloud, TOKEN, &sign(), &[more]).await;
        assert_eq!(answer.error(), (400, "invalid_request".into()), "{more:?}");
    }
    let other = send(&cloud, TOKEN, &sign(), &[("client_id", "another-1234")]).await;
    assert_eq!(other.error(), (401, "invalid_client".into()));
    let jwt = sign();
    let fields = [("grant_type", "client_credentials"), ("client_assertion", &*jwt)];
    assert_eq!(cloud.form("POST", TOKEN, "", &fields).await.error(), (400, "invalid_request".into()));
    let fields =
        [("client_assertion_type", TYPE), ("grant_type", "client_credentials"), ("client_assertion", &*jwt)];
    let basic = basic(&product.client, &product.secret);
    assert_eq!(cloud.form("POST", TOKEN, &basic, &fields).await.error(), (400, "invalid_request".into()));
}

async fn keys_are_replaced_ended_and_bounded(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let made = cloud.json("POST", "/v1/clients", &user, json!({"name": "mine", "type": "installed"})).await;
    let client = made.text("/client/id");
    let path = format!("/v1/clients/{client}/keys");
    let signers: Vec<_> = (0..5).map(|_| Signer::ed25519()).collect();
    let mut ids = Vec::new();
    for (number, signer) in signers.iter().enumerate() {
        // As text in a form, too.
        let jwk = signer.jwk(Some(&format!("key {number}"))).to_string();
        let added = cloud.form("POST", &path, &user, &[("name", "one of five"), ("public_key", &jwk)]).await;
        assert_eq!(added.status, 200, "{}", added.body);
        ids.push(added.text("/key/id"));
    }
    let add = async |body: Value| cloud.json("POST", &path, &user, body).await.error();
    let sixth = json!({"name": "x", "public_key": Signer::ed25519().jwk(None)});
    assert_eq!(add(sixth).await, (409, "conflict".into()));
    assert_eq!(cloud.form("DELETE", &format!("{path}/{}", ids[4]), &user, &[]).await.status, 204);
    let again = json!({"name": "x", "public_key": signers[0].jwk(None)});
    assert_eq!(add(again).await, (409, "conflict".into()));
    let taken = json!({"name": "x", "public_key": Signer::ed25519().jwk(Some("key 1"))});
    assert_eq!(add(taken).await, (409, "conflict".into()));
    for bad in [
        json!({"name": "", "public_key": Signer::ed25519().jwk(None)}),
        json!({"name": "x", "public_key": "hello"}),
        json!({"name": "x", "public_key": {"kty": "oct", "k": "AAAA"}}),
        json!({"name": "x", "public_key": Signer::ed25519().jwk(None), "expires_in": -1}),
        json!({"name": "x", "public_key": 7}),
        json!({"name": "x"}),
    ] {
        assert_eq!(cloud.json("POST", &path, &user, bad.clone()).await.status, 400, "{bad}");
    }
    let head = json!({"alg": "EdDSA"});
    let proves = async |signer: &Signer| {
        let jwt = signer.jwt(&head, &claims(&cloud, &client));
        send(&cloud, "/oauth/introspect", &jwt, &[("token", "x")]).await.status.as_u16()
    };
    assert_eq!((proves(&signers[0]).await, proves(&signers[4]).await), (200, 401));
    cloud.mote.flush_uses().await.unwrap();
    let listed = cloud.get(&path, &user).await;
    assert_eq!(listed.body["keys"].as_array().unwrap().len(), 4);
    let at = json!(cloud.now().to_iso());
    let first = json!({
        "id": ids[0], "name": "one of five", "kid": "key 0", "algorithm": "EdDSA",
        "created_at": at, "expires_at": null, "last_used_at": at
    });
    assert_eq!((&listed.body["keys"][0], &listed.body["keys"][1]["last_used_at"]), (&first, &json!(null)));
    // One that ends by itself.
    let short = Signer::p256();
    let added = json!({"name": "short", "public_key": short.jwk(None), "expires_in": 60});
    assert_eq!(cloud.json("POST", &path, &user, added).await.status, 200);
    let of_short = async || {
        let jwt = short.jwt(&json!({"alg": "ES256"}), &claims(&cloud, &client));
        send(&cloud, "/oauth/introspect", &jwt, &[("token", "x")]).await.status.as_u16()
    };
    assert_eq!(of_short().await, 200);
    cloud.pass(60);
    assert_eq!(of_short().await, 401);
    // The secret may go, where there is a key; the last of all stays.
    let secrets = format!("/v1/clients/{client}/secrets");
    let secret = cloud.get(&secrets, &user).await.text("/secrets/0/id");
    assert_eq!(cloud.form("DELETE", &format!("{secrets}/{secret}"), &user, &[]).await.status, 204);
    let ids: Vec<_> = cloud.get(&path, &user).await.body["keys"]
        .as_array()
        .unwrap()
        .iter()
        .map(|key| key["id"].as_str().unwrap().to_owned())
        .collect();
    for id in &ids[1..] {
        assert_eq!(cloud.form("DELETE", &format!("{path}/{id}"), &user, &[]).await.status, 204);
    }
    let last = cloud.form("DELETE", &format!("{path}/{}", ids[0]), &user, &[]).await;
    assert_eq!(last.error(), (409, "conflict".into()));
    assert_eq!(proves(&signers[0]).await, 200);
    let trail = cloud.get("/v1/user/audit?action=oauth_client", &user).await.body.to_string();
    assert!(trail.contains("oauth_client.key_added") && trail.contains("oauth_client.key_ended"), "{trail}");
    assert_eq!(cloud.form("DELETE", &format!("/v1/clients/{client}"), &user, &[]).await.status, 204);
    assert_eq!(proves(&signers[0]).await, 401);
}

async fn another_products_keys_are_out_of_reach(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let (product, other) = (cloud.product(&user, "Own").await, cloud.product(&user, "Other").await);
    let signer = Signer::ed25519();
    let id = with_key(&cloud, &product, &user, &signer, None).await;
    let add = json!({"name": "x", "public_key": Signer::ed25519().jwk(None)});
    let crossed = format!("/v1/products/{}/clients/{}/keys", other.id, product.client);
    assert_eq!(cloud.get(&crossed, &user).await.status, 404);
    assert_eq!(cloud.json("POST", &crossed, &user, add.clone()).await.status, 404);
    let own = format!("/v1/products/{}/clients/{}/keys", product.id, product.client);
    assert_eq!(cloud.json("POST", &own, &other.token, add.clone()).await.status, 403);
    let theirs = format!("/v1/products/{}/clients/{}/keys/{id}", other.id, other.client);
    assert_eq!(cloud.form("DELETE", &theirs, &user, &[]).await.status, 404);
    let stranger = cloud.user("stranger@example.com").await;
    assert_eq!(cloud.get(&own, &stranger).await.status, 403);
    assert_eq!(cloud.json("POST", &own, &stranger, add.clone()).await.status, 403);
    assert_eq!(cloud.json("POST", &own, "", add).await.status, 401);
    // What this client signs says nothing for the other.
    let mut of_other = claims(&cloud, &other.client);
    of_other["iss"] = json!(product.client);
    for claims in [of_other, claims(&cloud, &other.client)] {
        let jwt = signer.jwt(&json!({"alg": "EdDSA"}), &claims);
        assert_eq!(send(&cloud, TOKEN, &jwt, &[]).await.status, 401);
    }
    for nobody in ["particle", "nobody-1234"] {
        let jwt = signer.jwt(&json!({"alg": "EdDSA"}), &claims(&cloud, nobody));
        assert_eq!(send(&cloud, TOKEN, &jwt, &[("client_id", nobody)]).await.status, 401);
    }
}
