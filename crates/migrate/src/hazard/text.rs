//! Hazards in words.

use std::fmt;

use super::{Finding, Hazard, HazardKind, Severity};

impl fmt::Display for Hazard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(f, self, None)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(f, &self.hazard, self.count)
    }
}

fn write(f: &mut fmt::Formatter<'_>, hazard: &Hazard, count: Option<u64>) -> fmt::Result {
    let object = &hazard.object;
    match &hazard.kind {
        HazardKind::DropTable => {
            write!(f, "table `{object}` goes, and {} with it", Amount("all its rows", "its", count, "row"))
        }
        HazardKind::DropColumn(column) => {
            let values = Amount("all its values", "its", count, "value");
            write!(f, "column `{object}.{column}` goes, and {values} with it")
        }
        HazardKind::RecreateColumn(column) => {
            let values = Amount("all its values", "its", count, "value");
            write!(
                f,
                "column `{object}.{column}` is dropped and made anew with another type: {values} are lost"
            )
        }
        HazardKind::RiskyCast { column, previous, next } => {
            let values = Amount("its values", "its", count, "value");
            write!(
                f,
                "column `{object}.{column}` changes from `{previous}` to `{next}`: of {values}, those that do not fit \
                 are cut, rounded or refused"
            )
        }
        HazardKind::ChangePrimaryKey => {
            write!(f, "the primary key of table `{object}` goes or becomes another one")?;
            count.map_or(Ok(()), |_| write!(f, "; the table has {}", Amount("", "", count, "row")))
        }
        HazardKind::AddUnique(columns) => {
            write!(
                f,
                "table `{object}` gets a unique key on {}: rows that agree in it make this fail",
                Names(columns)
            )
        }
        HazardKind::RemoveEnumValues(values) => {
            write!(f, "enum `{object}` loses {}: rows that have such a value make this fail", Names(values))
        }
        HazardKind::AddRequiredColumn { column, has_client_default } => {
            let why = if *has_client_default {
                "with a default that only the client can make"
            } else {
                "without a default"
            };
            write!(f, "required column `{object}.{column}` is added {why}, which fails ")?;
            write_because_of_rows(f, count)
        }
        HazardKind::RecreateRequiredColumn(column) => {
            write!(
                f,
                "required column `{object}.{column}` is dropped and made anew with another type, which fails "
            )?;
            write_because_of_rows(f, count)
        }
        HazardKind::RequireColumn(column) => match count {
            Some(1) => write!(f, "column `{object}.{column}` becomes required, but is null in 1 row"),
            Some(count) => {
                write!(f, "column `{object}.{column}` becomes required, but is null in {count} rows")
            }
            None => write!(f, "column `{object}.{column}` becomes required, which fails where it is null"),
        },
        HazardKind::ScalarToList(column) => {
            write!(f, "column `{object}.{column}` becomes an array, which fails ")?;
            match count {
                Some(_) => write!(f, "because it has {}", Amount("", "", count, "value")),
                None => write!(f, "if it has values"),
            }
        }
    }
}

fn write_because_of_rows(f: &mut fmt::Formatter<'_>, count: Option<u64>) -> fmt::Result {
    match count {
        Some(_) => write!(f, "because the table has {}", Amount("", "", count, "row")),
        None => f.write_str("if the table has rows"),
    }
}

/// The words where the number is not known; else `its 5 rows`.
struct Amount(&'static str, &'static str, Option<u64>, &'static str);

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(unknown, whose, count, unit) = self;
        let Some(count) = count else { return f.write_str(unknown) };
        if !whose.is_empty() {
            write!(f, "{whose} ")?;
        }
        write!(f, "{count} {unit}{}", if *count == 1 { "" } else { "s" })
    }
}

struct Names<'a>(&'a [String]);

impl fmt::Display for Names<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, name) in self.0.iter().enumerate() {
            write!(f, "{}`{name}`", if position > 0 { ", " } else { "" })?;
        }
        Ok(())
    }
}

/// What cannot be done with data comes first. A name cannot end the comment.
pub(super) fn header(hazards: &[Hazard]) -> String {
    let mut text = String::new();
    for severity in [Severity::Unexecutable, Severity::Warning] {
        let lines: Vec<_> = hazards.iter().filter(|it| it.severity() == severity).collect();
        if lines.is_empty() {
            continue;
        }
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(match severity {
            Severity::Unexecutable => "  Fails if there are data:\n\n",
            Severity::Warning => "  Loses data, or may fail:\n\n",
        });
        for hazard in lines {
            text.push_str("  - ");
            text.push_str(&hazard.to_string().replace("*/", "* /").replace("/*", "/ *").replace('\n', " "));
            text.push('\n');
        }
    }
    if text.is_empty() { text } else { format!("/*\n{text}*/\n") }
}
