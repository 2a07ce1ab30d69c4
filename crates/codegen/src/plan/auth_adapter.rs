//! The models of Auth.js, for the adapter of `nicol-auth`.
//!
//! Source: @auth/prisma-adapter 2.11 for names and types. Differences between its versions do not matter: `Account` and
//! `Session` may have an id, a key of several fields may be an `@@id` or a `@@unique`, and optional fields of `Account` may
//! be missing.

use proc_macro2::Ident;

use super::{Cardinality, Column, ColumnType, Join, ModelPlan, Relation, Unique, Writes};
use crate::error::{AuthModelError, Error};
use crate::types::RustType;

/// The adapter: its module, and the places of its models in `Client::models`.
#[derive(Debug)]
pub(crate) struct AuthAdapter {
    pub(crate) module: Ident,
    pub(crate) user: usize,
    pub(crate) account: usize,
    pub(crate) session: usize,
    pub(crate) verification_token: usize,
}

/// What the adapter needs of a model.
struct Rule {
    model: &'static str,
    fields: &'static [(&'static str, Need, Type)],
    uniques: &'static [&'static [&'static str]],
    /// Whether it belongs to a user, by `userId`.
    has_user: bool,
}

/// Whether a field has to be there, and whether it may be null.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    /// Required; the adapter writes it.
    Required,
    /// Required; the schema's default writes it.
    Filled,
    Optional,
    /// Optional, and may be missing from the model.
    Missable,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Type {
    Text,
    Time,
    Integer,
}

const USER: Rule = Rule {
    model: "User",
    fields: &[
        ("id", Need::Filled, Type::Text),
        ("name", Need::Optional, Type::Text),
        ("email", Need::Required, Type::Text),
        ("emailVerified", Need::Optional, Type::Time),
        ("image", Need::Optional, Type::Text),
    ],
    uniques: &[&["id"], &["email"]],
    has_user: false,
};

const ACCOUNT: Rule = Rule {
    model: "Account",
    fields: &[
        ("userId", Need::Required, Type::Text),
        ("type", Need::Required, Type::Text),
        ("provider", Need::Required, Type::Text),
        ("providerAccountId", Need::Required, Type::Text),
        ("refresh_token", Need::Missable, Type::Text),
        ("access_token", Need::Missable, Type::Text),
        ("expires_at", Need::Missable, Type::Integer),
        ("token_type", Need::Missable, Type::Text),
        ("scope", Need::Missable, Type::Text),
        ("id_token", Need::Missable, Type::Text),
        ("session_state", Need::Missable, Type::Text),
    ],
    uniques: &[&["provider", "providerAccountId"]],
    has_user: true,
};

const SESSION: Rule = Rule {
    model: "Session",
    fields: &[
        ("sessionToken", Need::Required, Type::Text),
        ("userId", Need::Required, Type::Text),
        ("expires", Need::Required, Type::Time),
    ],
    uniques: &[&["sessionToken"]],
    has_user: true,
};

const VERIFICATION_TOKEN: Rule = Rule {
    model: "VerificationToken",
    fields: &[
        ("identifier", Need::Required, Type::Text),
        ("token", Need::Required, Type::Text),
        ("expires", Need::Required, Type::Time),
    ],
    uniques: &[&["identifier", "token"]],
    has_user: false,
};

/// Plans the adapter, or reports everything in the models that it cannot work with.
pub(super) fn plan(models: &[ModelPlan], module: Ident) -> Result<AuthAdapter, Error> {
    let mut problems = Vec::new();
    let mut place = |rule: &Rule| {
        let place = models.iter().position(|model| model.name == rule.model && !model.is_view);
        match place {
            Some(place) => check(rule, models, &models[place], &mut problems),
            None => problems.push(AuthModelError::NoModel { model: rule.model }),
        }
        place
    };
    let places = [place(&USER), place(&ACCOUNT), place(&SESSION), place(&VERIFICATION_TOKEN)];
    match places {
        [Some(user), Some(account), Some(session), Some(verification_token)] if problems.is_empty() => {
            Ok(AuthAdapter { module, user, account, session, verification_token })
        }
        _ => Err(Error::AuthModels { problems }),
    }
}

