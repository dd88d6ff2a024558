//! Blobs in a bucket of an S3-compatible store: each an object.

use bytes::Bytes;
use object_store::aws::{AmazonS3, AmazonS3Builder, AmazonS3ConfigKey};
use object_store::path::Path;
use object_store::{ObjectStoreExt, PutPayload};

use super::{BlobError, BlobReader};

#[derive(Debug)]
pub(super) struct Bucket {
    store: AmazonS3,
    prefix: Path,
}

impl Bucket {
    pub(super) fn open(
        address: &str,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, BlobError> {
        let rest = address.strip_prefix("s3://").ok_or(BlobError::Address)?;
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        if bucket.is_empty() {
            return Err(BlobError::Address);
        }
        let prefix = Path::parse(prefix.trim_matches('/')).map_err(|_| BlobError::Address)?;
        // The TLS of the store's client has no default; a second call changes nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = AmazonS3Builder::new();
        for (name, value) in variables {
            let key =
                name.starts_with("AWS_").then(|| name.to_ascii_lowercase().parse::<AmazonS3ConfigKey>());
            if let Some(Ok(key)) = key {
                builder = builder.with_config(key, value);
            }
        }
        Ok(Self { store: builder.with_bucket_name(bucket).build()?, prefix })
    }

    fn place(&self, name: &str) -> Path {
        self.prefix.clone().join(name)
    }

    pub(super) async fn put(&self, name: &str, bytes: Bytes) -> Result<(), BlobError> {
        self.store.put(&self.place(name), PutPayload::from_bytes(bytes)).await?;
        Ok(())
    }

    pub(super) async fn open_blob(&self, name: &str) -> Result<Option<BlobReader>, BlobError> {
        match self.store.get(&self.place(name)).await {
            Ok(found) => Ok(Some(BlobReader::of_bucket(found.meta.size, found.into_stream()))),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    pub(super) async fn remove(&self, name: &str) -> Result<(), BlobError> {
        match self.store.delete(&self.place(name)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
