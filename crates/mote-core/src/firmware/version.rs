//! What a version of a product's firmware is.

use std::collections::HashMap;

use mote_store::firmware as rows;
use mote_store::firmware::Uploaded;
use mote_store::{Db, groups, products};

use crate::{Error, Moment, ProductId, blobs};

/// A version of a product's firmware.
#[derive(Clone, Debug)]
pub struct Firmware {
    /// Key.
    pub id: i64,
    /// The product that it is of.
    pub product: ProductId,
    /// Version.
    pub version: i32,
    /// Title.
    pub title: String,
    /// Description.
    pub description: String,
    /// What the file was called.
    pub file_name: String,
    /// Bytes.
    pub size: i64,
    /// Whether updates that pass it stop at it.
    pub mandatory: bool,
    /// Whether its last release was an intelligent one.
    pub intelligent: bool,
    /// Whether it is released to all of the product's devices.
    pub product_default: bool,
    /// Names of the groups that it is released to, sorted.
    pub groups: Vec<String>,
    /// How many of the product's devices run it.
    pub device_count: i64,
    /// Address of the account that uploaded it, or else the name of the API user or OAuth client.
    pub uploaded_by: Option<String>,
    /// Uploaded.
    pub uploaded_at: Moment,
    /// Changed.
    pub updated_at: Moment,
}

impl Firmware {
    /// Firmware of a product as the rows have it.
    pub(super) fn load(db: &mut Db, product: ProductId, found: Vec<Uploaded>) -> Result<Vec<Self>, Error> {
        let default = products::get(db, product.0)?.and_then(|(row, ..)| row.default_firmware);
        let mut groups: HashMap<i32, Vec<String>> = HashMap::new();
        for row in groups::of_products(db, &[product.0])? {
            if let Some(version) = row.firmware_version {
                groups.entry(version).or_default().push(row.name);
            }
        }
        let running: HashMap<i32, i64> = match &found[..] {
            [(row, _)] => [(row.version, rows::running_one(db, product.0, row.version)?)].into(),
            _ => rows::running(db, product.0)?.into_iter().collect(),
        };
        let load = |(row, uploader): Uploaded| Self {
            id: row.id,
            product,
            product_default: default == Some(row.version),
            groups: groups.remove(&row.version).unwrap_or_default(),
            device_count: running.get(&row.version).copied().unwrap_or(0),
            version: row.version,
            title: row.title,
            description: row.description,
            file_name: row.file_name,
            size: row.size,
            mandatory: row.mandatory,
            intelligent: row.intelligent,
            uploaded_by: uploader.or(row.uploader_name),
            uploaded_at: Moment(row.created_at),
            updated_at: Moment(row.updated_at),
        };
        Ok(found.into_iter().map(load).collect())
    }
}

/// There is no such version.
pub(super) fn unknown() -> Error {
    Error::NotFound("Firmware not found: this product has no firmware of this version".into())
}

/// Removes all firmware of a product that ends, within a write.
pub(crate) fn end_of_product(db: &mut Db, product: i64, now: Moment) -> Result<(), Error> {
    for (row, _) in rows::of_product(db, product)? {
        rows::delete(db, row.id)?;
        blobs::let_go(db, &row.digest, now.0)?;
    }
    Ok(())
}
