//! Whatever is done to the trail without the server's key is found by the check.

use super::chain::{broken, sealed, tamper, verified};
use crate::cloud::Cloud;
use crate::on_both_engines;

on_both_engines!(whatever_is_changed_is_found);

/// What is done to a chain of five, and what the check says then.
const CASES: &[(&str, &str)] = &[
    ("UPDATE audit SET actor_name = 'else' WHERE number = 2", "entry 2 (ID ID) was changed"),
    ("UPDATE audit SET address = '192.0.2.1' WHERE number = 3", "entry 3 (ID ID) was changed"),
    ("UPDATE audit SET at = at + 1 WHERE number = 1", "entry 1 (ID ID) was changed"),
    ("UPDATE audit SET product_id = NULL WHERE number = 5", "entry 5 (ID ID) was changed"),
    ("UPDATE audit SET action = 'device.removed' WHERE number = 4", "entry 4 (ID ID) was changed"),
    ("UPDATE audit SET details = '{}' WHERE number = 5", "entry 5 (ID ID) was changed"),
    ("UPDATE audit SET mac = hash WHERE number = 5", "entry 5 (ID ID) was changed"),
    (
        "UPDATE audit SET hash = previous_hash WHERE number = 4",
        "entry 4 (ID ID) does not follow from the entry before it",
    ),
    (
        "UPDATE audit SET previous_hash = hash WHERE number = 4",
        "entry 4 (ID ID) does not follow from the entry before it",
    ),
    ("DELETE FROM audit WHERE number = 3", "entry 3 was removed"),
    ("DELETE FROM audit WHERE number < 3", "entries 1 to 2 were removed"),
    ("DELETE FROM audit WHERE number > 3", "entries 4 to 5 were removed"),
    ("DELETE FROM audit", "entries 1 to 5 were removed"),
    (
        "DELETE FROM audit WHERE number = 3; UPDATE audit SET number = 3 WHERE number = 4",
        "entry 3 (ID ID) does not follow from the entry before it",
    ),
    (
        "UPDATE audit SET number = 9 WHERE number = 2; UPDATE audit SET number = 2 WHERE number = 3;
         UPDATE audit SET number = 3 WHERE number = 9",
        "entry 2 (ID ID) does not follow from the entry before it",
    ),
    // The recorded ends are the server's too.
    (
        "DELETE FROM audit_ends WHERE name = 'last'",
        "an entry has the number 5, which is none of the chain's: it was put there",
    ),
    (
        "UPDATE audit_ends SET number = 4 WHERE name = 'last'",
        "the recorded end of the chain was tampered with",
    ),
    (
        "DELETE FROM audit WHERE number < 3;
         INSERT INTO audit_ends SELECT 'start', 2, hash, mac FROM kept WHERE number = 2",
        "the recorded start of the chain was tampered with",
    ),
    (
        "DELETE FROM audit WHERE number < 3; INSERT INTO audit_ends SELECT 'start', number, hash, mac FROM kept_ends",
        "the recorded start of the chain was tampered with",
    ),
    // Copies of what the server wrote, to be sealed, before the start, and at the end.
    (
        "INSERT INTO audit SELECT id + 512, COLUMNS, NULL, NULL, NULL FROM kept WHERE number = 3",
        "entry 0 (ID ID) was changed",
    ),
    (
        "INSERT INTO audit SELECT id + 512, COLUMNS, 0, previous_hash, hash FROM kept WHERE number = 3",
        "an entry has the number 0, which is none of the chain's: it was put there",
    ),
    (
        "INSERT INTO audit SELECT id + 512, COLUMNS, 6, previous_hash, hash FROM kept WHERE number = 5",
        "entry 6 (ID ID) was changed",
    ),
];

const COLUMNS: &str = "at, actor_kind, actor_id, actor_name, token_id, address, action, target_id, target_name, account_id, \
                       product_id, organization_id, details, mac";

async fn whatever_is_changed_is_found(cloud: Cloud) {
    sealed(&cloud).await;
    tamper(
        &cloud,
        "CREATE TABLE kept AS SELECT * FROM audit; CREATE TABLE kept_ends AS SELECT * FROM audit_ends",
    )
    .await;
    for (statements, expected) in CASES {
        tamper(&cloud, &statements.replace("COLUMNS", COLUMNS)).await;
        let found = broken(&cloud).await.to_string();
        let without_id =
            match found.split_once("(ID ").and_then(|(before, rest)| Some((before, rest.split_once(')')?))) {
                Some((before, (_, after))) => format!("{before}(ID ID){after}"),
                None => found,
            };
        assert_eq!(&without_id, expected, "{statements}");
        tamper(
            &cloud,
            "DELETE FROM audit; DELETE FROM audit_ends; INSERT INTO audit SELECT * FROM kept; \
             INSERT INTO audit_ends SELECT * FROM kept_ends",
        )
        .await;
        assert_eq!(verified(&cloud).await.entries, 5);
    }
}
