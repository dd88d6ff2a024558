//! Device Protection, taken from a device for a while: what the device does over USB is done here, as Device OS has it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair, UnparsedPublicKey,
};
use serde_json::{Value, json};

use crate::cloud::{Answer, Cloud};
use crate::on_both_engines;

on_both_engines!(
    a_device_lets_go_of_its_protection_for_its_owner,
    what_the_device_did_not_sign_the_server_does_not_either,
    in_a_product_those_who_develop_for_it_decide,
    an_organization_reaches_the_devices_of_its_products,
);

/// A device with a key.
struct Device {
    id: &'static str,
    pair: EcdsaKeyPair,
    nonce: [u8; 32],
}

impl Device {
    fn new(id: &'static str) -> Self {
        let random = SystemRandom::new();
        let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, made.as_ref(), &random).unwrap();
        Self { id, pair, nonce: [7; 32] }
    }

    /// Its public key (RFC 5480).
    fn der(&self) -> Vec<u8> {
        let head = hex::decode("3059301306072a8648ce3d020106082a8648ce3d030107034200").unwrap();
        [&head, self.pair.public_key().as_ref()].concat()
    }

    fn fingerprint(&self) -> Vec<u8> {
        digest(&SHA256, &self.der()).as_ref().to_vec()
    }

    /// Tells the server of itself and its key.
    async fn register(&self, cloud: &Cloud, user: &str) {
        let text = STANDARD.encode(self.der());
        let (first, second) = text.split_at(64);
        let pem = format!("-----BEGIN PUBLIC KEY-----\n{first}\n{second}\n-----END PUBLIC KEY-----\n");
        let key = json!({"publicKey": pem, "algorithm": "ecc"});
        let made = cloud.json("POST", &format!("/v1/provisioning/{}", self.id), user, key).await;
        assert_eq!(made.status, 200, "{}", made.body);
    }

    /// What it signs, and what it expects to be signed.
    fn message(&self, word: &str, values: &[&[u8]]) -> Vec<u8> {
        let mut message = [word.as_bytes(), &hex::decode(self.id).unwrap()].concat();
        for value in values {
            message.extend(u32::try_from(value.len()).unwrap().to_le_bytes());
            message.extend_from_slice(value);
        }
        message
    }

    /// Its answer to the server's nonce.
    fn proof(&self, server_nonce: &str) -> Value {
        let message = self.message("device", &[&self.nonce, &STANDARD.decode(server_nonce).unwrap()]);
        let signature = self.pair.sign(&SystemRandom::new(), &message).unwrap();
        json!({
            "action": "confirm", "server_nonce": server_nonce, "device_nonce": STANDARD.encode(self.nonce),
            "device_signature": STANDARD.encode(signature),
            "device_public_key_fingerprint": STANDARD.encode(self.fingerprint())
        })
    }

    /// Whether it believes the server, which is the one that it knows.
    fn believes(&self, answer: &Answer, server_nonce: &str, server_key: &[u8]) -> bool {
        let bytes = |name: &str| STANDARD.decode(answer.text(name)).unwrap();
        let known = digest(&SHA256, server_key);
        let server_nonce = STANDARD.decode(server_nonce).unwrap();
        let message = self.message("server", &[&server_nonce, &self.nonce, &self.fingerprint()]);
        let signed = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, &server_key[26..])
            .verify(&message, &bytes("/server_signature"));
        known.as_ref() == bytes("/server_public_key_fingerprint") && signed.is_ok()
    }
}

const ID: &str = "e00fce680000000000000001";
const OTHER: &str = "e00fce680000000000000002";

async fn step(cloud: &Cloud, user: &str, device: &str, step: Value) -> Answer {
    cloud.json("PUT", &format!("/v1/devices/{device}/unprotect"), user, step).await
}

async fn nonce(cloud: &Cloud, user: &str, device: &str) -> String {
    let prepared = step(cloud, user, device, json!({"action": "prepare"})).await;
    assert_eq!(prepared.status, 200, "{}", prepared.body);
    prepared.text("/server_nonce")
}

/// A device of the user's.
async fn claimed(cloud: &Cloud, user: &str, id: &'static str) -> Device {
    let device = Device::new(id);
    device.register(cloud, user).await;
    assert_eq!(cloud.form("POST", "/v1/devices", user, &[("id", id)]).await.status, 200);
    device
}

async fn a_device_lets_go_of_its_protection_for_its_owner(cloud: Cloud) {
    let (me, other) = (cloud.user("me@example.com").await, cloud.user("other@example.com").await);
    let device = claimed(&cloud, &me, ID).await;
    let server_key = cloud.mote.device_server_key().await.unwrap().public_der();
    cloud.form("PUT", &format!("/v1/devices/{ID}"), &me, &[("name", "door")]).await;
    for named in [ID, "door"] {
        let nonce = nonce(&cloud, &me, named).await;
        assert_eq!(STANDARD.decode(&nonce).unwrap().len(), 32);
        let confirmed = step(&cloud, &me, named, device.proof(&nonce)).await;
        assert!(device.believes(&confirmed, &nonce, &server_key), "{}", confirmed.body);
    }
    let refused = step(&cloud, &other, ID, json!({"action": "prepare"})).await;
    assert_eq!(refused.error(), (404, "not_found".into()));
    // Any device can be told which key to know.
    let pem = cloud.mote.device_server_key().await.unwrap().public_pem().unwrap();
    assert!(
        pem.starts_with("-----BEGIN PUBLIC KEY-----\n") && pem.contains(&STANDARD.encode(server_key)[..60])
    );
}

