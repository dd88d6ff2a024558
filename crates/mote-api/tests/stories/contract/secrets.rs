use mote_core::SpaceKey;
use mote_store::StoreError;
use mote_store::secrets::{UserKind, set_uses};
use serde_json::json;

use super::Group;
use crate::cloud::Cloud;
use crate::on_both_engines;

on_both_engines!(answers_have_the_documented_shapes);

async fn answers_have_the_documented_shapes(cloud: Cloud) {
    let mut contract = Group::begin("Secrets");
    let user = cloud.user("me@example.com").await;
    let space = SpaceKey::Account(cloud.get("/v1/user", &user).await.text("/id").parse().unwrap());
    let body = json!({"name": "MY_API_KEY", "value": "hunter2"});
    contract.check("Secrets-Create-a-cloud-secret", &cloud.json("POST", "/v1/secrets", &user, body).await);
    let path = "/v1/secrets/MY_API_KEY";
    let updated = cloud.json("PUT", path, &user, json!({"value": "hunter3"})).await;
    contract.check("Secrets-Update-the-value-of-a-cloud-secret", &updated);
    let note_uses = async |names: Vec<String>| {
        let write = move |db: &mut _| -> Result<(), StoreError> {
            set_uses(db, space, (UserKind::Integration, 7), "my integration", &names)
        };
        cloud.store.write(write).await.unwrap();
    };
    note_uses(vec!["MY_API_KEY".into()]).await;
    contract.check("Secrets-List-cloud-secrets", &cloud.get("/v1/secrets", &user).await);
    contract.check("Secrets-Get-cloud-secret-by-name", &cloud.get(path, &user).await);
    note_uses(Vec::new()).await;
    contract.check("Secrets-Delete-a-cloud-secret", &cloud.form("DELETE", path, &user, &[]).await);
    contract.end();
}
