//! Asks the server how it words columns.

use std::fmt::Write as _;

use nicol_pg::tokio_postgres::Client;
use nicol_pg::tokio_postgres::Error as DriverError;

use crate::catalog::sql::{push_default, push_type};
use crate::catalog::{Column, Default};
use crate::error::Error;

/// The number of columns in one query; a table has at most 1600.
const COLUMNS: usize = 400;

/// A column to create in a temporary table.
pub(super) struct Question<'a> {
    /// Indexes of the table and the column in the live catalog.
    pub(super) place: (usize, usize),
    pub(super) column: &'a Column,
}

/// The column as the server reports it.
pub(super) struct Answer {
    pub(super) formatted_type: String,
    pub(super) default: Option<String>,
}

/// Returns an answer for each question, or `None` if the server refuses the column.
pub(super) async fn ask(client: &Client, questions: &[Question<'_>]) -> Result<Vec<Option<Answer>>, Error> {
    let mut answers = Vec::with_capacity(questions.len());
    for part in questions.chunks(COLUMNS) {
        match together(client, part).await {
            Some(part) => answers.extend(part.into_iter().map(Some)),
            // The server refused one of the columns, but does not say which.
            None => {
                for question in part {
                    let answer = together(client, std::slice::from_ref(question)).await;
                    answers.push(answer.and_then(|mut answers| answers.pop()));
                }
            }
        }
    }
    if client.is_closed() {
        let lost = client.batch_execute("").await.err();
        if let Some(source) = lost {
            return Err(Error::Database { doing: "cannot compare the tables of the database", source });
        }
    }
    Ok(answers)
}

/// Asks for several columns in one round trip. Returns `None` if the server refuses any.
async fn together(client: &Client, questions: &[Question<'_>]) -> Option<Vec<Answer>> {
    let sql = create_table(questions);
    let (began, created, rows, ended) = tokio::join!(
        client.batch_execute("begin"),
        // With the extended protocol, so that an expression cannot contain further statements.
        client.query_typed(&sql, &[]),
        client.query_typed(READ, &[]),
        client.batch_execute("rollback"),
    );
    let answers = || -> Result<Vec<Answer>, DriverError> {
        began?;
        created?;
        ended?;
        let answer = |row: &nicol_pg::tokio_postgres::Row| {
            Ok(Answer { formatted_type: row.try_get(0)?, default: row.try_get(1)? })
        };
        rows?.iter().map(answer).collect()
    };
    answers().ok().filter(|it| it.len() == questions.len())
}

const READ: &str =
    "select pg_catalog.format_type(a.atttypid, a.atttypmod), pg_catalog.pg_get_expr(d.adbin, d.adrelid)
    from pg_catalog.pg_attribute a
    left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where a.attrelid = 'pg_temp.nicol_wording'::regclass and a.attnum > 0
    order by a.attnum";

fn create_table(questions: &[Question<'_>]) -> String {
    let mut sql = "create temporary table nicol_wording (".to_owned();
    for (place, question) in questions.iter().enumerate() {
        if place > 0 {
            sql.push_str(", ");
        }
        write!(sql, "c{place} ").expect("writing into a String cannot fail");
        push_type(&mut sql, question.column);
        match &question.column.default {
            None | Some(Default::Sequence | Default::Unstated) => {}
            Some(default) => {
                sql.push_str(" default ");
                push_default(&mut sql, question.column, default);
            }
        }
    }
    sql.push(')');
    sql
}
