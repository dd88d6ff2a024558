//! What holds the trail together, against somebody who writes to the database.

use diesel::RunQueryDsl;
use mote_core::audit::{AuditBreak, AuditVerified, ChainPlace};
use serde_json::json;

use super::{entries, of_product};
use crate::cloud::{Cloud, Product};
use crate::on_both_engines;

on_both_engines!(
    entries_are_chained_and_the_chain_is_whole,
    what_is_cut_off_is_found_by_whoever_kept_the_place,
    entries_end_with_their_time_from_the_old_end_alone,
    nodes_seal_one_after_the_other,
);

/// A product with some entries, sealed.
pub(super) async fn sealed(cloud: &Cloud) -> Product {
    let owner = cloud.user("owner@example.com").await;
    let product = cloud.product(&owner, "Sensor").await;
    rename(cloud, &product, "Other").await;
    seal(cloud).await;
    product
}

async fn rename(cloud: &Cloud, product: &Product, name: &str) {
    let path = format!("/v1/products/{}", product.id);
    assert_eq!(cloud.json("PUT", &path, &product.token, json!({"name": name})).await.status, 200);
}

pub(crate) async fn seal(cloud: &Cloud) {
    while cloud.mote.seal_audit().await.unwrap() {}
}

pub(super) async fn verified(cloud: &Cloud) -> AuditVerified {
    cloud.mote.verify_audit(None).await.unwrap().unwrap()
}

/// What somebody does who has the database, and not the key: statements with semicolons between.
pub(crate) async fn tamper(cloud: &Cloud, statements: &str) {
    let statements = statements.to_owned();
    let write = move |db: &mut mote_store::Db| -> Result<(), mote_store::StoreError> {
        for statement in statements.split(';') {
            diesel::sql_query(statement).execute(db)?;
        }
        Ok(())
    };
    cloud.store.write(write).await.unwrap();
}

pub(super) async fn broken(cloud: &Cloud) -> AuditBreak {
    cloud.mote.verify_audit(None).await.unwrap().unwrap_err()
}

async fn entries_are_chained_and_the_chain_is_whole(cloud: Cloud) {
    assert_eq!(verified(&cloud).await.entries, 0);
    let product = sealed(&cloud).await;
    let audit = of_product(&product);
    let found = verified(&cloud).await;
    assert_eq!((found.start.number, found.last.number, found.entries, found.waiting), (0, 5, 5, 0));
    let all = entries(&cloud, &audit, &product.token).await;
    assert_eq!(all[0]["number"], 5);
    assert_eq!(all[0]["hash"], found.last.hash.to_string());
    assert_eq!(all[0]["previous_hash"], all[1]["hash"]);
    rename(&cloud, &product, "Again").await;
    let fresh = entries(&cloud, &audit, &product.token).await;
    assert_eq!((&fresh[0]["number"], &fresh[0]["hash"]), (&json!(null), &json!(null)));
    assert_eq!(verified(&cloud).await.waiting, 1);
    seal(&cloud).await;
    // What was sealed stays as it was.
    let later = entries(&cloud, &audit, &product.token).await;
    assert_eq!(later[1..], all);
    assert_eq!((verified(&cloud).await.last.number, later[0]["number"].as_i64()), (6, Some(6)));
    assert!(!cloud.mote.seal_audit().await.unwrap());
}

async fn what_is_cut_off_is_found_by_whoever_kept_the_place(cloud: Cloud) {
    let product = sealed(&cloud).await;
    tamper(&cloud, "CREATE TABLE kept_ends AS SELECT * FROM audit_ends").await;
    rename(&cloud, &product, "Again").await;
    seal(&cloud).await;
    let place = verified(&cloud).await.last;
    let read: ChainPlace = place.to_string().parse().unwrap();
    assert_eq!(cloud.mote.verify_audit(Some(read)).await.unwrap().unwrap().last, place);
    // The end is set back to what it once was: the chain is whole in itself.
    tamper(
        &cloud,
        "DELETE FROM audit WHERE number = 6; \
         DELETE FROM audit_ends; \
         INSERT INTO audit_ends SELECT * FROM kept_ends",
    )
    .await;
    assert_eq!(verified(&cloud).await.last.number, 5);
    let found = cloud.mote.verify_audit(Some(place)).await.unwrap().unwrap_err();
    assert_eq!(found, AuditBreak::Unexpected { number: 6 });
    // Going on from there gives the number to another entry, and not that hash.
    rename(&cloud, &product, "Elsewhere").await;
    seal(&cloud).await;
    assert_eq!(verified(&cloud).await.last.number, 6);
    assert_eq!(
        cloud.mote.verify_audit(Some(place)).await.unwrap().unwrap_err(),
        AuditBreak::Unexpected { number: 6 }
    );
}

async fn entries_end_with_their_time_from_the_old_end_alone(cloud: Cloud) {
    let product = sealed(&cloud).await;
    cloud.pass(200 * 86_400);
    let minted = cloud.mint(&product.client, &product.secret).await;
    let product = Product { token: crate::cloud::bearer(&minted.text("/access_token")), ..product };
    rename(&cloud, &product, "Half a year later").await;
    seal(&cloud).await;
    while cloud.mote.sweep().await.unwrap() {}
    assert_eq!(verified(&cloud).await.entries, 6, "none is a year old");
    let old = verified(&cloud).await;
    cloud.pass(166 * 86_400);
    while cloud.mote.sweep().await.unwrap() {}
    let found = verified(&cloud).await;
    assert_eq!((found.start.number, found.last.number, found.entries), (5, 6, 1));
    assert_eq!(found.last, old.last);
    // What was no longer kept is no break; what is kept is.
    let gone = ChainPlace { number: 3, hash: old.last.hash };
    assert!(cloud.mote.verify_audit(Some(gone)).await.unwrap().is_ok());
    tamper(&cloud, "DELETE FROM audit_ends WHERE name = 'start'").await;
    assert_eq!(broken(&cloud).await, AuditBreak::Missing { from: 1, to: 5 });
    // And where the old end was tampered with, nothing more is removed.
    cloud.pass(366 * 86_400);
    while cloud.mote.sweep().await.unwrap() {}
    assert_eq!(broken(&cloud).await, AuditBreak::Missing { from: 1, to: 5 });
}

async fn nodes_seal_one_after_the_other(cloud: Cloud) {
    let owner = cloud.user("owner@example.com").await;
    let product = cloud.product(&owner, "Sensor").await;
    let sealers = (0..4).map(|_| {
        let mote = cloud.mote.clone();
        tokio::spawn(async move { while mote.seal_audit().await.unwrap() {} })
    });
    let sealers: Vec<_> = sealers.collect();
    for number in 0..30 {
        rename(&cloud, &product, &format!("Name {number}")).await;
        if number % 5 == 0 {
            let (one, other) = tokio::join!(cloud.mote.seal_audit(), cloud.mote.seal_audit());
            assert!(one.is_ok() && other.is_ok());
        }
    }
    for sealer in sealers {
        sealer.await.unwrap();
    }
    seal(&cloud).await;
    let found = verified(&cloud).await;
    assert_eq!((found.entries, found.last.number, found.waiting), (34, 34, 0));
}
