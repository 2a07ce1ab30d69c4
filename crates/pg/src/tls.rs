//! Builds the rustls configuration from a URL's `sslmode` and files.
//!
//! The cryptography provider is ring, named here and not installed process-wide, so applications can use a different
//! one for their own purposes.

mod legacy;
mod verify;

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use thiserror::Error;

use self::verify::Verifier;
use crate::url::{Negotiation, Protocol, Protocols, Roots, Settings, Trust};

/// Why TLS could not be set up, before anything was sent.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A certificate or key file that cannot be read.
    #[error(
        "cannot read {what} from `{path}`\n\
         help: set `{parameter}` to a PEM file; relative paths are relative to the working directory"
    )]
    File {
        /// What the file should contain.
        what: &'static str,
        /// The parameter with the file name.
        parameter: &'static str,
        /// The file.
        path: PathBuf,
        /// The error of the file system or the PEM parser.
        source: pem::Error,
    },

    /// A certificate file without certificates.
    #[error(
        "there is no certificate in `{path}`\nhelp: set `{parameter}` to a PEM file with `-----BEGIN CERTIFICATE-----`"
    )]
    NoCertificate {
        /// The parameter with the file name.
        parameter: &'static str,
        /// The file.
        path: PathBuf,
    },

    /// The system has no trusted certificate authorities.
    #[error(
        "this system has no trusted certificate authorities\n\
         help: install them (Debian, Fedora, Alpine: package `ca-certificates`), or set `sslrootcert` to a file"
    )]
    NoSystemRoots,

    /// A certificate and a key that do not match, or of an unsupported kind.
    #[error(
        "the client certificate and its key cannot be used\nhelp: `sslcert` and `sslkey` must belong together"
    )]
    ClientIdentity(#[source] rustls::Error),

    /// The provider does not support the protocol versions.
    #[error("TLS cannot be set up\nhelp: this is a bug in nicol, please report it")]
    Provider(#[source] rustls::Error),
}

/// Reads the files and builds the configuration for all connections.
pub(crate) fn client_config(settings: &Settings) -> Result<ClientConfig, TlsError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = Arc::new(verifier(&settings.trust, &provider)?);
    let builder = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&versions(settings.protocols))
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
    config.enable_sni = settings.server_name_indication;
    if settings.negotiation == Negotiation::Direct {
        // Required without PostgreSQL's own TLS request; otherwise omitted, for proxies that do not know the
        // protocol.
        config.alpn_protocols = vec![b"postgresql".to_vec()];
    }
    Ok(config)
}

fn versions(protocols: Protocols) -> Vec<&'static SupportedProtocolVersion> {
    let all = [(Protocol::Tls13, &TLS13), (Protocol::Tls12, &TLS12)];
    let allowed = all.into_iter().filter(|(version, _)| (protocols.min..=protocols.max).contains(version));
    allowed.map(|(_, version)| version).collect()
}

/// Returns what checks a server's certificate.
pub(crate) fn server_verifier(trust: &Trust) -> Result<impl ServerCertVerifier + use<>, TlsError> {
    verifier(trust, &rustls::crypto::ring::default_provider())
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

/// Read once per process, because it takes milliseconds and a pool opens many connections.
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
