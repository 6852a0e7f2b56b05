//! Objects as streams: written in parts and counted on the way, read as they come.

use crate::Objects;
use crate::error::ObjectsError;
use aws_lc_rs::digest::{Context, SHA256};
use bytes::{Bytes, BytesMut};
use futures_util::TryStreamExt;
use object_store::{MultipartUpload, ObjectStoreExt, PutMultipartOptions};
use std::io;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio_util::io::StreamReader;

/// Bytes of one part. S3 takes ten thousand parts, which makes 160 GB for one object; all are of one size, as some stores want.
const PART: usize = 16 << 20;

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Its size in bytes.
    pub bytes: u64,
    /// Its SHA-256 in hexadecimal digits.
    pub sha256: String,
}

impl Objects {
    /// Writes an object from a stream, to the stream's end.
    ///
    /// # Errors
    /// [`ObjectsError`]; there is no object then.
    pub async fn write(&self, name: &str, mut from: impl AsyncRead + Unpin) -> Result<Written, ObjectsError> {
        let mut digest = Context::new(&SHA256);
        let first = part(&mut from, &mut digest, name).await?;
        let mut bytes = first.len() as u64;
        if first.len() < PART {
            self.put(name, first.into()).await?;
        } else {
            let options = PutMultipartOptions::from(self.attributes.clone());
            let upload = self.store.put_multipart_opts(&self.path(name), options).await;
            let mut upload = upload.map_err(self.trouble(name))?;
            match self.parts(name, &mut upload, first, &mut from, &mut digest).await {
                Ok(more) => bytes += more,
                Err(error) => {
                    // What the store does not give up now goes with `clear_unfinished`.
                    let _ = upload.abort().await;
                    return Err(error);
                }
            }
        }
        Ok(Written {
            bytes,
            sha256: hex::encode(digest.finish()),
        })
    }

    async fn parts(
        &self,
        name: &str,
        upload: &mut Box<dyn MultipartUpload>,
        first: Bytes,
        from: &mut (impl AsyncRead + Unpin),
        digest: &mut Context,
    ) -> Result<u64, ObjectsError> {
        let (mut next, mut more) = (first, 0);
        while !next.is_empty() {
            // The next part is read while this one goes.
            let putting = upload.put_part(next.into());
            let (put, read) = tokio::join!(putting, part(from, digest, name));
            put.map_err(self.trouble(name))?;
            next = read?;
            more += next.len() as u64;
        }
        upload.complete().await.map_err(self.trouble(name))?;
        Ok(more)
    }

    /// Opens an object as a stream.
    ///
    /// # Errors
    /// [`ObjectsError`]; the stream itself fails with what the line says.
    pub async fn read(&self, name: &str) -> Result<impl AsyncRead + Send + Unpin + use<>, ObjectsError> {
        let found = self
            .store
            .get(&self.path(name))
            .await
            .map_err(self.trouble(name))?;
        Ok(StreamReader::new(found.into_stream().map_err(io::Error::other)))
    }
}

/// The next part, shorter only at the stream's end.
async fn part(
    from: &mut (impl AsyncRead + Unpin),
    digest: &mut Context,
    name: &str,
) -> Result<Bytes, ObjectsError> {
    let mut part = BytesMut::with_capacity(PART);
    while part.len() < PART {
        let mut rest = (&mut *from).take((PART - part.len()) as u64);
        match rest.read_buf(&mut part).await {
            Ok(0) => break,
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::StorageFull => return Err(ObjectsError::full(name)),
            Err(source) => {
                let source = object_store::Error::Generic {
                    store: "stream",
                    source: Box::new(source),
                };
                return Err(ObjectsError::new(name, source));
            }
        }
    }
    digest.update(&part);
    Ok(part.freeze())
}
