//! Exports of the people whom a search finds.
//!
//! A [`Format`] writes a head, person after person, and a tail; only the chunk that is being sent is in memory. The
//! [`import`](crate::import) reads every format without loss.

mod format;

pub use format::Format;
pub(crate) use format::timestamp;

use axum::body::Bytes;
use futures_util::{Stream, StreamExt as _, future, stream};
use nicol::Error;

use crate::db::Person;

/// How many people are sent at once.
const CHUNK: usize = 200;

/// Streams the file. An error aborts the stream, so that the client does not mistake a part for the whole.
pub fn file<S>(format: Format, people: S) -> impl Stream<Item = Result<Bytes, Error>> + Send + 'static
where
    S: Stream<Item = Result<Person, Error>> + Send + 'static,
{
    let mut is_first = true;
    let body = people.ready_chunks(CHUNK).map(move |people| {
        let mut part = String::new();
        for person in people {
            format.write(&person?, is_first, &mut part);
            is_first = false;
        }
        Ok(Bytes::from(part))
    });
    let ends = |text: &'static str| stream::once(future::ready(Ok(Bytes::from_static(text.as_bytes()))));
    ends(format.head()).chain(body).chain(ends(format.tail()))
}
