//! Server certificates that libpq accepts and webpki does not: those of the recipes in PostgreSQL's manual (18.9.5, 18.9.3),
//! which have a common name instead of a subject alternative name and, with OpenSSL before 3.2, X.509 version 1.

use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls::pki_types::{
    CertificateDer, ServerName, SignatureVerificationAlgorithm, SubjectPublicKeyInfoDer, UnixTime,
};
use rustls::{CertificateError, DigitallySignedStruct, Error};
use webpki::RawPublicKeyEntity;
use x509_cert::Certificate;
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::der::{Decode as _, Encode as _};
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");

/// Whether a certificate names the host in one of the ways that RFC 9525 no longer allows: by its common name, if it has no alternative name
/// of the host's kind, or an address as if it were a host name.
///
/// Source: PostgreSQL 17 manual, 34.19.1.
pub(super) fn names(certificate: &CertificateDer<'_>, host: &ServerName<'_>) -> bool {
    let Ok(certificate) = Certificate::from_der(certificate) else { return false };
    let Ok(alternatives) = certificate.tbs_certificate.get::<SubjectAltName>() else { return false };
    let alternatives = alternatives.map(|(_, names)| names.0).unwrap_or_default();
    let is_address = matches!(host, ServerName::IpAddress(_));
    let host = host.to_str();
    let mut common_name_counts = true;
    for name in &alternatives {
        match name {
            GeneralName::DnsName(name) if matches(name.as_str(), &host) => return true,
            GeneralName::DnsName(_) => common_name_counts &= is_address,
            GeneralName::IpAddress(_) => common_name_counts &= !is_address,
            _ => {}
        }
    }
    let mut attributes = certificate.tbs_certificate.subject.0.iter().flat_map(|relative| relative.0.iter());
    let common_name = attributes.find(|attribute| attribute.oid == COMMON_NAME);
    let common_name = common_name.and_then(|attribute| std::str::from_utf8(attribute.value.value()).ok());
    common_name_counts && common_name.is_some_and(|name| matches(name, &host))
}

/// A `*` stands for the first label only.
fn matches(pattern: &str, host: &str) -> bool {
    match (pattern.strip_prefix("*."), host.split_once('.')) {
        (Some(pattern), Some((label, rest))) => !label.is_empty() && pattern.eq_ignore_ascii_case(rest),
        _ => pattern.eq_ignore_ascii_case(host),
    }
}

/// Checks that one of the roots has signed a certificate of version 1 itself. There is no extension to check.
pub(super) fn verify_version_1(
    certificate: &CertificateDer<'_>,
    roots: &[CertificateDer<'static>],
    now: UnixTime,
    algorithms: &[&dyn SignatureVerificationAlgorithm],
) -> Result<(), Error> {
    let certificate = Certificate::from_der(certificate).map_err(|_| CertificateError::BadEncoding)?;
    let content = &certificate.tbs_certificate;
    let now = now.as_secs();
    if now < content.validity.not_before.to_unix_duration().as_secs() {
        return Err(CertificateError::NotValidYet.into());
    }
    if now > content.validity.not_after.to_unix_duration().as_secs() {
        return Err(CertificateError::Expired.into());
    }
    let bytes = |part: Result<Vec<u8>, _>| part.map_err(|_| CertificateError::BadEncoding);
    let (signed, algorithm) = (bytes(content.to_der())?, bytes(certificate.signature_algorithm.to_der())?);
    let signature = certificate.signature.as_bytes().ok_or(CertificateError::BadEncoding)?;
    let is_signed_by = |root: &Certificate| {
        let Ok(key) = root.tbs_certificate.subject_public_key_info.to_der() else { return false };
        let key = SubjectPublicKeyInfoDer::from(key);
        let Ok(key) = RawPublicKeyEntity::try_from(&key) else { return false };
        // The algorithms have their identifiers without the header, which is of two bytes.
        let mut fitting = algorithms
            .iter()
            .filter(|known| algorithm.get(2..).is_some_and(|id| id == known.signature_alg_id().as_ref()));
        fitting.any(|known| key.verify_signature(*known, &signed, signature).is_ok())
    };
    let roots = roots.iter().filter_map(|root| Certificate::from_der(root).ok());
    let mut issuers = roots.filter(|root| root.tbs_certificate.subject == content.issuer);
    if issuers.any(|root| is_signed_by(&root)) { Ok(()) } else { Err(CertificateError::UnknownIssuer.into()) }
}

/// Checks a signature of the handshake with the key of a certificate of version 1.
pub(super) fn verify_signature(
    message: &[u8],
    certificate: &CertificateDer<'_>,
    signature: &DigitallySignedStruct,
    algorithms: &WebPkiSupportedAlgorithms,
) -> Result<HandshakeSignatureValid, Error> {
    let key = Certificate::from_der(certificate)
        .and_then(|certificate| certificate.tbs_certificate.subject_public_key_info.to_der())
        .map_err(|_| CertificateError::BadEncoding)?;
    let key = SubjectPublicKeyInfoDer::from(key);
    let key = RawPublicKeyEntity::try_from(&key).map_err(|_| CertificateError::BadEncoding)?;
    let fitting = algorithms.mapping.iter().filter(|(scheme, _)| *scheme == signature.scheme);
    let valid = fitting
        .flat_map(|(_, algorithms)| *algorithms)
        .any(|algorithm| key.verify_signature(*algorithm, message, signature.signature()).is_ok());
    if valid { Ok(HandshakeSignatureValid::assertion()) } else { Err(CertificateError::BadSignature.into()) }
}
