//! Doing one thing after the other, and looking after each for an entry.

use std::collections::BTreeSet;

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use serde_json::Value;

use super::without;
use crate::cloud::{Answer, Cloud};

#[derive(QueryableByName)]
struct Newest {
    #[diesel(sql_type = BigInt)]
    newest: i64,
}

/// Does one deed after the other, and looks after each for an entry.
pub(super) struct Doer<'a> {
    pub(super) cloud: &'a Cloud,
    pub(super) done: BTreeSet<String>,
}

impl<'a> Doer<'a> {
    pub(super) fn new(cloud: &'a Cloud) -> Self {
        Self { cloud, done: BTreeSet::new() }
    }

    pub(super) async fn newest(&self) -> i64 {
        let read = |db: &mut mote_store::Db| -> Result<i64, mote_store::StoreError> {
            let sql = "SELECT CAST(coalesce(max(id), 0) AS BIGINT) AS newest FROM audit";
            Ok(diesel::sql_query(sql).get_result::<Newest>(db)?.newest)
        };
        self.cloud.store.read(read).await.unwrap()
    }

    /// `route` with what its parameters stand for, in their order.
    pub(super) async fn json(&mut self, route: &str, named: &[&str], token: &str, body: Value) -> Answer {
        let before = self.newest().await;
        let (method, path) = filled(route, named);
        let answer = self.cloud.json(&method, &path, token, body).await;
        self.told(route, before, &answer).await;
        answer
    }

    pub(super) async fn form(
        &mut self,
        route: &str,
        named: &[&str],
        token: &str,
        fields: &[(&str, &str)],
    ) -> Answer {
        let before = self.newest().await;
        let (method, path) = filled(route, named);
        let answer = self.cloud.form(&method, &path, token, fields).await;
        self.told(route, before, &answer).await;
        answer
    }

    pub(super) async fn told(&mut self, route: &str, before: i64, answer: &Answer) {
        assert!(answer.status.is_success(), "{route}: {} {}", answer.status, answer.body);
        assert!(self.newest().await > before, "{route} left no entry");
        assert!(without(route).is_none(), "{route} leaves an entry, and is on the list of those that do not");
        self.done.insert(route.to_owned());
    }
}

/// The method and path of a route, with what its parameters stand for.
pub(super) fn filled(route: &str, named: &[&str]) -> (String, String) {
    let (method, path) = route.split_once(' ').unwrap();
    let mut named = named.iter();
    let segment = |segment: &str| {
        if !segment.starts_with('{') {
            return segment.to_owned();
        }
        (*named.next().unwrap_or_else(|| panic!("{route}: what is {segment}?"))).to_owned()
    };
    (method.to_owned(), path.split('/').map(segment).collect::<Vec<_>>().join("/"))
}