async fn what_the_device_did_not_sign_the_server_does_not_either(cloud: Cloud) {
    let me = cloud.user("me@example.com").await;
    let (device, other) = (claimed(&cloud, &me, ID).await, claimed(&cloud, &me, OTHER).await);
    let nonce_of_other = nonce(&cloud, &me, OTHER).await;
    let nonce = nonce(&cloud, &me, ID).await;
    let with = |field: &str, value: Value| {
        let mut proof = device.proof(&nonce);
        proof[field] = value;
        proof
    };
    let stranger = Device { id: ID, ..Device::new(ID) };
    let forged = json!(stranger.proof(&nonce)["device_signature"]);
    for (proof, said) in [
        (device.proof(&nonce_of_other), "server_nonce"),
        (device.proof(&STANDARD.encode([0xff; 32])), "server_nonce"),
        (device.proof(&STANDARD.encode([0; 5])), "server_nonce"),
        (device.proof(""), "server_nonce"),
        (with("server_nonce", Value::Null), "server_nonce"),
        (with("device_nonce", json!(STANDARD.encode([7; 31]))), "device_nonce"),
        (with("device_nonce", json!(STANDARD.encode([8; 32]))), "device_signature"),
        (with("device_signature", forged), "device_signature"),
        (with("device_signature", json!("")), "device_signature"),
        (with("device_signature", json!("%%%")), "device_signature"),
        (with("action", json!("reset")), "action"),
        (json!({}), "action"),
    ] {
        let refused = step(&cloud, &me, ID, proof).await;
        assert_eq!(refused.status, 400, "{said}: {}", refused.body);
        assert!(refused.text("/error_description").contains(said), "{said}: {}", refused.body);
    }
    // Of another key than the registered one nothing is known; in the words that the CLI looks for.
    for proof in [
        stranger.proof(&nonce),
        with("device_public_key_fingerprint", json!(STANDARD.encode(other.fingerprint()))),
    ] {
        let refused = step(&cloud, &me, ID, proof).await;
        assert_eq!(
            (refused.status.as_u16(), refused.text("/error_description")),
            (404, "Device public key was not found".into())
        );
    }
    assert_eq!(step(&cloud, &me, ID, device.proof(&nonce)).await.status, 200);
    let told = crate::audit::actions(&cloud, "/v1/user/audit?action=device.unprotected", &me).await;
    assert!(told.last().is_some_and(|action| action == "device.unprotected"));
    cloud.pass(5 * 60);
    assert_eq!(step(&cloud, &me, ID, device.proof(&nonce)).await.status, 400);
}

async fn in_a_product_those_who_develop_for_it_decide(cloud: Cloud) {
    let (me, owner) = (cloud.user("me@example.com").await, cloud.user("owner@example.com").await);
    let device = Device::new(ID);
    device.register(&cloud, &owner).await;
    let product = cloud.product(&me, "Locks").await;
    let path = format!("/v1/products/{}/devices", product.id);
    assert_eq!(cloud.json("POST", &path, &product.token, json!({"ids": [ID]})).await.status, 200);
    assert_eq!(cloud.form("POST", "/v1/devices", &owner, &[("id", ID)]).await.status, 200);
    let prepare = json!({"action": "prepare"});
    // It is his device, and their secrets that are in it.
    for named in [ID, "e00fce680000000000000009"] {
        assert_eq!(step(&cloud, &owner, named, prepare.clone()).await.status, 404);
    }
    let nonce = nonce(&cloud, &me, ID).await;
    assert_eq!(step(&cloud, &me, ID, device.proof(&nonce)).await.status, 200);
    let of_product = format!("{path}/{ID}/unprotect");
    let prepared = cloud.json("PUT", &of_product, &product.token, prepare.clone()).await;
    let proof = device.proof(&prepared.text("/server_nonce"));
    assert_eq!(cloud.json("PUT", &of_product, &product.token, proof).await.status, 200);
    let other = cloud.product(&me, "Others").await;
    let elsewhere = format!("/v1/products/{}/devices/{ID}/unprotect", other.id);
    assert_eq!(cloud.json("PUT", &elsewhere, &other.token, prepare).await.status, 404);
}

async fn an_organization_reaches_the_devices_of_its_products(cloud: Cloud) {
    let me = cloud.user("me@example.com").await;
    for name in ["Makers", "Strangers"] {
        assert!(cloud.json("POST", "/v1/orgs", &me, json!({"name": name})).await.status.is_success());
    }
    let fields = [("name", "Locks"), ("platform_id", "13")];
    let made = cloud.form("POST", "/v1/orgs/makers/products", &me, &fields).await;
    let product = cloud.with_client(&me, &made).await;
    let device = Device::new(ID);
    device.register(&cloud, &me).await;
    let path = format!("/v1/products/{}/devices", product.id);
    assert_eq!(cloud.json("POST", &path, &product.token, json!({"ids": [ID]})).await.status, 200);
    let at = |organization: &str, device: &str| format!("/v1/orgs/{organization}/devices/{device}/unprotect");
    let prepare = json!({"action": "prepare"});
    let prepared = cloud.json("PUT", &at("makers", ID), &me, prepare.clone()).await;
    let proof = device.proof(&prepared.text("/server_nonce"));
    assert_eq!(cloud.json("PUT", &at("makers", ID), &me, proof).await.status, 200);
    for (organization, device) in [("strangers", ID), ("makers", OTHER), ("makers", "nonsense")] {
        let refused = cloud.json("PUT", &at(organization, device), &me, prepare.clone()).await;
        assert_eq!(refused.status, 404, "{organization} {device}");
    }
    let other = cloud.user("other@example.com").await;
    assert_eq!(cloud.json("PUT", &at("makers", ID), &other, prepare).await.status, 403);
}
