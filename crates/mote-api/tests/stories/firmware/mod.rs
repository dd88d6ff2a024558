//! Product firmware: uploaded, looked at, released, and what each device should have.

mod connected;
mod releases;
mod uploads;

use axum::body::Body;
use http::{Request, StatusCode};
use mote_testkit::Image;
use serde_json::{Value, json};

use crate::cloud::{Answer, Cloud, Product};

/// A binary for the product, of this version.
pub(crate) fn image(product: &Product, version: u16) -> Vec<u8> {
    Image::new(product.id.parse().unwrap(), version).build()
}

/// A multipart body: fields, and a file with the head of its part.
pub(crate) fn multipart(fields: &[(&str, &str)], head: &str, file: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in fields {
        let part = format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend(part.into_bytes());
    }
    body.extend(format!("--x\r\nContent-Disposition: form-data; {head}\r\n\r\n").into_bytes());
    body.extend(file);
    body.extend(b"\r\n--x--\r\n");
    body
}

const HEAD: &str = "name=\"file\"; filename=\"/home/me/firmware.bin\"";

pub(crate) async fn send(cloud: &Cloud, product: &Product, body: Vec<u8>) -> Answer {
    let request = Request::post(format!("/v1/products/{}/firmware", product.id))
        .header("authorization", &product.token)
        .header("content-type", "multipart/form-data;boundary=x");
    cloud.send(request.body(Body::from(body)).unwrap()).await
}

/// Uploads firmware of this version.
pub(crate) async fn upload(cloud: &Cloud, product: &Product, version: u16) -> Answer {
    let fields = [("version", &*version.to_string()), ("title", "My Firmware")];
    let answer = send(cloud, product, multipart(&fields, HEAD, &image(product, version))).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer
}

/// Downloads the binary of a version: status, and bytes.
pub(crate) async fn download(cloud: &Cloud, product: &Product, version: u16) -> (StatusCode, Vec<u8>) {
    let path = format!("/v1/products/{}/firmware/{version}/binary", product.id);
    let request = Request::get(path).header("authorization", &product.token);
    let (parts, body) = cloud.frame.answer(request.body(Body::empty()).unwrap()).await.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    if parts.status == 200 {
        assert_eq!(parts.headers["content-length"], bytes.len().to_string());
        assert_eq!(parts.headers["content-type"], "application/octet-stream");
        assert_eq!(parts.headers["content-disposition"], "attachment; filename=\"firmware.bin\"");
    }
    (parts.status, bytes.to_vec())
}

/// A product with devices 0, 1, …, and its path.
async fn fleet(cloud: &Cloud, devices: usize) -> (Product, String) {
    let user = cloud.user("me@example.com").await;
    let product = cloud.product(&user, "Fleet").await;
    let path = format!("/v1/products/{}", product.id);
    let ids: Vec<_> = (0..devices).map(device).collect();
    if !ids.is_empty() {
        let imported =
            cloud.json("POST", &format!("{path}/devices"), &product.token, json!({"ids": ids})).await;
        assert_eq!(imported.body["updated"], devices);
    }
    (product, path)
}

fn device(number: usize) -> String {
    format!("e00fce6800000000{number:08x}")
}

async fn put(cloud: &Cloud, product: &Product, number: usize, change: Value) -> Answer {
    let path = format!("/v1/products/{}/devices/{}", product.id, device(number));
    cloud.json("PUT", &path, &product.token, change).await
}

async fn release(cloud: &Cloud, product: &Product, release: Value) -> Answer {
    let path = format!("/v1/products/{}/firmware/release", product.id);
    cloud.json("PUT", &path, &product.token, release).await
}

/// What each device of the product should have, by ID.
async fn targets(cloud: &Cloud, product: &Product) -> Vec<Value> {
    let path = format!("/v1/products/{}/devices?sortAttr=deviceId", product.id);
    let page = cloud.get(&path, &product.token).await;
    let devices = page.body["devices"].as_array().unwrap();
    devices.iter().map(|device| device["targeted_firmware_release_version"].clone()).collect()
}
