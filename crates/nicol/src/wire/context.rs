//! Settings that hold for one transaction, such as those that policies of row-level security read.

use std::sync::Arc;

use postgres_types::Type;

use super::statement::{Form, References, Statement};
use super::telemetry::Telemetry;
use crate::codec::Param;
use crate::value::Value;

/// What begins a transaction.
#[derive(Debug, Clone)]
pub(crate) struct Begin {
    /// The command.
    pub(super) command: String,
    /// The statement that sets the context of the transaction, if there is one.
    pub(super) context: Option<Arc<Statement>>,
    /// Who is told.
    pub(super) telemetry: Telemetry,
}

/// The names and values of settings.
pub(crate) type Settings = Arc<Vec<(String, String)>>;

/// The settings of a client.
#[derive(Clone, Default)]
pub(super) struct Context {
    settings: Option<Settings>,
    /// The statement that sets them.
    statement: Option<Arc<Statement>>,
}

impl Context {
    /// Adds a setting, or replaces its value.
    pub(super) fn set(&mut self, name: String, value: String) {
        let mut settings = self.settings.take().map(|settings| settings.to_vec()).unwrap_or_default();
        settings.retain(|(other, _)| *other != name);
        settings.push((name, value));
        let mut text = String::from("SELECT ");
        let mut params = Vec::with_capacity(2 * settings.len());
        for (name, value) in &settings {
            let comma = if params.is_empty() { "" } else { ", " };
            let at = params.len() + 1;
            text.extend([comma, "set_config($", &at.to_string(), ", $", &(at + 1).to_string(), ", true)"]);
            for value in [name, value] {
                params.push(Param::new(Value::Text(value.clone()), Some(Type::TEXT)));
            }
        }
        self.settings = Some(Arc::new(settings));
        self.statement = Some(Arc::new(Statement {
            text,
            params,
            form: Form::Query,
            returns_rows: false,
            read_only: true,
            may_lag: false,
            model: None,
            operation: "set_config",
            references: References::None,
            requires_row: false,
        }));
    }

    pub(super) fn settings(&self) -> Option<&Settings> {
        self.settings.as_ref()
    }

    pub(super) fn statement(&self) -> Option<&Arc<Statement>> {
        self.statement.as_ref()
    }
}

/// Whether PostgreSQL can have a setting of this name: identifiers with dots in between.
///
/// Source: PostgreSQL 17 sources, `valid_custom_variable_name` (`guc.c`).
pub(super) fn is_name(name: &str) -> bool {
    name.split('.').all(|part| {
        let is_first = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
        let is_further = |byte: u8| is_first(byte) || byte.is_ascii_digit() || byte == b'$';
        part.bytes().next().is_some_and(is_first) && part.bytes().all(is_further)
    })
}
