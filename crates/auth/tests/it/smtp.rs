//! The SMTP mailer against a server that writes down what it hears.

use std::sync::{Arc, Mutex};

use nicol_auth::mail::SmtpMailer;
use nicol_auth::{EmailAddress, MagicLinkMail, Mailer as _, Secret};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;

fn mail() -> MagicLinkMail {
    MagicLinkMail {
        to: EmailAddress::parse("ann@example.com").unwrap(),
        url: Secret::new(
            "https://people.example.com/api/auth/callback/email?token=t&email=ann%40example.com",
        ),
        host: "people.example.com".to_owned(),
        expires: "2026-11-24T12:00:00Z".parse().unwrap(),
    }
}

/// Serves one connection; answers `RCPT` with the given line. Gives the port and what was heard.
async fn server(rcpt: &'static str) -> (u16, Arc<Mutex<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = Arc::new(Mutex::new(String::new()));
    let written = Arc::clone(&heard);
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read).lines();
        write.write_all(b"220 test\r\n").await.unwrap();
        let mut in_data = false;
        while let Ok(Some(line)) = lines.next_line().await {
            written.lock().unwrap().extend([line.as_str(), "\n"]);
            let answer = match line.split([' ', ':']).next().unwrap_or_default() {
                _ if in_data && line != "." => continue,
                "EHLO" => "250-test\r\n250 8BITMIME\r\n",
                "RCPT" => rcpt,
                "DATA" => {
                    in_data = true;
                    "354 go on\r\n"
                }
                "QUIT" => "221 bye\r\n",
                _ => {
                    in_data = false;
                    "250 ok\r\n"
                }
            };
            write.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    (port, heard)
}

#[tokio::test]
async fn a_mail_has_both_bodies() {
    let (port, heard) = server("250 ok\r\n").await;
    let mailer = SmtpMailer::new(&format!("smtp://127.0.0.1:{port}"), "People <people@example.com>").unwrap();
    mailer.send(mail()).await.unwrap();
    let heard = heard.lock().unwrap();
    for part in [
        "MAIL FROM:<people@example.com>",
        "RCPT TO:<ann@example.com>",
        "From: People <people@example.com>",
        "Subject: Sign in to people.example.com",
        "Content-Type: text/plain",
        "Content-Type: text/html",
    ] {
        assert!(heard.contains(part), "{part} is missing in\n{heard}");
    }
}

#[tokio::test]
async fn a_refusal_does_not_repeat_the_address() {
    let (port, _) = server("550 <ann@example.com> unknown\r\n").await;
    let mailer = SmtpMailer::new(&format!("smtp://127.0.0.1:{port}"), "people@example.com").unwrap();
    let error = mailer.send(mail()).await.unwrap_err();
    assert_eq!(error.to_string(), "the mail server refused the mail with status 550");
    assert!(!format!("{error:?}").contains("ann@"));
}

#[tokio::test]
async fn a_password_is_not_sent_in_the_clear() {
    let (port, heard) = server("250 ok\r\n").await;
    // The server offers no STARTTLS. The name leads here, but is not one of this machine's own names.
    let server = format!("smtp://user:hunter2@127.0.0.2:{port}");
    let mailer = SmtpMailer::new(&server, "people@example.com").unwrap();
    assert!(!format!("{mailer:?}").contains("hunter2"));
    assert!(mailer.send(mail()).await.is_err());
    assert!(!heard.lock().unwrap().contains("AUTH"));
}

#[tokio::test]
async fn settings_that_cannot_be_used_say_so_without_the_password() {
    let cases = [
        ("smtps://user:p%40ss@smtp.example.com", "People <people@example.com>", None),
        ("smtp://smtp.example.com:25?requireTLS=true", "people@example.com", None),
        ("http://user:hunter2@smtp.example.com", "people@example.com", Some("EMAIL_SERVER")),
        ("user:hunter2@smtp.example.com", "people@example.com", Some("EMAIL_SERVER")),
        ("smtp://smtp.example.com", "People", Some("EMAIL_FROM")),
    ];
    for (server, from, expected) in cases {
        let error = SmtpMailer::new(server, from).err().map(|error| error.to_string());
        assert_eq!(error.is_some(), expected.is_some(), "{server} {from}: {error:?}");
        let error = error.unwrap_or_default();
        assert!(error.contains(expected.unwrap_or_default()) && !error.contains("hunter2"), "{error}");
    }
}
