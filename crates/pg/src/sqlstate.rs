//! The SQLSTATE codes that nicol acts on, each with its condition name.
//!
//! Source: PostgreSQL 17 manual, appendix A.

macro_rules! table {
    ($($constant:ident = $code:literal $name:literal;)*) => {
        $(
            #[doc = concat!("`", $code, "`, `", $name, "`")]
            pub const $constant: &str = $code;
        )*

        /// Returns the condition name of a code in this table: `23505` → `unique_violation`.
        pub fn condition_name(code: &str) -> Option<&'static str> {
            match code {
                $($code => Some($name),)*
                _ => None,
            }
        }

        #[cfg(test)]
        const ALL: &[(&str, &str)] = &[$(($code, $name)),*];
    };
}

table! {
    SQLCLIENT_UNABLE_TO_ESTABLISH_SQLCONNECTION = "08001" "sqlclient_unable_to_establish_sqlconnection";
    CONNECTION_DOES_NOT_EXIST = "08003" "connection_does_not_exist";
    SQLSERVER_REJECTED_ESTABLISHMENT_OF_SQLCONNECTION = "08004" "sqlserver_rejected_establishment_of_sqlconnection";
    CONNECTION_FAILURE = "08006" "connection_failure";
    PROTOCOL_VIOLATION = "08P01" "protocol_violation";
    FEATURE_NOT_SUPPORTED = "0A000" "feature_not_supported";
    STRING_DATA_RIGHT_TRUNCATION = "22001" "string_data_right_truncation";
    NUMERIC_VALUE_OUT_OF_RANGE = "22003" "numeric_value_out_of_range";
    INVALID_DATETIME_FORMAT = "22007" "invalid_datetime_format";
    DATETIME_FIELD_OVERFLOW = "22008" "datetime_field_overflow";
    DIVISION_BY_ZERO = "22012" "division_by_zero";
    INVALID_PARAMETER_VALUE = "22023" "invalid_parameter_value";
    INVALID_TEXT_REPRESENTATION = "22P02" "invalid_text_representation";
    UNTRANSLATABLE_CHARACTER = "22P05" "untranslatable_character";
    CHARACTER_NOT_IN_REPERTOIRE = "22021" "character_not_in_repertoire";
    INTEGRITY_CONSTRAINT_VIOLATION = "23000" "integrity_constraint_violation";
    RESTRICT_VIOLATION = "23001" "restrict_violation";
    NOT_NULL_VIOLATION = "23502" "not_null_violation";
    FOREIGN_KEY_VIOLATION = "23503" "foreign_key_violation";
    UNIQUE_VIOLATION = "23505" "unique_violation";
    CHECK_VIOLATION = "23514" "check_violation";
    EXCLUSION_VIOLATION = "23P01" "exclusion_violation";
    ACTIVE_SQL_TRANSACTION = "25001" "active_sql_transaction";
    READ_ONLY_SQL_TRANSACTION = "25006" "read_only_sql_transaction";
    IN_FAILED_SQL_TRANSACTION = "25P02" "in_failed_sql_transaction";
    IDLE_IN_TRANSACTION_SESSION_TIMEOUT = "25P03" "idle_in_transaction_session_timeout";
    INVALID_SQL_STATEMENT_NAME = "26000" "invalid_sql_statement_name";
    INVALID_AUTHORIZATION_SPECIFICATION = "28000" "invalid_authorization_specification";
    INVALID_PASSWORD = "28P01" "invalid_password";
    DEPENDENT_OBJECTS_STILL_EXIST = "2BP01" "dependent_objects_still_exist";
    INVALID_TRANSACTION_TERMINATION = "2D000" "invalid_transaction_termination";
    INVALID_CATALOG_NAME = "3D000" "invalid_catalog_name";
    INVALID_SCHEMA_NAME = "3F000" "invalid_schema_name";
    SERIALIZATION_FAILURE = "40001" "serialization_failure";
    DEADLOCK_DETECTED = "40P01" "deadlock_detected";
    SYNTAX_ERROR = "42601" "syntax_error";
    INSUFFICIENT_PRIVILEGE = "42501" "insufficient_privilege";
    DUPLICATE_COLUMN = "42701" "duplicate_column";
    UNDEFINED_COLUMN = "42703" "undefined_column";
    UNDEFINED_OBJECT = "42704" "undefined_object";
    DUPLICATE_OBJECT = "42710" "duplicate_object";
    DATATYPE_MISMATCH = "42804" "datatype_mismatch";
    UNDEFINED_FUNCTION = "42883" "undefined_function";
    UNDEFINED_TABLE = "42P01" "undefined_table";
    DUPLICATE_DATABASE = "42P04" "duplicate_database";
    DUPLICATE_PREPARED_STATEMENT = "42P05" "duplicate_prepared_statement";
    DUPLICATE_SCHEMA = "42P06" "duplicate_schema";
    DUPLICATE_TABLE = "42P07" "duplicate_table";
    INSUFFICIENT_RESOURCES = "53000" "insufficient_resources";
    DISK_FULL = "53100" "disk_full";
    TOO_MANY_CONNECTIONS = "53300" "too_many_connections";
    OBJECT_IN_USE = "55006" "object_in_use";
    UNSAFE_NEW_ENUM_VALUE_USAGE = "55P04" "unsafe_new_enum_value_usage";
    LOCK_NOT_AVAILABLE = "55P03" "lock_not_available";
    QUERY_CANCELED = "57014" "query_canceled";
    ADMIN_SHUTDOWN = "57P01" "admin_shutdown";
    CRASH_SHUTDOWN = "57P02" "crash_shutdown";
    CANNOT_CONNECT_NOW = "57P03" "cannot_connect_now";
    DATABASE_DROPPED = "57P04" "database_dropped";
    IDLE_SESSION_TIMEOUT = "57P05" "idle_session_timeout";
    RAISE_EXCEPTION = "P0001" "raise_exception";
}

/// Whether the code means that the session has ended or is about to: class 08 and the shutdown codes of class 57.
pub fn is_connection_lost(code: &str) -> bool {
    code.starts_with("08")
        || matches!(
            code,
            ADMIN_SHUTDOWN
                | CRASH_SHUTDOWN
                | CANNOT_CONNECT_NOW
                | DATABASE_DROPPED
                | IDLE_SESSION_TIMEOUT
                | IDLE_IN_TRANSACTION_SESSION_TIMEOUT
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio_postgres::error::SqlState;

    #[test]
    fn codes_are_well_formed_and_named_once() {
        for (index, (code, name)) in ALL.iter().enumerate() {
            assert_eq!(code.len(), 5, "{name}");
            assert!(code.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase()), "{name}");
            assert!(ALL[index + 1..].iter().all(|(other, _)| other != code), "{code} twice");
            assert_eq!(condition_name(code), Some(*name));
        }
        assert_eq!(condition_name("XX000"), None);
    }

    /// The driver generates its variants from PostgreSQL's own list; unknown codes become `Other`.
    #[test]
    fn every_code_is_known_to_the_driver() {
        for (code, name) in ALL {
            let known = format!("{:?}", SqlState::from_code(code));
            assert!(known.contains(&format!("E{code}")), "{name}: {known}");
        }
    }
}
