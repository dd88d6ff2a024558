//! Blobs in a bucket of an S3-compatible store: each an object.

use std::time::Duration;

use bytes::Bytes;
use object_store::aws::{AmazonS3, AmazonS3Builder, AmazonS3ConfigKey};
use object_store::path::Path;
use object_store::{ObjectStoreExt, PutPayload, RetryConfig};

use super::{BlobError, BlobReader};

/// How long a request is tried again: somebody waits for it.
const PATIENCE: Duration = Duration::from_secs(10);

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
        let retry = RetryConfig { max_retries: 3, retry_timeout: PATIENCE, ..RetryConfig::default() };
        let mut builder = AmazonS3Builder::new().with_retry(retry);
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

#[cfg(test)]
mod tests {
    use hyper::server::conn::http1;
    use hyper_util::rt::TokioIo;
    use s3s::auth::SimpleAuth;
    use s3s::service::S3ServiceBuilder;
    use tokio::net::TcpListener;

    use super::*;

    /// An S3-compatible store with the bucket `mote`, and the variables that lead to it.
    async fn store(folder: &std::path::Path) -> Vec<(String, String)> {
        std::fs::create_dir(folder.join("mote")).unwrap();
        let mut builder = S3ServiceBuilder::new(s3s_fs::FileSystem::new(folder).unwrap());
        builder.set_auth(SimpleAuth::from_single("key", "secret"));
        let service = builder.build();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let service = service.clone();
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(socket), service));
            }
        });
        let variables = [
            ("AWS_ENDPOINT", format!("http://{address}")),
            ("AWS_ALLOW_HTTP", "true".into()),
            ("AWS_REGION", "us-east-1".into()),
            ("AWS_ACCESS_KEY_ID", "key".into()),
            ("AWS_SECRET_ACCESS_KEY", "secret".into()),
            ("HOME", "/nowhere".into()),
        ];
        variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    #[tokio::test]
    async fn what_was_put_is_read_until_it_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let variables = store(folder.path()).await;
        let bucket = Bucket::open("s3://mote/blobs/", variables).unwrap();
        let bytes = Bytes::from((0..300_000_u32).map(|n| n.to_le_bytes()[0]).collect::<Vec<_>>());
        for _ in 0..2 {
            bucket.put("one", bytes.clone()).await.unwrap();
        }
        assert!(folder.path().join("mote/blobs/one").exists());
        let mut reader = bucket.open_blob("one").await.unwrap().unwrap();
        assert_eq!(reader.size(), 300_000);
        let mut read = Vec::new();
        while let Some(piece) = reader.next().await.unwrap() {
            read.extend(piece);
        }
        assert_eq!(read, bytes);
        for _ in 0..2 {
            bucket.remove("one").await.unwrap();
        }
        assert!(bucket.open_blob("one").await.unwrap().is_none());
    }

    #[tokio::test]
    async fn a_store_that_refuses_is_an_error_that_tells_no_secret() {
        let folder = tempfile::tempdir().unwrap();
        let mut variables = store(folder.path()).await;
        for (name, value) in &mut variables {
            if name == "AWS_SECRET_ACCESS_KEY" {
                *value = "a wrong one".into();
            }
        }
        let bucket = Bucket::open("s3://mote", variables).unwrap();
        let refused = bucket.put("one", Bytes::from_static(b"x")).await.unwrap_err();
        assert!(!refused.to_string().contains("a wrong one"), "{refused}");
        assert!(bucket.open_blob("one").await.is_err());
    }

    #[test]
    fn an_address_names_a_bucket() {
        for bad in ["", "s3://", "s3:///prefix", "http://mote", "mote", "s3://mote//a//b"] {
            let opened = Bucket::open(bad, Vec::new());
            assert!(matches!(opened, Err(BlobError::Address)), "{bad}");
        }
        for good in ["s3://mote", "s3://mote/", "s3://mote/a/b/"] {
            assert!(Bucket::open(good, Vec::new()).is_ok(), "{good}");
        }
    }
}
