//! A private PostgreSQL server for development: find, initialise, start, stop.
