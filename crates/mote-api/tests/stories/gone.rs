//! What is under way when the product or account ends that it is about: the right to it was proved, and nothing is left of it.

use std::fmt::Debug;

use mote_core::authorization::table::{
    ClientsCreate, ConfigurationUpdate, EnvironmentUpdate, FirmwareCreate, LibrariesContribute,
};
use mote_core::authorization::{Caller, ProductAccess, ProductRight, SpaceRef};
use mote_core::clients::NewClient;
use mote_core::environments::When;
use mote_core::firmware::NewFirmware;
use mote_core::products::ProductRef;
use mote_core::{Error, ProductId};
use mote_testkit::{Image, library_archive};
use serde_json::json;

use crate::cloud::{Cloud, PASSWORD};
use crate::on_both_engines;

on_both_engines!(a_product_that_is_gone_takes_nothing_in, an_account_that_is_gone_takes_nothing_in);

async fn caller(cloud: &Cloud, token: &str) -> Caller {
    let token = token.strip_prefix("Bearer ").unwrap();
    Caller::new(cloud.mote.authenticate(token).await.unwrap(), None)
}

async fn may<R: ProductRight>(cloud: &Cloud, caller: &Caller, named: &ProductRef<'_>) -> ProductAccess<R> {
    cloud.mote.product_access(caller.clone(), named).await.unwrap()
}

fn refused<T: Debug>(what: &str, done: &Result<T, Error>) {
    assert!(matches!(done, Err(Error::NotFound(_))), "{what}: {done:?}");
}

async fn a_product_that_is_gone_takes_nothing_in(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let product = cloud.product(&user, "Ends").await;
    let (mote, id) = (&cloud.mote, ProductId(product.id.parse().unwrap()));
    let (caller, named) = (caller(&cloud, &product.token).await, ProductRef::Id(id));
    let uploads = may::<FirmwareCreate>(&cloud, &caller, &named).await;
    let configures = may::<ConfigurationUpdate>(&cloud, &caller, &named).await;
    let makes = may::<ClientsCreate>(&cloud, &caller, &named).await;
    let rolls_out =
        mote.space_access::<EnvironmentUpdate>(caller.clone(), SpaceRef::Product(named)).await.unwrap();
    let ended = cloud.form("DELETE", &format!("/v1/products/{id}"), &product.token, &[]).await;
    assert!(ended.status.is_success(), "{}", ended.body);
    let firmware = NewFirmware {
        version: 1,
        title: "ghost".into(),
        description: None,
        mandatory: false,
        file_name: None,
        file: Image::new(u16::try_from(id.0).unwrap(), 1).build().into(),
    };
    refused("firmware", &mote.upload_firmware(&uploads, firmware).await);
    refused("schema", &mote.set_product_schema(&configures, json!({"title": "ghost"})).await);
    let values = json!({"a": 1}).as_object().cloned().unwrap();
    refused("values", &mote.set_product_configuration(&configures, None, values).await);
    refused("rollout", &mote.roll_out(&rolls_out, None, When::Connect).await);
    let client =
        NewClient { name: "ghost".into(), kind: "installed".into(), redirect_uri: None, scope: None };
    let made = mote.create_product_client(&makes, client).await;
    refused("client", &made.map(|made| made.client));
}

async fn an_account_that_is_gone_takes_nothing_in(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let contributes = cloud.mote.account_access::<LibrariesContribute>(caller(&cloud, &user).await).unwrap();
    let ended = cloud.form("DELETE", "/v1/user", &user, &[("password", PASSWORD)]).await;
    assert!(ended.status.is_success(), "{}", ended.body);
    let archive = library_archive("name=ghost\nversion=1.0.0\nauthor=me\nsentence=It.\n");
    refused("library", &cloud.mote.contribute_library(&contributes, archive.into()).await);
}
