//! The statements of TypedSQL.

use proc_macro2::Ident;

use super::{Hidden, Root, Spelling};
use crate::comments::{Comments, ParamComment, comments};
use crate::error::Error;
use crate::names::{self, Scope, reserved};
use crate::statement::{BaseType, DatabaseType, Statement, StatementError};
use crate::statement_files::mistake;
use crate::types::{self, RustType};

/// A statement.
#[derive(Debug)]
pub(crate) struct StatementPlan {
    /// The name of the file.
    pub(crate) name: String,
    pub(crate) sql: String,
    pub(crate) description: Option<String>,
    pub(crate) function: Ident,
    /// The struct for rows.
    pub(crate) row: Ident,
    pub(crate) params: Vec<StatementParam>,
    /// The columns of the rows; none if the statement returns no rows.
    pub(crate) columns: Vec<StatementColumn>,
    pub(crate) spelling: Spelling,
    pub(crate) hidden: Hidden,
}

/// A parameter.
#[derive(Debug)]
pub(crate) struct StatementParam {
    pub(crate) ident: Ident,
    pub(crate) ty: StatementType,
    pub(crate) description: Option<String>,
}

/// A column.
#[derive(Debug)]
pub(crate) struct StatementColumn {
    pub(crate) name: String,
    pub(crate) ident: Ident,
    pub(crate) ty: StatementType,
}

/// A Rust type.
#[derive(Debug)]
pub(crate) struct StatementType {
    pub(crate) base: StatementBase,
    pub(crate) is_list: bool,
    pub(crate) is_nullable: bool,
}

/// A Rust type without `Vec` and `Option`.
#[derive(Debug)]
pub(crate) enum StatementBase {
    Builtin(RustType),
    Enum(Ident),
}

/// Plans the statements.
pub(super) fn plan(root: &Root<'_>, statements: &[Statement]) -> Result<Vec<StatementPlan>, Error> {
    let names = || statements.iter().map(|statement| statement.name.as_str());
    let functions =
        Scope::with(&[reserved::STATEMENT_FUNCTIONS]).take_all(&names::convert(names(), names::snake_case));
    let rows = Scope::with(&[reserved::STATEMENT_TYPES, reserved::PRIMITIVES])
        .take_all(&names::convert(names(), names::type_case));
    let hides = |name: &str| rows.iter().any(|row| row == name);
    let hidden = Hidden {
        string: hides("String"),
        option: hides("Option"),
        vec: hides("Vec"),
        field: hides("Field"),
        related: hides("Related"),
    };
    let plans = statements.iter().zip(functions.iter().zip(&rows)).map(|(statement, (function, row))| {
        let comments = comments(statement)?;
        let params = params(root, statement, &comments)?;
        let columns = columns(root, statement, &comments)?;
        let fields: Vec<String> = columns.iter().map(|column| column.ident.to_string()).collect();
        Ok(StatementPlan {
            name: statement.name.clone(),
            sql: statement.sql.trim().to_owned(),
            description: comments.description,
            function: names::ident(function),
            row: names::ident(row),
            params,
            columns,
            spelling: Spelling::of(fields.iter().chain([function]), [row]),
            hidden,
        })
    });
    plans.collect()
}

fn params(
    root: &Root<'_>,
    statement: &Statement,
    comments: &Comments,
) -> Result<Vec<StatementParam>, StatementError> {
    let params = &statement.types.params;
    if let Some(comment) = comments.params.iter().find(|comment| comment.position > params.len()) {
        let message = format!(
            "the statement has no parameter `${}`\nhelp: remove the comment, or use the parameter",
            comment.position
        );
        return Err(mistake(statement, Some(comment.at), message));
    }
    let comment_of = |index: usize| comments.params.iter().find(|comment| comment.position == index + 1);
    let spelled: Vec<String> = (0..params.len())
        .map(|index| match comment_of(index).and_then(|comment| comment.name.as_deref()) {
            Some(name) => names::snake_case(name),
            None => format!("p{}", index + 1),
        })
        .collect();
    let idents = Scope::with(&[]).take_all(&spelled);
    let params = params.iter().zip(&idents).enumerate().map(|(index, (ty, ident))| {
        let comment = comment_of(index);
        Ok(StatementParam {
            ident: names::ident(ident),
            ty: StatementType {
                base: param_type(root, statement, index, ty, comment)?,
                is_list: ty.list,
                is_nullable: comment.is_some_and(|comment| comment.nullable),
            },
            description: comment.and_then(|comment| comment.description.clone()),
        })
    });
    params.collect()
}

