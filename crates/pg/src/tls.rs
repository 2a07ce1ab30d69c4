//! From a URL's `sslmode` and files to one rustls configuration.
//!
//! The cryptography is ring's, named here and nowhere installed for the whole process, so that an application is free
//! to choose another for its own ends.

mod verify;

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use thiserror::Error;

use self::verify::Verifier;
use crate::url::{Negotiation, Roots, Settings, Trust};

/// Why TLS could not be set up, before anything was sent.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file of certificates or a key that cannot be used.
    #[error(
        "cannot read {what} from `{path}`\n\
         help: `{parameter}` names a PEM file; a relative name counts from the working directory"
    )]
    File {
        /// What was to be read.
        what: &'static str,
        /// The parameter that names the file.
        parameter: &'static str,
        /// The file.
        path: PathBuf,
        /// What the file system or the PEM reader said.
        source: pem::Error,
    },

    /// A certificate file without any certificate.
    #[error(
        "there is no certificate in `{path}`\nhelp: `{parameter}` names a PEM file with `-----BEGIN CERTIFICATE-----`"
    )]
    NoCertificate {
        /// The parameter that names the file.
        parameter: &'static str,
        /// The file.
        path: PathBuf,
    },

    /// The system has no list of trusted authorities.
    #[error(
        "this system has no trusted certificate authorities\n\
         help: install them (Debian, Fedora, Alpine: package `ca-certificates`), or name a file in `sslrootcert`"
    )]
    NoSystemRoots,

    /// Certificate and key that do not belong together, or of a kind that is not supported.
    #[error(
        "the client certificate and its key cannot be used\nhelp: `sslcert` and `sslkey` must belong together"
    )]
    ClientIdentity(#[source] rustls::Error),

    /// The provider lacks the protocol versions.
    #[error("TLS cannot be set up\nhelp: this is a fault in nicol, please report it")]
    Provider(#[source] rustls::Error),
}

/// Reads the files that `settings` names and builds the configuration for all connections.
pub(crate) fn client_config(settings: &Settings) -> Result<ClientConfig, TlsError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = Arc::new(verifier(&settings.trust, &provider)?);
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Provider)?
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    let mut config = match &settings.client_identity {
        None => builder.with_no_client_auth(),
        Some(identity) => {
            let chain = certificates(&identity.certificate, "sslcert")?;
            let key = PrivateKeyDer::from_pem_file(&identity.key).map_err(|source| TlsError::File {
                what: "a private key without a password",
                parameter: "sslkey",
                path: identity.key.clone(),
                source,
            })?;
            builder.with_client_auth_cert(chain, key).map_err(TlsError::ClientIdentity)?
        }
    };
    if settings.negotiation == Negotiation::Direct {
        // Mandatory without PostgreSQL's own request; otherwise left out, for proxies that know no such protocol.
        config.alpn_protocols = vec![b"postgresql".to_vec()];
    }
    Ok(config)
}

fn verifier(trust: &Trust, provider: &CryptoProvider) -> Result<Verifier, TlsError> {
    let algorithms = provider.signature_verification_algorithms;
    let chain = |roots: &Roots| match roots {
        Roots::System => Ok(Verifier::chain(system_roots()?, Vec::new(), algorithms)),
        Roots::File(path) => {
            let certificates = certificates(path, "sslrootcert")?;
            let mut store = RootCertStore::empty();
            store.add_parsable_certificates(certificates.iter().cloned());
            Ok(Verifier::chain(Arc::new(store), certificates, algorithms))
        }
    };
    Ok(match trust {
        Trust::Anything => Verifier::unchecked(algorithms),
        Trust::Chain(roots) => chain(roots)?,
        Trust::ChainAndName(roots) => chain(roots)?.and_name(),
    })
}

/// Read once for the process: it takes milliseconds, and a pool opens many connections.
fn system_roots() -> Result<Arc<RootCertStore>, TlsError> {
    static ROOTS: OnceLock<Arc<RootCertStore>> = OnceLock::new();
    let roots = ROOTS.get_or_init(|| {
        let mut store = RootCertStore::empty();
        store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        Arc::new(store)
    });
    if roots.is_empty() { Err(TlsError::NoSystemRoots) } else { Ok(Arc::clone(roots)) }
}

fn certificates(path: &Path, parameter: &'static str) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let error = |source| TlsError::File { what: "certificates", parameter, path: path.to_owned(), source };
    let chain =
        CertificateDer::pem_file_iter(path).map_err(error)?.collect::<Result<Vec<_>, _>>().map_err(error)?;
    if chain.is_empty() {
        return Err(TlsError::NoCertificate { parameter, path: path.to_owned() });
    }
    Ok(chain)
}
