//! Mails through an SMTP server, configured like Auth.js's Nodemailer provider.
//!
//! Source: @auth/core 0.41.3 `providers/nodemailer.js`; nodemailer's SMTP transport for the options in the URL, and its
//! `lib/mime-node` for the form of a `Message-ID`.

use std::time::Duration;

use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::AsyncSmtpTransportBuilder;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use percent_encoding::percent_decode_str;
use url::Url;

use super::{MagicLinkMail, Mailer};
use crate::random::{Random as _, SystemRandom};

/// Why the mail settings cannot be used. Messages contain no password.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SmtpConfigError {
    /// The server's URL is invalid.
    #[error(
        "`EMAIL_SERVER` is not the URL of a mail server\nhelp: write it as `smtps://user:password@smtp.example.com:465`"
    )]
    InvalidServer,
    /// The sender is invalid.
    #[error("`EMAIL_FROM` is not a valid sender\nhelp: write it as `People <people@example.com>`")]
    InvalidSender,
    /// TLS cannot be set up.
    #[error("cannot set up TLS for the mail server")]
    Tls(#[source] lettre::transport::smtp::Error),
}

/// Why a mail was not sent. The server's reply is left out, because it often repeats the address.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SmtpError {
    /// The address cannot be represented in a mail header.
    #[error("the address cannot be represented in a mail header")]
    Address,
    /// The server refused the mail.
    #[error("the mail server refused the mail with status {code}")]
    Refused {
        /// The reply code of RFC 5321, 4.2.3.
        code: u16,
    },
    /// The server is unreachable, or the connection failed.
    #[error("cannot reach the mail server, or the connection failed")]
    Unreachable,
}

/// Sends mails through an SMTP server.
#[derive(Clone, Debug)]
pub struct SmtpMailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl SmtpMailer {
    const TIMEOUT: Duration = Duration::from_secs(30);

    /// Creates a mailer from the values of `EMAIL_SERVER` and `EMAIL_FROM`.
    ///
    /// `smtps://` uses TLS from the start (default port 465), `smtp://` switches to it with STARTTLS (default port 587). If the
    /// URL has a password, STARTTLS is mandatory unless the server is on this machine or the URL says `?ignoreTLS=true`.
    /// `?requireTLS=true` makes it mandatory without a password, too.
    ///
    /// # Errors
    /// [`SmtpConfigError`] if one of the values is invalid.
    pub fn new(server: &str, from: &str) -> Result<Self, SmtpConfigError> {
        let from = from.parse().map_err(|_| SmtpConfigError::InvalidSender)?;
        Ok(Self { transport: transport(server)?, from })
    }

    fn message(&self, mail: &MagicLinkMail) -> Result<Message, SmtpError> {
        // RFC 5322, 3.6. Spam filters and some servers reject mails without date and id.
        let address: Address = mail.to.as_str().parse().map_err(|_| SmtpError::Address)?;
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, address))
            .date_now()
            .message_id(Some(self.message_id()))
            .subject(mail.subject())
            .multipart(MultiPart::alternative_plain_html(mail.text(), mail.html()))
            .map_err(|_| SmtpError::Address)
    }
}

impl SmtpMailer {
    /// Returns a new id in the sender's domain, which does not reveal this machine's name.
    fn message_id(&self) -> String {
        let mut bytes = [0; 16];
        SystemRandom.fill(&mut bytes);
        format!("<{:032x}@{}>", u128::from_be_bytes(bytes), self.from.email.domain())
    }
}

impl Mailer for SmtpMailer {
    type Error = SmtpError;

    async fn send(&self, mail: MagicLinkMail) -> Result<(), SmtpError> {
        let message = self.message(&mail)?;
        match self.transport.send(message).await {
            Ok(_) => Ok(()),
            Err(error) => Err(match error.status() {
                Some(code) => SmtpError::Refused { code: code.into() },
                None => SmtpError::Unreachable,
            }),
        }
    }
}

fn transport(server: &str) -> Result<AsyncSmtpTransport<Tokio1Executor>, SmtpConfigError> {
    let url = Url::parse(server).map_err(|_| SmtpConfigError::InvalidServer)?;
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or(SmtpConfigError::InvalidServer)?;
    let host = host.trim_matches(['[', ']']);
    let option = |name: &str| url.query_pairs().any(|(key, value)| key == name && value == "true");
    let credentials = credentials(&url)?;

    let parameters = || TlsParameters::new(host.to_owned()).map_err(SmtpConfigError::Tls);
    let is_local = matches!(host, "localhost" | "127.0.0.1" | "::1");
    let (tls, default_port) = match url.scheme() {
        "smtps" => (Tls::Wrapper(parameters()?), 465),
        "smtp" if option("secure") => (Tls::Wrapper(parameters()?), 465),
        "smtp" if option("ignoreTLS") => (Tls::None, 587),
        "smtp" if option("requireTLS") || (credentials.is_some() && !is_local) => {
            (Tls::Required(parameters()?), 587)
        }
        "smtp" => (Tls::Opportunistic(parameters()?), 587),
        _ => return Err(SmtpConfigError::InvalidServer),
    };
    let builder: AsyncSmtpTransportBuilder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host);
    let builder =
        builder.port(url.port().unwrap_or(default_port)).tls(tls).timeout(Some(SmtpMailer::TIMEOUT));
    Ok(match credentials {
        Some(credentials) => builder.credentials(credentials).build(),
        None => builder.build(),
    })
}

fn credentials(url: &Url) -> Result<Option<Credentials>, SmtpConfigError> {
    if url.username().is_empty() {
        return Ok(None);
    }
    let decode = |text: &str| {
        let text = percent_decode_str(text).decode_utf8().map_err(|_| SmtpConfigError::InvalidServer)?;
        Ok(text.into_owned())
    };
    Ok(Some(Credentials::new(decode(url.username())?, decode(url.password().unwrap_or_default())?)))
}
