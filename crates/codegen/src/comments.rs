//! The comments of a statement: `-- @param {Int} $1:from The first day`, `-- @description …`, and `-- @column total!`.
//!
//! Source: Prisma 6.19, `parse_sql_doc` (`schema-engine`). `@column` is nicol's own; Prisma ignores it.

use crate::statement::{Statement, StatementError};

/// The comments of a statement.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Comments {
    pub(crate) description: Option<String>,
    pub(crate) params: Vec<ParamComment>,
    pub(crate) columns: Vec<ColumnComment>,
}

/// `@param {Type} $1:name? description`
#[derive(Debug, PartialEq)]
pub(crate) struct ParamComment {
    /// The place of the comment.
    pub(crate) at: (usize, usize),
    pub(crate) position: usize,
    /// The type, as a scalar or an enum of the schema file.
    pub(crate) ty: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) nullable: bool,
    pub(crate) description: Option<String>,
}

/// `@column name!` or `@column name?`
#[derive(Debug, PartialEq)]
pub(crate) struct ColumnComment {
    pub(crate) at: (usize, usize),
    pub(crate) name: String,
    pub(crate) nullable: bool,
}

/// Reads the comments.
///
/// # Errors
/// A comment is not one of these, or two are about the same parameter.
pub(crate) fn comments(statement: &Statement) -> Result<Comments, StatementError> {
    let mut comments = Comments::default();
    for (index, line) in statement.sql.lines().enumerate() {
        let Some(text) = line.trim_start().strip_prefix("--") else { continue };
        let text = text.trim();
        let at = (index + 1, line.find('@').map_or(1, |at| line[..at].chars().count() + 1));
        let failed = |message: String| StatementError { path: statement.path.clone(), at: Some(at), message };
        if let Some(text) = text.strip_prefix("@description") {
            comments.description = some(text);
        } else if let Some(text) = text.strip_prefix("@param") {
            let param = param(text.trim_start(), at).map_err(failed)?;
            let is_same = |other: &ParamComment| {
                other.position == param.position || (other.name.is_some() && other.name == param.name)
            };
            if comments.params.iter().any(is_same) {
                return Err(failed("this parameter, or its name, has a comment already".to_owned()));
            }
            comments.params.push(param);
        } else if let Some(text) = text.strip_prefix("@column") {
            comments.columns.push(column(text, at).map_err(failed)?);
        }
    }
    Ok(comments)
}

const FORM: &str = "help: write `-- @param {Int} $1:name description`; the type, the name and the description may be left out";

fn param(text: &str, at: (usize, usize)) -> Result<ParamComment, String> {
    let (ty, text) = match text.strip_prefix('{') {
        None => (None, text),
        Some(text) => {
            let (ty, rest) = text.split_once('}').ok_or_else(|| format!("the type has no `}}`\n{FORM}"))?;
            (some(ty), rest.trim_start())
        }
    };
    let (token, description) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let (position, name) =
        token.split_once(':').map_or((token, None), |(position, name)| (position, Some(name)));
    let position =
        position.strip_prefix('$').and_then(|number| number.parse().ok()).filter(|number| *number > 0);
    let position =
        position.ok_or_else(|| format!("the comment does not say which parameter it is about\n{FORM}"))?;
    let nullable = name.is_some_and(|name| name.ends_with('?'));
    let name = name.map(|name| name.trim_end_matches('?'));
    if let Some(name) = name.filter(|name| !is_identifier(name)) {
        return Err(format!("`{name}` cannot be the name of a parameter\n{FORM}"));
    }
    let (name, description) = (name.map(str::to_owned), some(description));
    Ok(ParamComment { at, position, ty, name, nullable, description })
}

fn column(text: &str, at: (usize, usize)) -> Result<ColumnComment, String> {
    let token = text.split_whitespace().next().unwrap_or_default();
    let (name, nullable) = match (token.strip_suffix('!'), token.strip_suffix('?')) {
        (Some(name), _) => (name, false),
        (None, Some(name)) => (name, true),
        _ => {
            let message = "the comment does not say whether the column may be null\n\
                help: write `-- @column name!` if it is never null, and `-- @column name?` if it may be";
            return Err(message.to_owned());
        }
    };
    Ok(ColumnComment { at, name: name.to_owned(), nullable })
}

/// Whether this is an identifier of JavaScript that does not start with `$`.
pub(crate) fn is_identifier(name: &str) -> bool {
    name.starts_with(|first: char| first.is_alphabetic() || first == '_')
        && name.chars().all(|character| character.is_alphanumeric() || matches!(character, '_' | '$'))
}

fn some(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statement::StatementTypes;

    fn read(sql: &str) -> Result<Comments, String> {
        let statement = Statement {
            path: "a.sql".into(),
            name: "a".into(),
            sql: sql.into(),
            types: StatementTypes::default(),
        };
        comments(&statement).map_err(|error| error.to_string())
    }

    #[test]
    fn comments_are_read_as_prisma_reads_them() {
        let read = |text: &str| {
            let comments = read(&format!("select 1;\n  --   @param {text}"))?;
            let ParamComment { at: _, position, ty, name, nullable, description } =
                comments.params.into_iter().next().unwrap();
            Ok::<_, String>((position, ty, name, nullable, description))
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(read("$1:userId"), Ok((1, None, some("userId"), false, None)));
        assert_eq!(
            read("{Int} $1:userId valid user  identifier "),
            Ok((1, some("Int"), some("userId"), false, some("valid user  identifier")))
        );
        assert_eq!(
            read("{Int}$1 some documentation"),
            Ok((1, some("Int"), None, false, some("some documentation")))
        );
        assert_eq!(
            read("     {Int}        $1     some    documentation"),
            Ok((1, some("Int"), None, false, some("some    documentation")))
        );
        assert_eq!(read("{MyEnum} $12567:alias?"), Ok((12567, some("MyEnum"), some("alias"), true, None)));
        for (text, expected) in [
            ("{Int} $1f valid", "a.sql:2:8: the comment does not say which parameter"),
            ("{Int} valid $10", "a.sql:2:8: the comment does not say which parameter"),
            ("{Int} :userId", "a.sql:2:8: the comment does not say which parameter"),
            ("", "a.sql:2:8: the comment does not say which parameter"),
            ("$0", "a.sql:2:8: the comment does not say which parameter"),
            ("{Int $1", "a.sql:2:8: the type has no `}`"),
            ("$1:alias!", "a.sql:2:8: `alias!` cannot be the name of a parameter"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.starts_with(expected), "{text}: {error}");
        }
    }

    #[test]
    fn the_others() {
        let comments = read(
            "-- @description  Counts people \n-- @column total!\n-- @column month? may be null\n-- @column",
        )
        .unwrap_err();
        assert!(comments.starts_with("a.sql:4:4: the comment does not say whether"), "{comments}");
        let comments =
            read("-- @description  Counts people \n-- @column total!\n-- @column month? may be null")
                .unwrap();
        assert_eq!(comments.description.as_deref(), Some("Counts people"));
        let columns: Vec<_> =
            comments.columns.iter().map(|column| (column.name.as_str(), column.nullable)).collect();
        assert_eq!(columns, [("total", false), ("month", true)]);
        let twice = read("-- @param $1:a\n-- @param $2:a").unwrap_err();
        assert!(
            twice.starts_with("a.sql:2:4: this parameter, or its name, has a comment already"),
            "{twice}"
        );
    }
}
