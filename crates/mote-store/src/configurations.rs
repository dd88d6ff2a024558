//! Rows of `configurations` and `configuration_schemas`: of a product, under an empty device ID, and of its devices.

use diesel::prelude::*;

use crate::schema::configurations::{configuration_schemas, configurations};
use crate::{Db, StoreError};

/// Stands for the product itself.
pub const PRODUCT: &str = "";

/// A configuration.
#[derive(Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = configurations, treat_none_as_null = true)]
pub struct ConfigurationRow {
    /// The product.
    pub product_id: i64,
    /// The device, or [`PRODUCT`].
    pub device_id: String,
    /// JSON object: what was set, if anything was.
    pub wanted: Option<String>,
    /// JSON object: what the device has confirmed to have, if it has.
    pub reported: Option<String>,
    /// Changed.
    pub updated_at: i64,
}

/// A schema.
#[derive(Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = configuration_schemas)]
pub struct SchemaRow {
    /// The product.
    pub product_id: i64,
    /// The device, or [`PRODUCT`].
    pub device_id: String,
    /// Another with each change.
    pub version: i64,
    /// JSON object.
    pub body: String,
    /// Changed.
    pub updated_at: i64,
}

/// The configuration of a device, or of the product.
pub fn get(db: &mut Db, product: i64, device: &str) -> Result<Option<ConfigurationRow>, StoreError> {
    let query = configurations::table.find((product, device));
    Ok(query.select(ConfigurationRow::as_select()).first(db).optional()?)
}

/// Those of some devices, or of the product, in no order.
pub fn get_all(db: &mut Db, product: i64, devices: &[String]) -> Result<Vec<ConfigurationRow>, StoreError> {
    let wanted = configurations::product_id.eq(product).and(configurations::device_id.eq_any(devices));
    Ok(configurations::table.filter(wanted).select(ConfigurationRow::as_select()).load(db)?)
}

/// Writes one, whether or not it was there.
pub fn put(db: &mut Db, row: &ConfigurationRow) -> Result<(), StoreError> {
    let place = configurations::table.find((row.product_id, &row.device_id));
    if diesel::update(place).set(row).execute(db)? == 0 {
        diesel::insert_into(configurations::table).values(row).execute(db)?;
    }
    Ok(())
}

/// Removes what is of a device, or of the product itself.
pub fn delete(db: &mut Db, product: i64, device: &str) -> Result<(), StoreError> {
    diesel::delete(configurations::table.find((product, device))).execute(db)?;
    Ok(())
}

/// The schema of a device, or of the product.
pub fn schema(db: &mut Db, product: i64, device: &str) -> Result<Option<SchemaRow>, StoreError> {
    let query = configuration_schemas::table.find((product, device));
    Ok(query.select(SchemaRow::as_select()).first(db).optional()?)
}

/// Which of some devices, or the product, have schemas, and of which version.
pub fn schema_versions(
    db: &mut Db,
    product: i64,
    devices: &[String],
) -> Result<Vec<(String, i64)>, StoreError> {
    let wanted =
        configuration_schemas::product_id.eq(product).and(configuration_schemas::device_id.eq_any(devices));
    let columns = (configuration_schemas::device_id, configuration_schemas::version);
    Ok(configuration_schemas::table.filter(wanted).select(columns).load(db)?)
}

/// Writes a schema, whether or not there was one.
pub fn put_schema(db: &mut Db, row: &SchemaRow) -> Result<(), StoreError> {
    let place = configuration_schemas::table.find((row.product_id, &row.device_id));
    if diesel::update(place).set(row).execute(db)? == 0 {
        diesel::insert_into(configuration_schemas::table).values(row).execute(db)?;
    }
    Ok(())
}

/// Removes the schema of a device, or of the product.
pub fn delete_schema(db: &mut Db, product: i64, device: &str) -> Result<(), StoreError> {
    diesel::delete(configuration_schemas::table.find((product, device))).execute(db)?;
    Ok(())
}

/// Removes all of a product.
pub fn delete_of_product(db: &mut Db, product: i64) -> Result<(), StoreError> {
    diesel::delete(configurations::table.filter(configurations::product_id.eq(product))).execute(db)?;
    let schemas = configuration_schemas::table.filter(configuration_schemas::product_id.eq(product));
    diesel::delete(schemas).execute(db)?;
    Ok(())
}
