//! PostgreSQL's words and its door: quoting, type names, SQLSTATE, connection URLs, TLS, connections.
