//! A rustls verifier for the certificate checks of libpq's modes.
//!
//! In every mode, the server must prove that it has the certificate's key. Otherwise, binding the password exchange
//! to the certificate would be pointless.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, OtherError, RootCertStore, SignatureScheme};

use super::legacy;

#[derive(Debug)]
pub(super) struct Verifier {
    roots: Option<Roots>,
    check_name: bool,
    algorithms: WebPkiSupportedAlgorithms,
}

#[derive(Debug)]
struct Roots {
    store: Arc<RootCertStore>,
    /// The certificates as sent: one of them may be the server's own.
    certificates: Vec<CertificateDer<'static>>,
}

impl Verifier {
    /// Accepts any certificate.
    pub(super) fn unchecked(algorithms: WebPkiSupportedAlgorithms) -> Self {
        Self { roots: None, check_name: false, algorithms }
    }

    /// Accepts a certificate that one of the roots has signed, or that is one of them.
    pub(super) fn chain(
        store: Arc<RootCertStore>,
        certificates: Vec<CertificateDer<'static>>,
        algorithms: WebPkiSupportedAlgorithms,
    ) -> Self {
        Self { roots: Some(Roots { store, certificates }), check_name: false, algorithms }
    }

    /// Also requires the certificate to name the host.
    pub(super) fn and_name(self) -> Self {
        Self { check_name: true, ..self }
    }
}

impl Verifier {
    fn verify_chain(
        &self,
        roots: &Roots,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<(), Error> {
        let algorithms = self.algorithms.all;
        let certificate = match ParsedCertificate::try_from(end_entity) {
            Ok(certificate) => certificate,
            Err(error) if is_version_1(&error) => {
                return legacy::verify_version_1(end_entity, &roots.certificates, now, algorithms);
            }
            Err(error) => return Err(error),
        };
        verify_server_cert_signed_by_trust_anchor(&certificate, &roots.store, intermediates, now, algorithms)
            .or_else(|error| {
                // PostgreSQL's manual recommends a self-signed certificate that is marked as an authority, which webpki
                // rejects as a server certificate. OpenSSL, and so libpq, accepts it if it is explicitly trusted. webpki
                // checks the dates first, so an expired one does not get here.
                if is_authority(&error) && roots.certificates.contains(end_entity) {
                    Ok(())
                } else {
                    Err(error)
                }
            })
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(roots) = &self.roots else { return Ok(ServerCertVerified::assertion()) };
        self.verify_chain(roots, end_entity, intermediates, now)?;
        if self.check_name {
            let named = ParsedCertificate::try_from(end_entity)
                .and_then(|certificate| verify_server_name(&certificate, server_name));
            named
                .or_else(|error| if legacy::names(end_entity, server_name) { Ok(()) } else { Err(error) })?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        match verify_tls12_signature(message, certificate, signature, &self.algorithms) {
            Err(error) if is_version_1(&error) => {
                legacy::verify_signature(message, certificate, signature, &self.algorithms)
            }
            other => other,
        }
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        match verify_tls13_signature(message, certificate, signature, &self.algorithms) {
            Err(error) if is_version_1(&error) => {
                legacy::verify_signature(message, certificate, signature, &self.algorithms)
            }
            other => other,
        }
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

fn is_authority(error: &Error) -> bool {
    matches!(webpki_error(error), Some(webpki::Error::CaUsedAsEndEntity))
}

fn is_version_1(error: &Error) -> bool {
    matches!(webpki_error(error), Some(webpki::Error::UnsupportedCertVersion))
}

fn webpki_error(error: &Error) -> Option<&webpki::Error> {
    match error {
        Error::InvalidCertificate(CertificateError::Other(OtherError(source))) => source.downcast_ref(),
        _ => None,
    }
}
