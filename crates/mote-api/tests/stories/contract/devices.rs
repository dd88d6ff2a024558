use mote_core::sessions::{Command, Connection, Hello};
use serde_json::json;

use super::{Exception, Group};
use crate::cloud::{Cloud, Product};
use crate::on_both_engines;
use crate::sessions::{connect, hello};

on_both_engines!(answers_have_the_documented_shapes);

const DEVICE: &str = "0123456789abcdef01234567";

/// What every device of ours has beside what the example of [`Devices-GetDevice`] shows.
const OF_PRODUCT: [Exception; 9] = [
    ("/connected", "of the entry's list of fields"),
    ("/firmware_product_id", "as in the product's list"),
    ("/groups", "as in the product's list"),
    ("/firmware_version", "as in the product's list"),
    ("/desired_firmware_version", "as in the product's list"),
    ("/development", "as in the product's list"),
    ("/quarantined", "as in the product's list"),
    ("/denied", "as in the product's list"),
    ("/targeted_firmware_release_version", "as in the product's list; only said to the product"),
];

fn at(place: &str, exceptions: &[Exception], but: &[&str]) -> Vec<Exception> {
    let kept = exceptions.iter().filter(|(key, _)| !but.contains(key));
    kept.map(|(key, reason)| (&*format!("{place}{key}").leak(), *reason)).collect()
}

/// What a device of the product knows of itself, and no connection of ours tells yet.
async fn with_hardware(cloud: &Cloud) {
    let write = |db: &mut mote_store::Db| {
        let mut row = mote_store::devices::get(db, DEVICE)?.expect("the device is there");
        row.name = "gongbot".into();
        row.serial_number = Some("AAAAAA111111111".into());
        row.iccid = Some("89314404000111111111".into());
        row.imei = Some("357520000000000".into());
        row.mac_wifi = Some("00:00:00:AA:BB:00".into());
        row.mobile_secret = Some("NVYM5RK6AHCBELA".into());
        mote_store::devices::update(db, &row)
    };
    cloud.store.write(write).await.unwrap();
}

async fn serve(mut connection: Connection) {
    while let Some(command) = connection.next().await {
        match command {
            Command::Call { answer, .. } => drop(answer.send(Ok(1))),
            Command::Read { answer, .. } => drop(answer.send(Ok(json!(46)))),
            Command::Ping { answer } | Command::Signal { answer, .. } => drop(answer.send(Ok(()))),
            _ => {}
        }
    }
}

async fn connected(cloud: &Cloud, product: &Product) -> tokio::task::JoinHandle<()> {
    let variables = [("Gongs".to_owned(), "int32".to_owned())].into();
    tokio::spawn(serve(connect(cloud, DEVICE, Hello { variables, ..hello(product) }).await))
}

async fn answers_have_the_documented_shapes(cloud: Cloud) {
    let mut contract = Group::begin("Devices");
    let user = cloud.user("someone@particle.io").await;
    let product = cloud.product(&user, "Gongs").await;
    let path = format!("/v1/products/{}/devices", product.id);
    let (own, of_product) = (format!("/v1/devices/{DEVICE}"), format!("{path}/{DEVICE}"));
    let token = &product.token;
    let imported = cloud.json("POST", &path, token, json!({"ids": [DEVICE]})).await;
    contract.check("Devices-importDevicesIntoProduct", &imported);
    let claimed = cloud.form("POST", "/v1/devices", &user, &[("id", DEVICE)]).await;
    contract.check("Devices-ClaimDevice", &claimed);
    with_hardware(&cloud).await;
    let device = connected(&cloud, &product).await;

    let listed = cloud.get("/v1/devices", &user).await;
    let more = [
        ("/variables/Gongs", "the variable of this device"),
        ("/mac_wifi", "of the entry Devices-GetDevice"),
        ("/owner", "of the entry Devices-GetDevice"),
        ("/mobile_secret", "of the entry Devices-GetDevice"),
        ("/firmware_updates_enabled", "of the entry Devices-GetDevice"),
        ("/firmware_updates_forced", "of the entry Devices-GetDevice"),
        ("/device_protection", "of the entry Devices-GetDevice"),
    ];
    let target = "/targeted_firmware_release_version";
    let exceptions: Vec<_> =
        at("/*", &OF_PRODUCT, &[target]).into_iter().chain(at("/*", &more, &[])).collect();
    contract.check_with("Devices-ListDevices", &listed, &exceptions);
    let seen = cloud.get(&own, &user).await;
    contract.check_with("Devices-GetDevice", &seen, &at("", &OF_PRODUCT, &[target]));
    let seen = cloud.get(&of_product, token).await;
    contract.check_with("Devices-GetDevice", &seen, &OF_PRODUCT);
    contract.check("Devices-GetProductDevice", &seen);
    let listed = cloud.get(&path, token).await;
    let more = [
        ("/devices/*/variables/Gongs", "the variable of this device"),
        ("/devices/*/variables/temperature", "the variable of the example's"),
        ("/devices/*/connected", "of the entry Devices-GetDevice"),
        ("/devices/*/notes", "of the entry Devices-GetDevice"),
        ("/devices/*/firmware_updates_enabled", "of the entry Devices-GetDevice"),
        ("/devices/*/firmware_updates_forced", "of the entry Devices-GetDevice"),
        ("/devices/*/device_protection", "of the entry Devices-GetDevice"),
        ("/devices/*/groups/*", "it is in none here"),
        ("/devices/*/targeted_firmware_release_version", "nothing is released here"),
        ("/customers/*", "its owner is no customer"),
        ("/meta/page", "which page this is"),
        ("/meta/per_page", "how much is on a page"),
        ("/meta/total", "how many there are on all"),
    ];
    contract.check_with("Devices-listDevicesForProduct", &listed, &more);

    for (place, token) in [(&own, &user), (&of_product, token)] {
        let signaled = cloud.form("PUT", place, token, &[("signal", "1")]).await;
        contract.check("Devices-signalDevice", &signaled);
        let forced = cloud.form("PUT", place, token, &[("firmware_updates_forced", "true")]).await;
        contract.check("Devices-forceUpdates", &forced);
        let named = cloud.form("PUT", place, token, &[("name", "gongbot")]).await;
        contract.check("Devices-updateDeviceName", &named);
        let noted = cloud.form("PUT", place, token, &[("notes", "A fancy device note")]).await;
        contract.check("Devices-updateDeviceNotes", &noted);
        let called = cloud.form("POST", &format!("{place}/gong"), token, &[("arg", "loud")]).await;
        contract.check("Devices-PostV1DevicesDeviceidFunctionname", &called);
        let read = cloud.get(&format!("{place}/Gongs"), token).await;
        contract.check("Devices-GetDeviceVariable", &read);
        let pinged = cloud.form("PUT", &format!("{place}/ping"), token, &[]).await;
        contract.check("Devices-PutV1DevicesDeviceidPing", &pinged);
    }
    let found = cloud.get("/v1/serial_numbers/AAAAAA111111111", &user).await;
    contract.check("Devices-GetV1Serial-numbersSerial-number", &found);
    let released = cloud.form("DELETE", &own, &user, &[]).await;
    contract.check("Devices-unclaimDevice", &released);
    let released = cloud.form("DELETE", &format!("{of_product}/owner"), token, &[]).await;
    contract.check("Devices-unclaimDevice", &released);
    device.abort();
    let removed = cloud.form("DELETE", &of_product, token, &[]).await;
    contract.check("Devices-removeDeviceFromProduct", &removed);
    contract.end();
}