fn check(rule: &Rule, models: &[ModelPlan], model: &ModelPlan, problems: &mut Vec<AuthModelError>) {
    let name = rule.model;
    for &(field, need, ty) in rule.fields {
        match model.column(field) {
            Some(column) if column.is_omitted => {
                problems.push(AuthModelError::Omitted { model: name, field });
            }
            Some(column) if fits(column, need, ty) => {}
            None if need == Need::Missable => {}
            Some(_) => {
                problems.push(AuthModelError::WrongField {
                    model: name,
                    field,
                    expected: expected(need, ty),
                });
            }
            None => {
                problems.push(AuthModelError::NoField { model: name, field, expected: expected(need, ty) });
            }
        }
    }
    let is_unknown = |column: &&Column| {
        column.is_required() && rule.fields.iter().all(|(field, ..)| *field != column.field)
    };
    for column in model.columns.iter().filter(is_unknown) {
        problems.push(AuthModelError::RequiredField { model: name, field: column.field.clone() });
    }
    if model.writes != Writes::All {
        problems.push(AuthModelError::NoCreate { model: name });
    }
    for &fields in rule.uniques {
        if model.unique(fields).is_none() {
            problems.push(AuthModelError::NoUnique { model: name, fields });
        }
    }
    if rule.has_user && model.relation_to_user(models).is_none() {
        problems.push(AuthModelError::NoRelation { model: name });
    }
}

fn fits(column: &Column, need: Need, ty: Type) -> bool {
    let ColumnType::Builtin { rust, .. } = &column.ty else { return false };
    let has_type = match ty {
        Type::Text => *rust == RustType::String,
        Type::Time => *rust == RustType::Runtime("DateTime"),
        Type::Integer => matches!(rust, RustType::I32 | RustType::I64),
    };
    let has_need = match need {
        Need::Required => !column.is_nullable,
        Need::Filled => !column.is_nullable && column.filler.is_some(),
        Need::Optional | Need::Missable => column.is_nullable,
    };
    has_type && has_need && !column.is_list
}

fn expected(need: Need, ty: Type) -> &'static str {
    match (need, ty) {
        (Need::Filled, _) => "`String` with a default",
        (Need::Required, Type::Text) => "`String`",
        (Need::Required, Type::Time) => "`DateTime`",
        (Need::Required, Type::Integer) => "`Int` or `BigInt`",
        (_, Type::Text) => "`String?`",
        (_, Type::Time) => "`DateTime?`",
        (_, Type::Integer) => "`Int?` or `BigInt?`",
    }
}

impl ModelPlan {
    /// Returns the column of a field of the schema file.
    pub(crate) fn column(&self, field: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.field == field)
    }

    /// Returns the unique key of exactly these fields, in any order.
    pub(crate) fn unique(&self, fields: &[&str]) -> Option<&Unique> {
        self.uniques.iter().find(|unique| {
            let has = |column: &u16| fields.contains(&self.columns[usize::from(*column)].field.as_str());
            unique.columns.len() == fields.len() && unique.columns.iter().all(has)
        })
    }

    /// Returns the relation to `User` whose key is `userId`.
    pub(crate) fn relation_to_user(&self, models: &[ModelPlan]) -> Option<&Relation> {
        self.relations.iter().find(|relation| {
            let Join::Columns { here, is_owned: true, .. } = &relation.join else { return false };
            let is_key = |column: &u16| self.columns[usize::from(*column)].field == "userId";
            models[relation.target].name == USER.model
                && relation.cardinality == Cardinality::One
                && here.len() == 1
                && here.iter().all(is_key)
        })
    }
}
