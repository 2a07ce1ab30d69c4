//! What a server says about a failure, as text for people. It never holds values of rows.

use nicol_pg::tokio_postgres::{self, error::ErrorPosition};

/// Classes of SQLSTATE whose `DETAIL` names objects and never holds values of rows: features, dependent objects, databases,
/// schemas, syntax and access rules, resources, limits, states of objects.
///
/// Source: PostgreSQL 17 manual, appendix A. Above all not 22 and 23, which quote the row.
const CLASSES_WITHOUT_VALUES: [&str; 8] = ["0A", "2B", "3D", "3F", "42", "53", "54", "55"];

/// What the server adds to its message: `DETAIL`, where it cannot hold values of rows, and `HINT`, in lines of their own, each
/// with the line break before it.
///
/// A script's own `RAISE` may put anything into its detail, under any SQLSTATE; its hint is written for the user.
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

/// What the server said, with its SQLSTATE, or what the driver says.
pub(crate) fn describe(error: &tokio_postgres::Error) -> String {
    if let Some(error) = error.as_db_error() {
        return format!("{} (SQLSTATE {})", error.message(), error.code().code());
    }
    let cause = std::error::Error::source(error).map(|cause| format!(": {cause}"));
    format!("{error}{}", cause.unwrap_or_default())
}

/// The line of the script, from 1, at which the server found the error.
pub(crate) fn line(error: &tokio_postgres::Error, script: &str) -> Option<usize> {
    let Some(ErrorPosition::Original(position)) = error.as_db_error()?.position() else { return None };
    let before = script.chars().take((*position as usize).saturating_sub(1));
    Some(before.filter(|character| *character == '\n').count() + 1)
}
