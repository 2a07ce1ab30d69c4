//! A mail server that keeps what it gets, for a test to read.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use mail_parser::MessageParser;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// A server on a port of its own.
#[derive(Clone)]
pub(crate) struct MailServer {
    port: u16,
    mails: Arc<Mutex<Vec<Mail>>>,
}

/// A mail as its reader sees it.
#[derive(Clone, Debug)]
pub(crate) struct Mail {
    /// To whom the server was asked to deliver it.
    recipient: String,
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) subject: String,
    /// Without the brackets.
    pub(crate) message_id: String,
    /// When it says it was written, in seconds since 1970.
    pub(crate) date: i64,
    pub(crate) text: String,
    pub(crate) html: String,
}

impl MailServer {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self { port: listener.local_addr().unwrap().port(), mails: Arc::default() };
        let mails = server.mails.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(stream, mails.clone()));
            }
        });
        server
    }

    /// What `EMAIL_SERVER` is set to.
    pub(crate) fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// Takes the oldest mail to an address, and waits for it if need be.
    pub(crate) async fn mail_to(&self, address: &str) -> Mail {
        let began = Instant::now();
        loop {
            {
                let mut mails = self.mails.lock().unwrap();
                if let Some(found) = mails.iter().position(|mail| mail.recipient == address) {
                    return mails.remove(found);
                }
            }
            assert!(began.elapsed() < Duration::from_secs(30), "no mail to {address} comes");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// How many mails nobody has taken.
    pub(crate) fn left(&self) -> usize {
        self.mails.lock().unwrap().len()
    }
}

impl Mail {
    /// The link in the text.
    pub(crate) fn link(&self) -> String {
        let link = self.text.split_whitespace().find(|word| word.starts_with("http"));
        link.unwrap_or_else(|| panic!("no link in {}", self.text)).to_owned()
    }
}

/// RFC 5321 as far as a client that sends mails needs it.
async fn converse(stream: TcpStream, mails: Arc<Mutex<Vec<Mail>>>) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    let mut recipient = String::new();
    write.write_all(b"220 test\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        let answer = match line.split([' ', ':']).next().unwrap_or_default() {
            "EHLO" => "250-test\r\n250 8BITMIME\r\n",
            "RCPT" => {
                recipient = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                "250 ok\r\n"
            }
            "DATA" => {
                write.write_all(b"354 go on\r\n").await?;
                let mut message = String::new();
                while let Some(line) = lines.next_line().await?.filter(|line| line != ".") {
                    message.extend([line.strip_prefix('.').unwrap_or(&line), "\r\n"]);
                }
                mails.lock().unwrap().push(parse(recipient.clone(), &message));
                "250 ok\r\n"
            }
            "QUIT" => "221 bye\r\n",
            _ => "250 ok\r\n",
        };
        write.write_all(answer.as_bytes()).await?;
    }
    Ok(())
}

fn parse(recipient: String, message: &str) -> Mail {
    let parsed = MessageParser::default().parse(message.as_bytes()).expect("it is a mail");
    let address = |list: Option<&mail_parser::Address<'_>>| {
        let address = list.and_then(|list| list.first()).and_then(|address| address.address());
        address.unwrap_or_default().to_owned()
    };
    Mail {
        recipient,
        from: address(parsed.from()),
        to: address(parsed.to()),
        subject: parsed.subject().unwrap_or_default().to_owned(),
        message_id: parsed.message_id().unwrap_or_default().to_owned(),
        date: parsed.date().map_or(0, mail_parser::DateTime::to_timestamp),
        text: parsed.body_text(0).unwrap_or_default().into_owned(),
        html: parsed.body_html(0).unwrap_or_default().into_owned(),
    }
}
