//! The errors of requests, as Prisma answers them.

use std::fmt;

use serde_json::{Map, Value, json};

/// Why a request failed: Prisma's code, its `meta`, and a message of our own.
#[derive(Debug, Clone)]
pub struct Error {
    code: Option<&'static str>,
    meta: Map<String, Value>,
    message: String,
}

impl Error {
    /// Returns an error with a code.
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code: Some(code), meta: Map::new(), message: message.into() }
    }

    /// Returns an error without a code: Prisma has none for it.
    pub(crate) fn without_code(message: impl Into<String>) -> Self {
        Self { code: None, meta: Map::new(), message: message.into() }
    }

    /// Adds a value to `meta`.
    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.meta.insert(name.to_owned(), value.into());
        self
    }

    /// Returns Prisma's code, such as `P2002`, if it has one for this error.
    pub fn code(&self) -> Option<&'static str> {
        self.code
    }

    /// Returns the details of the error, such as the model.
    pub fn meta(&self) -> &Map<String, Value> {
        &self.meta
    }

    /// Returns the error as `{"code", "meta", "message"}`.
    pub fn to_json(&self) -> Value {
        let mut error = json!({ "message": self.message });
        if let Some(code) = self.code {
            error["code"] = code.into();
        }
        if !self.meta.is_empty() {
            error["meta"] = self.meta.clone().into();
        }
        error
    }
}

impl Error {
    /// Returns the error as Prisma's engines do: `{"is_panic", "error_code"?, "meta"?, "message"}`.
    pub fn to_user_facing(&self) -> Value {
        let mut error = json!({ "is_panic": false, "message": self.message });
        if let Some(code) = self.code {
            error["error_code"] = code.into();
        }
        if !self.meta.is_empty() {
            error["meta"] = self.meta.clone().into();
        }
        error
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
