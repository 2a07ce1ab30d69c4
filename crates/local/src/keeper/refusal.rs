//! Tells a client why it cannot be served, in PostgreSQL's protocol.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;

/// `cannot_connect_now`, which clients try again.
const SQLSTATE: &str = "57P03";

/// The codes of the first messages (manual, 55.7 "Message Formats").
const CANCEL: u32 = 80_877_102;
const SSL: u32 = 80_877_103;
const GSS: u32 = 80_877_104;

/// The length of the longest startup packet that PostgreSQL accepts, in bytes.
const LONGEST: u32 = 10_000;

/// Answers the first message of a client with an error, and closes the connection. A client that says nothing is
/// waited for, for 10 s.
pub(super) async fn refuse(mut client: UnixStream, reason: String) {
    // The client may have gone.
    let _ = tokio::time::timeout(Duration::from_secs(10), answer(&mut client, &reason)).await;
}

async fn answer(client: &mut UnixStream, reason: &str) -> io::Result<()> {
    loop {
        let (length, code) = (client.read_u32().await?, client.read_u32().await?);
        match code {
            // The client goes on without encryption.
            SSL | GSS if length == 8 => client.write_all(b"N").await?,
            CANCEL => return Ok(()),
            _ if !(8..=LONGEST).contains(&length) => return Ok(()),
            _ => {
                // What has not been read would break the connection off before the answer arrives.
                let mut rest = client.take(u64::from(length) - 8);
                tokio::io::copy(&mut rest, &mut tokio::io::sink()).await?;
                client.write_all(&error_response(reason)).await?;
                return client.shutdown().await;
            }
        }
    }
}

fn error_response(reason: &str) -> Vec<u8> {
    let (message, hint) =
        reason.split_once("\nhelp: ").map_or((reason, None), |(text, help)| (text, Some(help)));
    let fields = [(b'S', "FATAL"), (b'V', "FATAL"), (b'C', SQLSTATE), (b'M', message)];
    let mut body = Vec::new();
    for (kind, text) in fields.into_iter().chain(hint.map(|hint| (b'H', hint))) {
        body.push(kind);
        body.extend(text.bytes().filter(|byte| *byte != 0));
        body.push(0);
    }
    body.push(0);
    let mut message = vec![b'E'];
    message.extend(u32::try_from(body.len() + 4).unwrap_or(u32::MAX).to_be_bytes());
    message.extend(body);
    message
}
