//! Asks a server what it shows before anyone signs in: whether it answers, and its certificate.

use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rustls::client::danger::ServerCertVerifier;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ProtocolVersion};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use x509_cert::Certificate;
use x509_cert::der::Decode as _;

use crate::tls::{self, TlsError};
use crate::url::{Address, ConnectionUrl, Host, Negotiation, Roots, Settings, Trust};

/// `SSLRequest`: its length, and the code of the request.
///
/// Source: PostgreSQL 17 manual, 53.7.
const TLS_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

/// What a server shows before anyone signs in.
#[derive(Debug)]
#[non_exhaustive]
pub enum Answer {
    /// The host name has no address, or the name server does not answer.
    UnknownName,
    /// Nothing listens there, or the network says that it cannot be reached.
    Unreachable(io::Error),
    /// There is no answer within [`ConnectionUrl::connect_timeout`].
    Silent,
    /// The server listens on a Unix-domain socket, which never uses TLS.
    Socket,
    /// The server does not offer TLS.
    Plain,
    /// The server accepts the connection, but answers neither yes nor no when asked for TLS, as programs other than
    /// PostgreSQL do.
    Mute,
    /// The server offers TLS, but the handshake fails.
    NoHandshake(io::Error),
    /// The server offers TLS.
    Encrypted(Shown),
}

/// What a server shows in a TLS handshake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The version of the protocol: `TLS 1.3`.
    pub protocol: &'static str,
    /// The end of the certificate's validity.
    pub expires: Option<SystemTime>,
    /// The DNS names in the certificate.
    pub names: Vec<String>,
    /// What `sslmode=verify-full` finds wrong with the certificate, with the roots of the URL or, if it names none, of
    /// the system.
    pub problem: Option<Problem>,
    /// Whether the roots are those of the system.
    pub with_system_roots: bool,
}

/// Why a certificate is rejected.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// No trusted root has signed it.
    UnknownAuthority,
    /// It is for other names.
    WrongName,
    /// It has expired.
    Expired,
    /// It is not valid yet.
    NotValidYet,
    /// Another reason.
    Other(String),
}

/// Connects to a server of a URL and asks for TLS, whatever its `sslmode`. Nothing is sent that identifies the user,
/// except for a client certificate if the URL has one.
///
/// # Errors
///
/// [`TlsError`] if the certificates that the URL refers to cannot be used.
pub async fn probe(url: &ConnectionUrl, host: &Host) -> Result<Answer, TlsError> {
    let (name, ip) = match &host.address {
        Address::Tcp { name, ip } => (name, *ip),
        Address::Socket(folder) => {
            let path = folder.join(format!(".s.PGSQL.{}", host.port));
            return Ok(match reach_socket(&path).await {
                Ok(()) => Answer::Socket,
                Err(error) => Answer::Unreachable(error),
            });
        }
    };
    let config = tls::client_config(&Settings { trust: Trust::Anything, ..url.settings().clone() })?;
    let limit = url.connect_timeout().unwrap_or(Duration::from_secs(30));
    let addresses = match ip {
        Some(ip) => vec![(ip, host.port).into()],
        None => {
            match tokio::time::timeout(limit, tokio::net::lookup_host((name.as_str(), host.port))).await {
                Ok(Ok(addresses)) => addresses.collect(),
                Ok(Err(_)) | Err(_) => Vec::new(),
            }
        }
    };
    if addresses.is_empty() {
        return Ok(Answer::UnknownName);
    }
    let stream = match tokio::time::timeout(limit, TcpStream::connect(&*addresses)).await {
        Err(_) => return Ok(Answer::Silent),
        Ok(Err(error)) => return Ok(Answer::Unreachable(error)),
        Ok(Ok(stream)) => stream,
    };
    let is_direct = url.settings().negotiation == Negotiation::Direct;
    let asked = ask(stream, name, is_direct, TlsConnector::from(Arc::new(config)));
    Ok(match tokio::time::timeout(limit, asked).await {
        Err(_) | Ok(Asked::Mute) => Answer::Mute,
        Ok(Asked::Plain) => Answer::Plain,
        Ok(Asked::NoHandshake(error)) => Answer::NoHandshake(error),
        Ok(Asked::Encrypted(protocol, chain)) => Answer::Encrypted(shown(url, name, protocol, &chain)?),
    })
}

