//! Looking at firmware.

use mote_store::Db;
use mote_store::firmware as rows;

use super::Firmware;
use super::version::unknown;
use crate::authorization::ProductAccess;
use crate::authorization::table::{FirmwareBinaryGet, FirmwareGet, FirmwareList};
use crate::blobs::{BlobId, BlobReader};
use crate::{Error, Mote, ProductId};

impl Mote {
    /// All firmware of the product, the newest version first.
    pub async fn list_firmware(&self, access: &ProductAccess<FirmwareList>) -> Result<Vec<Firmware>, Error> {
        let product = access.product().id;
        self.store()
            .read(move |db| {
                let found = rows::of_product(db, product.0)?;
                Firmware::load(db, product, found)
            })
            .await
    }

    /// A version.
    pub async fn get_firmware(
        &self,
        access: &ProductAccess<FirmwareGet>,
        version: i32,
    ) -> Result<Firmware, Error> {
        self.load_firmware(access.product().id, version).await
    }

    /// The same for those who have just written it: outside of their write, since devices are counted for it.
    pub(super) async fn load_firmware(&self, product: ProductId, version: i32) -> Result<Firmware, Error> {
        let load = move |db: &mut Db| {
            let found = rows::get(db, product.0, version)?.ok_or_else(unknown)?;
            Firmware::load(db, product, vec![found])
        };
        let loaded = self.store().read(load).await?.pop();
        loaded.ok_or_else(|| Error::Internal("one firmware became none".into()))
    }

    /// The binary of a version, and what the file was called.
    pub async fn open_firmware(
        &self,
        access: &ProductAccess<FirmwareBinaryGet>,
        version: i32,
    ) -> Result<(String, BlobReader), Error> {
        let product = access.product().id;
        let (name, blob) = self
            .store()
            .read(move |db| -> Result<(String, BlobId), Error> {
                let (row, _) = rows::get(db, product.0, version)?.ok_or_else(unknown)?;
                let blob = BlobId::of_digest(db, &row.digest)?;
                Ok((row.file_name, blob))
            })
            .await?;
        Ok((name, self.open_blob(&blob).await?))
    }
}
