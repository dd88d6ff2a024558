//! Schemas of products and devices: seen, set, dropped.

use mote_store::configurations as rows;
use mote_store::configurations::SchemaRow;
use serde_json::{Value, json};

use crate::audit::{Action, Entry};
use crate::authorization::ProductAccess;
use crate::authorization::table::{ConfigurationGet, ConfigurationUpdate};
use crate::devices::Reach;
use crate::spaces::still_there;
use crate::{Error, Mote, ProductId};

/// The schema where none is set: it takes anything (contract: Configuration-GetProductConfigSchema).
fn default_schema() -> Value {
    json!({"$schema": "http://json-schema.org/draft-07/schema", "properties": {}})
}

impl Mote {
    /// The schema of the product's configuration.
    pub async fn product_schema(&self, access: &ProductAccess<ConfigurationGet>) -> Result<Value, Error> {
        self.schema_at(access.product().id, None).await
    }

    /// The schema of a device's configuration: its own, or else the product's.
    pub async fn device_schema(
        &self,
        access: &ProductAccess<ConfigurationGet>,
        device: &str,
    ) -> Result<Value, Error> {
        self.schema_at(access.product().id, Some(device.to_owned())).await
    }

    async fn schema_at(&self, product: ProductId, device: Option<String>) -> Result<Value, Error> {
        let row = self
            .store()
            .read(move |db| -> Result<_, Error> {
                if let Some(device) = &device {
                    let device = Reach::Product(product).find(db, device)?;
                    if let Some(own) = rows::schema(db, product.0, &device.id)? {
                        return Ok(Some(own));
                    }
                }
                Ok(rows::schema(db, product.0, rows::PRODUCT)?)
            })
            .await?;
        let Some(row) = row else { return Ok(default_schema()) };
        serde_json::from_str(&row.body)
            .map_err(|e| Error::Internal(format!("the schema of version {} is no JSON: {e}", row.version)))
    }

    /// Sets the schema of the product's configuration. What is configured already stays, even if it does not fit.
    pub async fn set_product_schema(
        &self,
        access: &ProductAccess<ConfigurationUpdate>,
        schema: Value,
    ) -> Result<Value, Error> {
        self.set_schema(access, None, schema).await
    }

    /// Sets the schema of a device's configuration.
    pub async fn set_device_schema(
        &self,
        access: &ProductAccess<ConfigurationUpdate>,
        device: &str,
        schema: Value,
    ) -> Result<Value, Error> {
        self.set_schema(access, Some(device.to_owned()), schema).await
    }

    async fn set_schema(
        &self,
        access: &ProductAccess<ConfigurationUpdate>,
        device: Option<String>,
        schema: Value,
    ) -> Result<Value, Error> {
        let (product, recorder) = (access.product().id, self.recorder(access.caller()));
        let body = schema.to_string();
        let compiled = self.compile(schema.clone()).await?;
        let now = self.now();
        let version = self.new_key(now);
        self.store()
            .write(move |db| -> Result<(), Error> {
                still_there(db, product.into())?;
                let device_id = match &device {
                    Some(device) => Reach::Product(product).find(db, device)?.id,
                    None => rows::PRODUCT.into(),
                };
                let row = SchemaRow {
                    product_id: product.0,
                    device_id,
                    version,
                    body: body.clone(),
                    updated_at: now.0,
                };
                recorder.record(db, Entry::new(Action::SchemaUpdated, &row.device_id, "").of(product))?;
                Ok(rows::put_schema(db, &row)?)
            })
            .await?;
        self.keep_schema(version, &compiled);
        Ok(schema)
    }

    /// Drops the product's schema: the default stands again.
    pub async fn delete_product_schema(
        &self,
        access: &ProductAccess<ConfigurationUpdate>,
    ) -> Result<(), Error> {
        let (product, recorder) = (access.product().id, self.recorder(access.caller()));
        self.store()
            .write(move |db| -> Result<(), Error> {
                recorder.record(db, Entry::new(Action::SchemaDeleted, rows::PRODUCT, "").of(product))?;
                Ok(rows::delete_schema(db, product.0, rows::PRODUCT)?)
            })
            .await
    }

    /// Drops a device's own schema: the product's stands again.
    pub async fn delete_device_schema(
        &self,
        access: &ProductAccess<ConfigurationUpdate>,
        device: &str,
    ) -> Result<(), Error> {
        let (product, device) = (access.product().id, device.to_owned());
        let recorder = self.recorder(access.caller());
        self.store()
            .write(move |db| -> Result<(), Error> {
                let device = Reach::Product(product).find(db, &device)?;
                recorder
                    .record(db, Entry::new(Action::SchemaDeleted, &device.id, &device.name).of(product))?;
                Ok(rows::delete_schema(db, product.0, &device.id)?)
            })
            .await
    }
}
