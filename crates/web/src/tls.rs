//! The server's certificate: read from files, looked at again while the server runs, replaced without a connection
//! noticing. A new pair that cannot be used leaves the old one in its place.

use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{ServerConfig, version};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use thiserror::Error;

/// How often to look whether the files have changed.
const LOOK_AGAIN: Duration = Duration::from_secs(10);

/// Why a certificate cannot be used.
#[derive(Debug, Error)]
pub enum CertificateError {
    /// A file cannot be read.
    #[error("{path} cannot be read")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A file holds no certificate, or no key.
    #[error("{path} holds no {what} in PEM form")]
    NotPem {
        /// The file.
        path: PathBuf,
        /// What was looked for.
        what: &'static str,
    },
    /// The two do not belong together, or TLS cannot use them.
    #[error("certificate and key do not belong together, or are of a kind that TLS does not take")]
    Unfit(#[source] rustls::Error),
}

/// The certificate in use, and the files that it comes from.
#[derive(Clone, Debug)]
pub struct Certificate(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    certificate: PathBuf,
    key: PathBuf,
    state: RwLock<State>,
}

#[derive(Debug)]
struct State {
    in_use: Arc<CertifiedKey>,
    /// What the files held when they were last looked at, usable or not.
    seen: Files,
    trouble: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Files {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

/// What became of a look at the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reloaded {
    /// They are as they were.
    Same,
    /// A new pair is in use.
    Replaced,
    /// They cannot be used; the old pair stays in use.
    Kept,
}

impl Certificate {
    /// Reads a pair. The certificate's file may hold the chain behind it.
    ///
    /// # Errors
    /// [`CertificateError`] with the file and the reason.
    pub fn load(certificate: &Path, key: &Path) -> Result<Self, CertificateError> {
        let seen = Files::read(certificate, key)?;
        let in_use = Arc::new(seen.pair(certificate, key)?);
        Ok(Self(Arc::new(Inner {
            certificate: certificate.to_owned(),
            key: key.to_owned(),
            state: RwLock::new(State {
                in_use,
                seen,
                trouble: None,
            }),
        })))
    }

    /// How TLS is spoken with it: 1.2 and 1.3, HTTP/2 or HTTP/1.1.
    pub(crate) fn configuration(&self) -> Arc<ServerConfig> {
        let resolver = Arc::new(Resolver(self.clone()));
        let mut configuration = match ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_protocol_versions(&[&version::TLS13, &version::TLS12])
        {
            Ok(builder) => builder.with_no_client_auth().with_cert_resolver(resolver),
            // The provider speaks both versions.
            Err(_) => ServerConfig::builder()
                .with_no_client_auth()
                .with_cert_resolver(resolver),
        };
        configuration.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Arc::new(configuration)
    }

    /// Why the files cannot be used now, if that is so; the pair before them is in use then.
    pub fn trouble(&self) -> Option<String> {
        let state = self.0.state.read().unwrap_or_else(PoisonError::into_inner);
        state.trouble.clone()
    }

    /// Looks at the files, and takes a new pair into use if there is one that can be used.
    pub fn reload(&self) -> Reloaded {
        let (certificate, key) = (&self.0.certificate, &self.0.key);
        let files = Files::read(certificate, key);
        if let Ok(files) = &files {
            let state = self.0.state.read().unwrap_or_else(PoisonError::into_inner);
            // A pair that was refused is not looked at again until it changes.
            if state.seen == *files {
                return match state.trouble {
                    None => Reloaded::Same,
                    Some(_) => Reloaded::Kept,
                };
            }
        }
        let pair = files.map(|files| (files.pair(certificate, key), files));
        let mut state = self.0.state.write().unwrap_or_else(PoisonError::into_inner);
        let (error, seen) = match pair {
            Ok((Ok(pair), files)) => {
                *state = State {
                    in_use: Arc::new(pair),
                    seen: files,
                    trouble: None,
                };
                tracing::info!(certificate = %certificate.display(), "a new certificate is in use");
                return Reloaded::Replaced;
            }
            Ok((Err(error), files)) => (error, Some(files)),
            Err(error) => (error, None),
        };
        let trouble = error.to_string();
        if state.trouble.as_ref() != Some(&trouble) {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "the certificate's files cannot be used; the certificate before them stays in use"
            );
        }
        state.trouble = Some(trouble);
        state.seen = seen.unwrap_or_default();
        Reloaded::Kept
    }

    /// Looks at the files every ten seconds, for ever. Their content is compared, because links that are exchanged,
    /// as some systems do it, do not always change a file's time.
    pub async fn watch(self) {
        loop {
            tokio::time::sleep(LOOK_AGAIN).await;
            let certificate = self.clone();
            // Files may lie on a network.
            let looked = tokio::task::spawn_blocking(move || certificate.reload()).await;
            drop(looked);
        }
    }
}

impl Files {
    fn read(certificate: &Path, key: &Path) -> Result<Self, CertificateError> {
        let read = |path: &Path| {
            std::fs::read(path).map_err(|source| CertificateError::Unreadable {
                path: path.to_owned(),
                source,
            })
        };
        Ok(Self {
            certificate: read(certificate)?,
            key: read(key)?,
        })
    }

    fn pair(&self, certificate: &Path, key: &Path) -> Result<CertifiedKey, CertificateError> {
        let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&self.certificate)
            .collect::<Result<_, _>>()
            .unwrap_or_default();
        if chain.is_empty() {
            return Err(CertificateError::NotPem {
                path: certificate.to_owned(),
                what: "certificate",
            });
        }
        let private = PrivateKeyDer::from_pem_slice(&self.key).map_err(|_| CertificateError::NotPem {
            path: key.to_owned(),
            what: "private key",
        })?;
        CertifiedKey::from_der(chain, private, &default_provider()).map_err(CertificateError::Unfit)
    }
}

/// Gives each handshake the certificate that is in use at that moment.
#[derive(Debug)]
struct Resolver(Certificate);

impl ResolvesServerCert for Resolver {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let state = self.0.0.state.read().unwrap_or_else(PoisonError::into_inner);
        Some(Arc::clone(&state.in_use))
    }
}
