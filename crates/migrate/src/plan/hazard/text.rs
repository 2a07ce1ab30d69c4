//! Hazards and findings as text.

use std::fmt;

use super::{Effect, Fate, Finding, Hazard, HazardKind, Property, Severity};
use crate::catalog::ObjectName;

impl fmt::Display for Hazard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(f, self, None)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(f, &self.hazard, self.count)?;
        match &self.hazard.kind {
            HazardKind::AddRequiredColumn { has_client_default: false, .. } => {
                f.write_str(": make the field optional with `?`, or give it a `@default(…)`")
            }
            HazardKind::AddRequiredColumn { .. } => f.write_str(
                ": make the field optional with `?`, or give it a `@default(…)` that the database can generate",
            ),
            _ => Ok(()),
        }
    }
}

fn write(f: &mut fmt::Formatter<'_>, hazard: &Hazard, count: Option<u64>) -> fmt::Result {
    let object = &hazard.object;
    match &hazard.kind {
        HazardKind::DropTable => {
            write!(f, "table `{object}` is dropped with {}", Amount("all its rows", "its", count, "row"))
        }
        HazardKind::DropColumn(column) => {
            let values = Amount("all its values", "its", count, "value");
            write!(f, "column `{object}.{column}` is dropped with {values}")
        }
        HazardKind::RecreateColumn(column) => {
            let values = Amount("all its values", "its", count, "value");
            write!(
                f,
                "column `{object}.{column}` is dropped and recreated with another type, which loses {values}"
            )
        }
        HazardKind::RiskyCast { column, previous, next, effect } => {
            let (subject, verb, what) = words(*effect);
            write!(f, "column `{object}.{column}` changes from `{previous}` to `{next}`: {subject} ")?;
            match count {
                Some(_) => write!(f, "{verb} {what} in {}", Amount("", "", count, "row")),
                None => write!(f, "may be {what}"),
            }
        }
        HazardKind::ChangePrimaryKey => {
            write!(f, "the primary key of table `{object}` is dropped or replaced")?;
            count.map_or(Ok(()), |_| write!(f, "; the table has {}", Amount("", "", count, "row")))
        }
        HazardKind::AddUnique(columns) => {
            write!(f, "table `{object}` gets a unique constraint on {}, which fails ", Names(columns))?;
            match count {
                Some(_) => write!(f, "because {} have duplicate values", Amount("", "", count, "row")),
                None => f.write_str("if rows have duplicate values"),
            }
        }
        HazardKind::RemoveEnumValues(values) => {
            write!(f, "enum `{object}` loses {}, which fails ", Names(values))?;
            let them = if values.len() == 1 { "it" } else { "them" };
            match count {
                Some(1) => write!(f, "because 1 row uses {them}"),
                Some(count) => write!(f, "because {count} rows use {them}"),
                None => write!(f, "if a row uses {them}"),
            }
        }
        HazardKind::AddRequiredColumn { column, has_client_default } => {
            let why = if *has_client_default {
                "with a default that only the client generates"
            } else {
                "without a default"
            };
            write!(f, "required column `{object}.{column}` is added {why}, which fails ")?;
            write_because_of_rows(f, count)
        }
        HazardKind::RecreateRequiredColumn(column) => {
            write!(
                f,
                "required column `{object}.{column}` is dropped and recreated with another type, which fails "
            )?;
            write_because_of_rows(f, count)
        }
        HazardKind::RequireColumn(column) => match count {
            Some(1) => write!(f, "column `{object}.{column}` becomes required, but is null in 1 row"),
            Some(count) => {
                write!(f, "column `{object}.{column}` becomes required, but is null in {count} rows")
            }
            None => {
                write!(f, "column `{object}.{column}` becomes required, which fails if a row has null there")
            }
        },
        HazardKind::Blocked { column, fate, objects } => {
            write_blocked(f, object, column.as_deref(), *fate, objects)
        }
        HazardKind::TakeAlong { column, objects } => {
            write!(f, "dropping column `{object}.{}` also drops ", column.as_deref().unwrap_or_default())?;
            f.write_str(&objects.join(", "))
        }
        HazardKind::LoseProperty { column, property } => {
            write!(f, "column `{object}.{column}` ")?;
            write_property(f, property)
        }
        HazardKind::ScalarToList(column) => {
            write!(f, "column `{object}.{column}` becomes an array, which fails ")?;
            match count {
                Some(_) => write!(f, "because it has {}", Amount("", "", count, "value")),
                None => write!(f, "if it has values"),
            }
        }
    }
}

fn write_blocked(
    f: &mut fmt::Formatter<'_>,
    object: &ObjectName,
    column: Option<&str>,
    fate: Fate,
    objects: &[String],
) -> fmt::Result {
    match column {
        Some(column) => write!(f, "column `{object}.{column}` cannot ")?,
        None => write!(f, "`{object}` cannot ")?,
    }
    f.write_str(match fate {
        Fate::Dropped => "be dropped",
        Fate::Recreated => "be recreated",
        Fate::Retyped => "change type",
    })?;
    write!(f, " while other objects depend on it: {}", objects.join(", "))
}

fn write_property(f: &mut fmt::Formatter<'_>, property: &Property) -> fmt::Result {
    match property {
        Property::Expression => f.write_str(
            "is no longer generated by the database: it loses its expression, which a schema file cannot express",
        ),
        Property::Identity => {
            f.write_str("is no longer an identity column: the database stops numbering new rows")
        }
        Property::Domain(domain) => {
            write!(f, "no longer has domain `{domain}`: it loses the checks of the domain")
        }
        Property::Collation(collation) => write!(f, "loses its collation {collation}"),
    }
}

/// Returns subject, verb and predicate.
fn words(effect: Effect) -> (&'static str, &'static str, &'static str) {
    match effect {
        Effect::OutOfRange => ("values", "are", "out of range"),
        Effect::Rounded => ("values", "are", "rounded or out of range"),
        Effect::TooLong => ("values", "are", "too long"),
        Effect::TooLongOrPadded => ("values", "are", "too long or stripped of trailing spaces"),
        Effect::OtherLength => ("values", "are", "of a different length"),
        Effect::TimeOfDay => ("the time of day", "is", "lost"),
        Effect::Date => ("the date", "is", "lost"),
        Effect::Offset => ("the offset from UTC", "is", "lost"),
        Effect::Fractions => ("fractions of a second", "are", "rounded"),
        Effect::Shifted => ("values", "are", "rounded, out of range or shifted by the session's time zone"),
        Effect::Spelling => ("key order, duplicate keys or formatting", "is", "lost"),
        Effect::Unknown => ("values", "are", "changed or rejected"),
    }
}

fn write_because_of_rows(f: &mut fmt::Formatter<'_>, count: Option<u64>) -> fmt::Result {
    match count {
        Some(_) => write!(f, "because the table has {}", Amount("", "", count, "row")),
        None => f.write_str("if the table has rows"),
    }
}

/// `its 5 rows`, or the first text if the number is unknown.
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

/// Returns a comment for the top of a script, or nothing without hazards. What fails on any data comes first. A name
/// cannot end the comment.
pub(crate) fn header(hazards: &[Hazard]) -> String {
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
            Severity::Unexecutable => "  Fails if the tables contain data:\n\n",
            Severity::Warning => "  May lose data or fail:\n\n",
        });
        for hazard in lines {
            text.push_str("  - ");
            text.push_str(&hazard.to_string().replace("*/", "* /").replace("/*", "/ *").replace('\n', " "));
            text.push('\n');
        }
    }
    if text.is_empty() { text } else { format!("/*\n{text}*/\n") }
}