#[cfg(unix)]
async fn reach_socket(path: &std::path::Path) -> io::Result<()> {
    tokio::net::UnixStream::connect(path).await.map(|_| ())
}

#[cfg(not(unix))]
async fn reach_socket(_: &std::path::Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

enum Asked {
    Plain,
    Mute,
    NoHandshake(io::Error),
    Encrypted(&'static str, Vec<CertificateDer<'static>>),
}

async fn ask(mut stream: TcpStream, name: &str, is_direct: bool, connector: TlsConnector) -> Asked {
    if !is_direct {
        let mut answer = [0];
        let asked = async {
            stream.write_all(&TLS_REQUEST).await?;
            stream.read_exact(&mut answer).await
        };
        match (asked.await, answer) {
            (Ok(_), [b'S']) => {}
            (Ok(_), [b'N']) => return Asked::Plain,
            _ => return Asked::Mute,
        }
    }
    let Ok(name) = ServerName::try_from(name.to_owned()) else {
        return Asked::NoHandshake(io::Error::new(
            io::ErrorKind::InvalidInput,
            "not a name for a certificate",
        ));
    };
    match connector.connect(name, stream).await {
        Err(error) => Asked::NoHandshake(error),
        Ok(stream) => {
            let connection = stream.get_ref().1;
            let protocol = match connection.protocol_version() {
                Some(ProtocolVersion::TLSv1_2) => "TLS 1.2",
                _ => "TLS 1.3",
            };
            let chain = connection.peer_certificates().unwrap_or_default();
            Asked::Encrypted(protocol, chain.iter().map(|it| it.clone().into_owned()).collect())
        }
    }
}

fn shown(
    url: &ConnectionUrl,
    name: &str,
    protocol: &'static str,
    chain: &[CertificateDer<'static>],
) -> Result<Shown, TlsError> {
    let roots = match url.trust() {
        Trust::Anything => Roots::System,
        Trust::Chain(roots) | Trust::ChainAndName(roots) => roots.clone(),
    };
    let with_system_roots = roots == Roots::System;
    let problem = match tls::server_verifier(&Trust::ChainAndName(roots)) {
        Err(TlsError::NoSystemRoots) => Some(Problem::UnknownAuthority),
        Err(error) => return Err(error),
        Ok(verifier) => verify(&verifier, chain, name).err().map(problem),
    };
    let expires = chain.first().and_then(expires);
    let names = chain.first().and_then(|it| webpki::EndEntityCert::try_from(it).ok());
    let names = names.iter().flat_map(|it| it.valid_dns_names()).map(str::to_owned).collect();
    Ok(Shown { protocol, expires, names, problem, with_system_roots })
}

fn verify(
    verifier: &dyn ServerCertVerifier,
    chain: &[CertificateDer<'static>],
    name: &str,
) -> Result<(), rustls::Error> {
    let (first, others) = chain.split_first().ok_or(rustls::Error::NoCertificatesPresented)?;
    let name = ServerName::try_from(name).map_err(|_| CertificateError::NotValidForName)?;
    verifier.verify_server_cert(first, others, &name, &[], UnixTime::now()).map(|_| ())
}

fn expires(certificate: &CertificateDer<'_>) -> Option<SystemTime> {
    let certificate = Certificate::from_der(certificate).ok()?;
    Some(SystemTime::UNIX_EPOCH + certificate.tbs_certificate.validity.not_after.to_unix_duration())
}

fn problem(error: rustls::Error) -> Problem {
    match error {
        rustls::Error::InvalidCertificate(error) => match error {
            CertificateError::UnknownIssuer => Problem::UnknownAuthority,
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                Problem::WrongName
            }
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => Problem::Expired,
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                Problem::NotValidYet
            }
            other => Problem::Other(other.to_string()),
        },
        other => Problem::Other(other.to_string()),
    }
}
