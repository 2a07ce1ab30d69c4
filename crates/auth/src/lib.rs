//! Sign-in and sessions, compatible with Auth.js.
