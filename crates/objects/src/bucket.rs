//! What of S3 the library has no words for: uploads that were never finished, and how long an object is locked.

use crate::error::{ObjectsError, Trouble};
use crate::make::{S3, TRIES};
use aws_lc_rs::digest::{SHA256, digest};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use bytes::Bytes;
use http_body_util::BodyExt as _;
use object_store::aws::{AmazonS3, AwsAuthorizer, AwsCredential};
use object_store::client::{HttpClient, HttpRequest};
use object_store::multipart::MultipartStore as _;
use object_store::path::Path;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

/// What stands in a query as it is; what is signed is written so, too.
const UNRESERVED: AsciiSet = NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');
/// The same of a path.
const IN_PATH: AsciiSet = UNRESERVED.remove(b'/');
/// The pause after the first try.
const PAUSE: Duration = Duration::from_millis(200);
/// How much of a time says its second.
const SECONDS: usize = "2026-11-30T00:00:00".len();
/// How many answers are asked for at most, of a thousand uploads each.
const MOST_PAGES: usize = 100;

/// A bucket, asked without the library.
#[derive(Debug)]
pub(crate) struct Bucket {
    pub(crate) store: Arc<AmazonS3>,
    pub(crate) client: HttpClient,
    /// The bucket's own address.
    pub(crate) address: String,
    pub(crate) region: String,
    pub(crate) credential: AwsCredential,
}

/// What is being uploaded.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Uploads {
    upload: Vec<Upload>,
    is_truncated: bool,
    next_key_marker: Option<String>,
    next_upload_id_marker: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Upload {
    key: String,
    upload_id: String,
}

/// A lock that stands.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Retention {
    retain_until_date: Option<String>,
}

impl Bucket {
    pub(crate) fn new(s3: &S3, store: Arc<AmazonS3>, client: HttpClient) -> Self {
        Self {
            store,
            client,
            address: match (s3.path_style, s3.endpoint.split_once("://")) {
                (false, Some((scheme, host))) => format!("{scheme}://{}.{host}", s3.bucket),
                _ => format!("{}/{}", s3.endpoint, s3.bucket),
            },
            region: s3.region.clone(),
            credential: AwsCredential {
                key_id: s3.access_key.clone(),
                secret_key: s3.secret_key.clone(),
                token: None,
            },
        }
    }

    /// Gives up the uploads below a path that were never finished, of these keys.
    pub(crate) async fn give_up_uploads(
        &self,
        below: &Path,
        is_over: impl Fn(&str) -> bool,
    ) -> Result<(), ObjectsError> {
        let folder = format!("{below}/");
        let (mut key, mut id): (Option<String>, Option<String>) = (None, None);
        for _ in 0..MOST_PAGES {
            let mut query = format!("uploads=&prefix={}", quoted(&folder));
            if let (Some(key), Some(id)) = (&key, &id) {
                let _ = write!(
                    query,
                    "&key-marker={}&upload-id-marker={}",
                    quoted(key),
                    quoted(id)
                );
            }
            let found = self.ask("GET", "", &query, Bytes::new()).await?;
            let found: Uploads = quick_xml::de::from_reader(found.as_ref())
                .map_err(|error| ObjectsError::odd(&folder, error))?;
            for Upload { key, upload_id } in &found.upload {
                // As it is: made of a text, a path would have its signs quoted once more.
                let path = Path::parse(key).map_err(|error| ObjectsError::odd(key, error))?;
                if !key.starts_with(&folder) || !is_over(key) {
                    continue;
                }
                match self.store.abort_multipart(&path, upload_id).await {
                    Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                    Err(error) => return Err(ObjectsError::new(key, error)),
                }
            }
            if !found.is_truncated {
                break;
            }
            (key, id) = (found.next_key_marker, found.next_upload_id_marker);
        }
        Ok(())
    }

    /// Locks an object until then, a time in the form of RFC 3339: nobody can remove or replace it before, whoever they are.
    pub(crate) async fn lock(&self, path: &Path, until: &str) -> Result<(), ObjectsError> {
        let body = format!(
            "<Retention xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Mode>COMPLIANCE</Mode>\
             <RetainUntilDate>{until}</RetainUntilDate></Retention>"
        );
        let Err(refused) = self.ask("PUT", path.as_ref(), "retention=", body.into()).await else {
            return Ok(());
        };
        // A lock is never made shorter, and none has to be.
        let standing = self.locked_until(path).await.ok().flatten();
        let seconds = |time: &str| time.get(..SECONDS).map(str::to_owned);
        match standing.is_some_and(|standing| seconds(&standing) >= seconds(until)) {
            true => Ok(()),
            false => Err(refused),
        }
    }

    /// Until when an object is locked; nothing if it is not.
    pub(crate) async fn locked_until(&self, path: &Path) -> Result<Option<String>, ObjectsError> {
        let answer = match self.ask("GET", path.as_ref(), "retention=", Bytes::new()).await {
            Err(error) if error.trouble == Trouble::Missing => return Ok(None),
            answer => answer?,
        };
        let lock: Retention = quick_xml::de::from_reader(answer.as_ref())
            .map_err(|error| ObjectsError::odd(path.as_ref(), error))?;
        Ok(lock.retain_until_date)
    }

    /// Asks as often as the library does while the store is away.
    async fn ask(&self, method: &str, key: &str, query: &str, body: Bytes) -> Result<Bytes, ObjectsError> {
        let mut pause = PAUSE;
        for _ in 0..TRIES {
            match self.ask_once(method, key, query, body.clone()).await {
                Err(error) if error.trouble == Trouble::Away => {
                    tokio::time::sleep(pause).await;
                    pause *= 4;
                }
                answer => return answer,
            }
        }
        self.ask_once(method, key, query, body).await
    }

    async fn ask_once(
        &self,
        method: &str,
        key: &str,
        query: &str,
        body: Bytes,
    ) -> Result<Bytes, ObjectsError> {
        let about = if key.is_empty() { query } else { key };
        let address = match key {
            "" => format!("{}?{query}", self.address),
            key => format!("{}/{}?{query}", self.address, utf8_percent_encode(key, &IN_PATH)),
        };
        // Buckets that lock their objects want a checksum of what changes them.
        let sum = digest(&SHA256, &body);
        let mut request = http::Request::builder().method(method).uri(address);
        if !body.is_empty() {
            request = request.header("x-amz-checksum-sha256", BASE64_STANDARD.encode(sum.as_ref()));
        }
        let mut request: HttpRequest = request
            .body(body.into())
            .map_err(|error| ObjectsError::odd(about, error))?;
        AwsAuthorizer::new(&self.credential, "s3", &self.region)
            .try_authorize(&mut request, Some(sum.as_ref()))
            .map_err(|error| ObjectsError::new(about, error))?;
        let answer = self.client.execute(request).await;
        let answer = answer.map_err(|error| ObjectsError::odd(about, error))?;
        let (parts, body) = answer.into_parts();
        let body = body.collect().await;
        let body = body.map_err(|error| ObjectsError::odd(about, error))?.to_bytes();
        match parts.status.is_success() {
            true => Ok(body),
            false => {
                let words = String::from_utf8_lossy(&body);
                let told = format!("Server returned non-2xx status code: {}: {words}", parts.status);
                Err(ObjectsError::odd(about, told))
            }
        }
    }
}

/// As it may stand in a query.
fn quoted(text: &str) -> impl std::fmt::Display {
    utf8_percent_encode(text, &UNRESERVED)
}