fn param_type(
    root: &Root<'_>,
    statement: &Statement,
    index: usize,
    ty: &DatabaseType,
    comment: Option<&ParamComment>,
) -> Result<StatementBase, StatementError> {
    let name = match &ty.base {
        BaseType::Enum(name) => return enum_type(root, statement, name),
        BaseType::Builtin(name) => name,
    };
    let failed = |message: String| mistake(statement, comment.map(|comment| comment.at), message);
    if let Some((declared, comment)) = comment.and_then(|comment| Some((comment.ty.as_ref()?, comment))) {
        return match types::declared_type(declared, name) {
            Ok(Some(rust)) => Ok(StatementBase::Builtin(rust)),
            Ok(None) => Err(failed(format!(
                "parameter `${}` has the type `{name}`, which cannot be given as `{declared}`\n\
                 help: cast it in the statement, or remove the type from the comment",
                comment.position
            ))),
            Err(()) if root.enum_named(declared).is_some() => Err(failed(format!(
                "parameter `${position}` has the type `{name}`, not that of the enum\nhelp: cast it in the statement: `${position}::\"{declared}\"`",
                position = comment.position
            ))),
            Err(()) => Err(failed(format!(
                "`{declared}` is no type\nhelp: the types are `Int`, `BigInt`, `Float`, `Boolean`, `String`, `DateTime`, `Json`, \
                 `Bytes`, `Decimal` and the enums of the schema"
            ))),
        };
    }
    match types::passed_type(name) {
        Some(rust) => Ok(StatementBase::Builtin(rust)),
        None => {
            let position = index + 1;
            Err(failed(format!(
                "parameter `${position}` has the type `{name}`, for which there is no Rust type\n\
                 help: take it as text: `${position}::text::{name}`"
            )))
        }
    }
}

fn columns(
    root: &Root<'_>,
    statement: &Statement,
    comments: &Comments,
) -> Result<Vec<StatementColumn>, StatementError> {
    let columns = &statement.types.columns;
    for (index, column) in columns.iter().enumerate() {
        if column.name == "?column?" {
            let message = format!("column {} has no name\nhelp: name it: `… as name`", index + 1);
            return Err(mistake(statement, None, message));
        }
        if columns[..index].iter().any(|other| other.name == column.name) {
            let message = format!(
                "two columns have the name `{}`\nhelp: give one of them another name: `… as name`",
                column.name
            );
            return Err(mistake(statement, None, message));
        }
    }
    if let Some(comment) =
        comments.columns.iter().find(|comment| columns.iter().all(|it| it.name != comment.name))
    {
        let message = format!("the statement returns no column `{}`", comment.name);
        return Err(mistake(statement, Some(comment.at), message));
    }
    let spelled = names::convert(columns.iter().map(|column| column.name.as_str()), names::snake_case);
    let idents = Scope::with(&[]).take_all(&spelled);
    let columns = columns.iter().zip(&idents).map(|(column, ident)| {
        let base = match &column.ty.base {
            BaseType::Enum(name) => enum_type(root, statement, name)?,
            BaseType::Builtin(ty) => StatementBase::Builtin(types::returned_type(ty).ok_or_else(|| {
                let name = &column.name;
                let cast = if ty == "money" { "numeric" } else { "text" };
                let message = format!(
                    "column `{name}` has the type `{ty}`, for which there is no Rust type\nhelp: cast it in the statement: `…::{cast} as {name}`"
                );
                mistake(statement, None, message)
            })?),
        };
        let comment = comments.columns.iter().find(|comment| comment.name == column.name);
        let is_nullable = comment.map_or(column.nullable, |comment| comment.nullable);
        let ty = StatementType { base, is_list: column.ty.list, is_nullable };
        Ok(StatementColumn { name: column.name.clone(), ident: names::ident(ident), ty })
    });
    columns.collect()
}

fn enum_type(root: &Root<'_>, statement: &Statement, name: &str) -> Result<StatementBase, StatementError> {
    match root.enum_named(name) {
        Some(ident) => Ok(StatementBase::Enum(ident)),
        None => {
            let message = format!(
                "the schema has no enum `{name}`\nhelp: run `nicol generate --sql` after changes of the schema"
            );
            Err(mistake(statement, None, message))
        }
    }
}
