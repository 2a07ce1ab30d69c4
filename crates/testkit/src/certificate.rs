//! Certificate authorities and certificates for tests.

use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, DnType, IsCa, Issuer, KeyIdMethod,
    KeyPair, KeyUsagePurpose, RevokedCertParams, SerialNumber, date_time_ymd,
};

/// A certificate authority.
#[derive(Debug)]
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

/// A certificate and its private key, as PEM.
#[derive(Debug)]
pub struct Certificate {
    /// The certificate.
    pub certificate: String,
    /// The key.
    pub key: String,
    serial: u64,
}

impl Authority {
    /// Creates an authority.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.distinguished_name.push(DnType::CommonName, name);
        let key = key();
        let pem = params.self_signed(&key).expect("the parameters are valid").pem();
        Self { issuer: Issuer::new(params, key), pem }
    }

    /// Returns the authority's certificate as PEM.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// Signs a certificate of a server with these host names, the first of which is also the common name.
    #[must_use]
    pub fn server(&self, names: &[&str]) -> Certificate {
        self.sign(named(names), 1)
    }

    /// Signs a certificate of a server that expired in 2020.
    #[must_use]
    pub fn expired(&self, names: &[&str]) -> Certificate {
        self.sign(expired(named(names)), 1)
    }

    /// Signs a certificate of a server whose only name is the common name, as `openssl req -subj /CN=…` makes them.
    #[must_use]
    pub fn common_name(&self, name: &str) -> Certificate {
        self.client(name, 1)
    }

    /// Signs a certificate of a client: the common name is its user, the serial number is for [`revoke`](Self::revoke).
    #[must_use]
    pub fn client(&self, user: &str, serial: u64) -> Certificate {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, user);
        self.sign(params, serial)
    }

    /// Returns a list of revoked certificates as PEM (`ssl_crl_file`).
    #[must_use]
    pub fn revoke(&self, certificates: &[&Certificate]) -> String {
        let long_ago = date_time_ymd(2020, 1, 1);
        let revoked = certificates.iter().map(|certificate| RevokedCertParams {
            serial_number: SerialNumber::from(certificate.serial),
            revocation_time: long_ago,
            reason_code: None,
            invalidity_date: None,
        });
        let params = CertificateRevocationListParams {
            this_update: long_ago,
            next_update: date_time_ymd(2999, 1, 1),
            crl_number: SerialNumber::from(1),
            issuing_distribution_point: None,
            revoked_certs: revoked.collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        let list = params.signed_by(&self.issuer).expect("the parameters are valid");
        list.pem().expect("a list can be written")
    }

    fn sign(&self, mut params: CertificateParams, serial: u64) -> Certificate {
        params.serial_number = Some(SerialNumber::from(serial));
        let key = key();
        let signed = params.signed_by(&key, &self.issuer).expect("the parameters are valid");
        Certificate { certificate: signed.pem(), key: key.serialize_pem(), serial }
    }
}

impl Certificate {
    /// Wraps a certificate and its key.
    #[must_use]
    pub fn new(certificate: String, key: String) -> Self {
        Self { certificate, key, serial: 0 }
    }

    /// Creates a certificate of a server that signs itself and is marked as an authority, as in PostgreSQL's manual.
    #[must_use]
    pub fn self_signed(names: &[&str]) -> Self {
        Self::signed_by_itself(named(names))
    }

    /// Same as [`self_signed`](Self::self_signed), but it expired in 2020.
    #[must_use]
    pub fn self_signed_expired(names: &[&str]) -> Self {
        Self::signed_by_itself(expired(named(names)))
    }

    fn signed_by_itself(mut params: CertificateParams) -> Self {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = key();
        let certificate = params.self_signed(&key).expect("the parameters are valid").pem();
        Self { certificate, key: key.serialize_pem(), serial: 1 }
    }
}

fn key() -> KeyPair {
    KeyPair::generate().expect("a key can be made")
}

fn named(names: &[&str]) -> CertificateParams {
    let mut params = CertificateParams::new(names.iter().map(ToString::to_string).collect::<Vec<_>>());
    let params = params.as_mut().expect("the names are valid");
    if let Some(name) = names.first() {
        params.distinguished_name.push(DnType::CommonName, *name);
    }
    params.clone()
}

fn expired(mut params: CertificateParams) -> CertificateParams {
    params.not_after = date_time_ymd(2020, 1, 1);
    params
}
