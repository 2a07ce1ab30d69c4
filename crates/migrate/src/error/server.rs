//! Texts of errors from the server. They never contain values of rows.

use nicol_pg::tokio_postgres::{self, error::ErrorPosition};

/// Classes of SQLSTATE whose `DETAIL` names objects and never contains values of rows: features, dependent objects, databases,
/// schemas, syntax and access rules, resources, limits, states of objects.
///
/// Source: PostgreSQL 17 manual, appendix A. Classes 22 and 23 quote the row.
const CLASSES_WITHOUT_VALUES: [&str; 8] = ["0A", "2B", "3D", "3F", "42", "53", "54", "55"];

/// Returns `DETAIL`, unless it may contain values of rows, and `HINT`, each on its own line after a line break.
///
/// A `RAISE` in a script may put anything into its detail, with any SQLSTATE. Its hint is meant for the user.
pub(crate) fn further(error: &tokio_postgres::Error) -> String {
    let Some(error) = error.as_db_error() else { return String::new() };
    let class = &error.code().code()[..2];
    let is_free = CLASSES_WITHOUT_VALUES.contains(&class) && error.routine() != Some("exec_stmt_raise");
    let detail = error.detail().filter(|_| is_free).map(|text| ("detail", text));
    let hint = error.hint().map(|text| ("hint", text));
    let lines = [detail, hint].into_iter().flatten();
    lines.fold(String::new(), |all, (word, text)| {
        format!("{all}\n{word}: {}", text.trim_end().replace('\n', "\n  "))
    })
}

/// Returns the message of the server with its SQLSTATE, or the message of the driver.
pub(crate) fn describe(error: &tokio_postgres::Error) -> String {
    if let Some(error) = error.as_db_error() {
        return format!("{} (SQLSTATE {})", error.message(), error.code().code());
    }
    let cause = std::error::Error::source(error).map(|cause| format!(": {cause}"));
    format!("{error}{}", cause.unwrap_or_default())
}

/// Returns the line of the script, from 1, at which the server reports the error.
pub(crate) fn line(error: &tokio_postgres::Error, script: &str) -> Option<usize> {
    let Some(ErrorPosition::Original(position)) = error.as_db_error()?.position() else { return None };
    let before = script.chars().take((*position as usize).saturating_sub(1));
    Some(before.filter(|character| *character == '\n').count() + 1)
}
