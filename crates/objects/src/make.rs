//! A place is made from what the operator said of it.

use crate::Objects;
use crate::bucket::Bucket;
use crate::error::ObjectsError;
use object_store::aws::{AmazonS3Builder, Checksum};
use object_store::client::{HttpConnector as _, ReqwestConnector};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{Attribute, Attributes, BackoffConfig, Certificate, ClientOptions, RetryConfig};
use std::sync::Arc;
use std::time::Duration;

/// How long a connection may take, and how long a line may stand still.
const CONNECT: Duration = Duration::from_secs(10);
const STILL: Duration = Duration::from_secs(60);
/// How often and for how long a request is repeated.
pub(crate) const TRIES: usize = 4;
const PATIENCE: Duration = Duration::from_secs(60);

/// A bucket of a store that speaks S3.
#[derive(Clone)]
pub struct S3 {
    /// Scheme, host and port.
    pub endpoint: String,
    /// Its region.
    pub region: String,
    /// The bucket.
    pub bucket: String,
    /// What names begin with; may be empty.
    pub prefix: String,
    /// Whether the bucket stands in the path rather than in the host's name.
    pub path_style: bool,
    /// The class that objects are stored in; nothing leaves it to the bucket.
    pub storage_class: Option<String>,
    /// Who we are.
    pub access_key: String,
    /// What we prove it with.
    pub secret_key: String,
}

impl std::fmt::Debug for S3 {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            endpoint,
            bucket,
            prefix,
            ..
        } = self;
        write!(formatter, "S3({endpoint} {bucket}/{prefix})")
    }
}

impl Objects {
    /// A folder of this machine. What is put there is on disk before it is said to be there.
    ///
    /// # Errors
    /// [`ObjectsError`] when there is no such folder.
    pub fn folder(folder: &std::path::Path) -> Result<Self, ObjectsError> {
        let store = LocalFileSystem::new_with_prefix(folder);
        let store = store.map_err(|source| ObjectsError::new(&folder.display().to_string(), source))?;
        Ok(Self {
            store: Arc::new(store.with_fsync(true).with_automatic_cleanup(true)),
            prefix: Path::default(),
            attributes: Attributes::default(),
            root: Some(folder.to_owned()),
            bucket: None,
        })
    }

    /// A bucket.
    ///
    /// # Errors
    /// [`ObjectsError`] when what was said of it makes no sense. The store is not asked.
    pub fn s3(s3: &S3) -> Result<Self, ObjectsError> {
        let mut client = ClientOptions::new()
            .with_allow_http(s3.endpoint.starts_with("http://"))
            .with_connect_timeout(CONNECT)
            .with_timeout_disabled()
            .with_read_timeout(STILL);
        // A machine without certificates of authorities can reach a store all the same.
        for der in webpki_root_certs::TLS_SERVER_ROOT_CERTS {
            if let Ok(certificate) = Certificate::from_der(der) {
                client = client.with_root_certificate(certificate);
            }
        }
        let store = AmazonS3Builder::new()
            .with_endpoint(endpoint(s3))
            .with_region(&s3.region)
            .with_bucket_name(&s3.bucket)
            .with_virtual_hosted_style_request(!s3.path_style)
            .with_access_key_id(&s3.access_key)
            .with_secret_access_key(&s3.secret_key)
            // Buckets that lock their objects want it, and no byte goes astray.
            .with_checksum_algorithm(Checksum::SHA256)
            .with_client_options(client.clone())
            .with_retry(RetryConfig {
                backoff: BackoffConfig::default(),
                max_retries: TRIES,
                retry_timeout: PATIENCE,
            })
            .build();
        let attributes = s3
            .storage_class
            .clone()
            .map(|class| (Attribute::StorageClass, class));
        let made = |source| ObjectsError::new(&s3.bucket, source);
        let store = Arc::new(store.map_err(made)?);
        let client = ReqwestConnector::default().connect(&client).map_err(made)?;
        Ok(Self {
            bucket: Some(Arc::new(Bucket::new(s3, Arc::clone(&store), client))),
            store,
            prefix: Path::from(s3.prefix.as_str()),
            attributes: attributes.into_iter().collect(),
            root: None,
        })
    }
}

/// With the bucket in the host's name, the endpoint is the bucket's own.
fn endpoint(s3: &S3) -> String {
    match (s3.path_style, s3.endpoint.split_once("://")) {
        (false, Some((scheme, host))) => format!("{scheme}://{}.{host}", s3.bucket),
        _ => s3.endpoint.clone(),
    }
}
