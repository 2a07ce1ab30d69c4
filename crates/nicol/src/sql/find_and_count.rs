//! Writes a page of rows and the number of all rows that match, as one row, so that both are of the same moment:
//!
//! ```sql
//! SELECT ARRAY(SELECT ROW("r".*) FROM (SELECT … FROM "users" AS "t0" WHERE … ORDER BY … LIMIT $2) AS "r") AS "#rows",
//!     (SELECT count(*) FROM "users" AS "t0" WHERE …) AS "#count"
//! ```
//!
//! The number is there even if the page is empty.

use super::select::find;
use super::writer::Writer;
use crate::error::Error;
use crate::query::{Aggregate, Find, Function};
use crate::wire::Statement;

pub(crate) fn find_and_count(schema: &str, page: &Find) -> Result<Statement, Error> {
    let Statement { text, params, .. } = find(schema, page)?;
    let mut writer = Writer::new(schema, "find_many");
    writer.params = params;
    writer.push("SELECT ARRAY(SELECT ROW(\"r\".*) FROM (");
    writer.push(&text);
    writer.push(") AS \"r\") AS \"#rows\", (");
    let rows = Find { filter: page.filter.clone(), distinct: page.distinct.clone(), ..Find::all(page.model) };
    writer.aggregated(&Aggregate { rows, functions: vec![Function::CountRows] });
    writer.push(") AS \"#count\"");
    writer.finish(page.model, true, true)
}
