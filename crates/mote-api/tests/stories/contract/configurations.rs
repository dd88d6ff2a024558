use serde_json::{Value, json};

use super::Group;
use crate::cloud::Cloud;
use crate::configurations::{accepting, in_product, schema_at, set_schema};
use crate::on_both_engines;
use crate::sessions::{connect, hello};

on_both_engines!(answers_have_the_documented_shapes);

const DEVICE: &str = "e00fce680000000000000001";

fn values(motion: &str) -> Value {
    json!({
        "location": {"radius": 1, "interval_min": 30, "interval_max": 300, "min_publish": false},
        "imu_trig": {"motion": motion, "high_g": "disable"}
    })
}

async fn answers_have_the_documented_shapes(cloud: Cloud) {
    let mut contract = Group::begin("Configuration");
    let product = in_product(&cloud, &[DEVICE]).await;
    let token = &product.token;
    let of_product = format!("/v1/products/{}/config", product.id);
    let of_device = format!("{of_product}/{DEVICE}");

    contract
        .check("Configuration-GetProductConfigSchema", &schema_at(&cloud, "GET", &of_product, token).await);
    contract.check("Configuration-GetDeviceConfigSchema", &schema_at(&cloud, "GET", &of_device, token).await);
    let mut of_all = values("disable");
    of_all["rgb"] =
        json!({"type": "tracker", "direct": {"red": 0, "blue": 255, "green": 0, "brightness": 255}});
    let set = cloud.json("PUT", &of_product, token, of_all).await;
    contract.check("Configuration-SetProductConfig", &set);
    contract.check("Configuration-GetProductConfig", &cloud.get(&of_product, token).await);

    let connection = connect(&cloud, DEVICE, hello(&product)).await;
    let door = tokio::spawn(accepting(connection));
    let set = cloud.json("PUT", &of_device, token, values("disable")).await;
    contract.check("Configuration-SetDeviceConfig", &set);
    door.abort();
    let _ = door.await;
    assert_eq!(cloud.json("PUT", &of_device, token, values("enable")).await.status, 202);
    contract.check("Configuration-GetDeviceConfig", &cloud.get(&of_device, token).await);

    let schema = json!({
        "$schema": "https://particle.io/draft-07/schema#", "type": "object", "title": "Fake Custom Schema",
        "description": "A customized JSON schema for testing", "required": ["foo"],
        "properties": {
            "foo": {
                "$id": "#/properties/foo", "type": "integer", "title": "Foo", "description": "A test setting named `foo`",
                "default": 1, "examples": [1, 2, 3], "minimum": 0
            },
            "bar": {
                "$id": "#/properties/bar", "type": "string", "title": "Bar", "description": "A test setting named `bar`",
                "default": "", "examples": ["one", "two", "three"]
            }
        }
    });
    let set = set_schema(&cloud, &of_product, token, &schema).await;
    contract.check("Configuration-SetProductConfigSchema", &set);
    contract.check("Configuration-SetDeviceSchema", &set_schema(&cloud, &of_device, token, &schema).await);
    let deleted = schema_at(&cloud, "DELETE", &of_device, token).await;
    contract.check("Configuration-DeleteDeviceConfigSchema", &deleted);
    let deleted = schema_at(&cloud, "DELETE", &of_product, token).await;
    contract.check("Configuration-DeleteProductConfigSchema", &deleted);
    contract.end();
}
