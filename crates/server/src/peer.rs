use std::net::SocketAddr;

/// The address of the other end of the connection, a client or a proxy. [`serve`](crate::serve) adds it to each request as an extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer(pub SocketAddr);
