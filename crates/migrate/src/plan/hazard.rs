//! Ordered → what a plan may lose and where it may fail, as far as the two catalogs tell.
//!
//! [`check`](crate::check) then asks a database which of the hazards its data make real.
//!
//! Source: Prisma 6.19, the warnings of its schema engine; the words are not the same, and of casts it knows less.

mod cast;
mod question;
mod text;

use super::change::{AlterColumn, AlterTable, Change, Sides, TableAction};
use super::order::Ordered;
use crate::catalog::compare::has_equal_index;
use crate::catalog::sql::type_name;
use crate::catalog::{Arity, Column, ColumnDetails, ObjectName, Table};
pub use cast::Effect;
pub(crate) use question::Question;
pub(crate) use text::header;

/// Something in a plan that loses data, or fails with some data.
///
/// Its `Display` says so in one line, without knowing the data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hazard {
    /// What it is.
    pub kind: HazardKind,
    /// The table that it is about, or the enum.
    pub object: ObjectName,
    /// The change of the plan that it comes with: its place in [`Plan::changes`](crate::Plan::changes).
    pub change: usize,
    /// What has to be asked to know whether it is real.
    pub(crate) question: Question,
}

/// The kinds of [`Hazard`]s. A column is one of the hazard's table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HazardKind {
    /// The table goes, and its rows.
    DropTable,
    /// The column goes, and its values.
    DropColumn(String),
    /// The column is dropped and added again with another type.
    RecreateColumn(String),
    /// The values of the column are converted, and not every value can be.
    RiskyCast {
        /// The column.
        column: String,
        /// Its type as it is.
        previous: String,
        /// Its type as it shall be.
        next: String,
        /// What happens to values that do not fit.
        effect: Effect,
    },
    /// The table's primary key goes, perhaps for another one.
    ChangePrimaryKey,
    /// Rows that agree in these columns are no longer allowed.
    AddUnique(Vec<String>),
    /// The enum loses these values.
    RemoveEnumValues(Vec<String>),
    /// The column is required, and rows that are there have no value for it.
    AddRequiredColumn {
        /// The column.
        column: String,
        /// The client makes the values of new rows.
        has_client_default: bool,
    },
    /// The column is dropped and added again, and is required.
    RecreateRequiredColumn(String),
    /// The column may no longer be null.
    RequireColumn(String),
    /// The column becomes an array of what it was.
    ScalarToList(String),
    /// Objects that the plan does not know depend on the table, the column or the enum, and the server refuses. Only the
    /// database tells.
    Blocked {
        /// The column, if it is about one.
        column: Option<String>,
        /// What should happen to it.
        fate: Fate,
        /// What depends on it, in the server's words.
        objects: Vec<String>,
    },
    /// Constraints and indexes that the plan does not know go with the column. Only the database tells.
    TakeAlong {
        /// The column.
        column: Option<String>,
        /// What goes, in the server's words.
        objects: Vec<String>,
    },
    /// The column cannot keep something that only the database says of it.
    LoseProperty {
        /// The column.
        column: String,
        /// What it has been.
        property: Property,
    },
}

/// What happens to a thing that others may depend on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is dropped.
    Dropped,
    /// It is dropped and created again.
    Recreated,
    /// Its type changes.
    Retyped,
}

/// What a column of a database can have and a schema file cannot say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Property {
    /// `GENERATED ALWAYS AS (…)`
    Expression,
    /// `GENERATED … AS IDENTITY`
    Identity,
    /// A domain, by name.
    Domain(String),
    /// A collation, as SQL.
    Collation(String),
}

/// How bad a [`Hazard`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Data are lost, or it may fail: somebody has to agree.
    Warning,
    /// With data in the table it cannot be done: agreeing does not help.
    Unexecutable,
}

impl Hazard {
    /// One that the database has told of.
    pub(crate) fn found(object: ObjectName, change: usize, kind: HazardKind) -> Self {
        Self { kind, object, change, question: Question::None }
    }

    /// How bad it is, if there are data.
    pub fn severity(&self) -> Severity {
        match self.kind {
            HazardKind::DropTable
            | HazardKind::DropColumn(_)
            | HazardKind::RecreateColumn(_)
            | HazardKind::RiskyCast { .. }
            | HazardKind::ChangePrimaryKey
            | HazardKind::AddUnique(_)
            | HazardKind::RemoveEnumValues(_)
            | HazardKind::TakeAlong { .. }
            | HazardKind::LoseProperty { .. } => Severity::Warning,
            HazardKind::AddRequiredColumn { .. }
            | HazardKind::RecreateRequiredColumn(_)
            | HazardKind::RequireColumn(_)
            | HazardKind::ScalarToList(_)
            | HazardKind::Blocked { .. } => Severity::Unexecutable,
        }
    }

    /// The column that it is about, where it is about one.
    pub fn column(&self) -> Option<&str> {
        match &self.kind {
            HazardKind::DropColumn(column)
            | HazardKind::RecreateColumn(column)
            | HazardKind::RiskyCast { column, .. }
            | HazardKind::AddRequiredColumn { column, .. }
            | HazardKind::RecreateRequiredColumn(column)
            | HazardKind::RequireColumn(column)
            | HazardKind::ScalarToList(column)
            | HazardKind::LoseProperty { column, .. } => Some(column),
            HazardKind::Blocked { column, .. } | HazardKind::TakeAlong { column, .. } => column.as_deref(),
            HazardKind::DropTable
            | HazardKind::ChangePrimaryKey
            | HazardKind::AddUnique(_)
            | HazardKind::RemoveEnumValues(_) => None,
        }
    }
}

/// A [`Hazard`] that the data of a database make real.
///
/// Its `Display` says so in one line, with the number of rows or values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The hazard.
    pub hazard: Hazard,
    /// How many rows or values it concerns; `None` where that was not asked, or took too long to count.
    pub count: Option<u64>,
}

/// Returns the hazards of some changes, in their order.
pub(crate) fn hazards(ordered: &Ordered<'_>) -> Vec<Hazard> {
    let mut hazards = Vec::new();
    for (change, it) in ordered.changes().iter().enumerate() {
        of_change(ordered, it, &mut |object: &ObjectName, kind| {
            let question = question::question(ordered, it, object, &kind);
            hazards.push(Hazard { kind, object: object.clone(), change, question });
        });
    }
    hazards
}

fn of_change(ordered: &Ordered<'_>, change: &Change<'_>, push: &mut impl FnMut(&ObjectName, HazardKind)) {
    match change {
        Change::DropTable(table) => push(&table.name, HazardKind::DropTable),
        Change::AlterTable(change) => of_table(ordered, change, push),
        Change::CreateIndex(table, index) if index.is_unique => {
            // One that goes with a column that is made anew was unique before.
            let previous = ordered.catalogs().previous.table(&table.name);
            if previous.is_some_and(|previous| !has_equal_index(previous, index)) {
                let columns = index.columns.iter().map(|column| column.name.clone()).collect();
                push(&table.name, HazardKind::AddUnique(columns));
            }
        }
        Change::AlterEnum(change) if !change.removed.is_empty() => {
            let values = change.removed.iter().map(|&value| value.to_owned()).collect();
            push(&change.sides.next.name, HazardKind::RemoveEnumValues(values));
        }
        _ => {}
    }
}

fn of_table(ordered: &Ordered<'_>, change: &AlterTable<'_>, push: &mut impl FnMut(&ObjectName, HazardKind)) {
    let table = change.sides.previous;
    let details = |column: &Column| ordered.catalogs().previous.details.column(&table.name, &column.name);
    for action in &change.actions {
        let kinds = match action {
            TableAction::DropPrimaryKey(_) => vec![HazardKind::ChangePrimaryKey],
            TableAction::DropColumn(column) => vec![HazardKind::DropColumn(column.name.clone())],
            TableAction::AddColumn(column) if is_required_without_default(column) => {
                let has_client_default = has_client_default(ordered, change.sides.next, column);
                vec![HazardKind::AddRequiredColumn { column: column.name.clone(), has_client_default }]
            }
            TableAction::RecreateColumn(sides) => {
                let mut kinds = vec![of_recreated(*sides)];
                kinds.extend(
                    details(sides.previous)
                        .into_iter()
                        .flat_map(|it| of_recreated_details(sides.previous, it)),
                );
                kinds
            }
            TableAction::AlterColumn(change) => {
                let mut kinds = of_column(change);
                let details = details(change.sides.previous);
                kinds.extend(details.into_iter().flat_map(|it| of_altered(change, it)));
                kinds
            }
            TableAction::AddColumn(_) | TableAction::RenamePrimaryKey(_) | TableAction::AddPrimaryKey(_) => {
                Vec::new()
            }
        };
        for kind in kinds {
            push(&table.name, kind);
        }
    }
}

/// A default that is not stated here is one nevertheless.
fn is_required_without_default(column: &Column) -> bool {
    column.arity == Arity::Required && column.default.is_none()
}

fn has_client_default(ordered: &Ordered<'_>, table: &Table, column: &Column) -> bool {
    ordered.catalogs().next.client_defaults.contains(&(table.name.clone(), column.name.clone()))
}

fn of_recreated(sides: Sides<&Column>) -> HazardKind {
    let column = sides.previous.name.clone();
    if !is_required_without_default(sides.next) {
        HazardKind::RecreateColumn(column)
    } else if sides.previous.arity == Arity::Optional {
        HazardKind::AddRequiredColumn { column, has_client_default: false }
    } else {
        HazardKind::RecreateRequiredColumn(column)
    }
}

fn of_column(change: &AlterColumn<'_>) -> Vec<HazardKind> {
    let Sides { previous, next } = change.sides;
    let mut kinds = Vec::new();
    if previous.arity == Arity::Optional && next.arity == Arity::Required {
        kinds.push(HazardKind::RequireColumn(previous.name.clone()));
    }
    if previous.arity != Arity::List && next.arity == Arity::List {
        kinds.push(HazardKind::ScalarToList(previous.name.clone()));
    }
    if let Some(loss) = cast::loss(previous, next).filter(|_| change.ty) {
        kinds.push(HazardKind::RiskyCast {
            column: previous.name.clone(),
            previous: type_name(previous),
            next: type_name(next),
            effect: loss.effect,
        });
    }
    kinds
}

/// What a column that changes in place cannot keep.
fn of_altered(change: &AlterColumn<'_>, details: &ColumnDetails) -> Vec<HazardKind> {
    let filled = if change.default { of_filled(details) } else { None };
    let typed = details.domain.clone().filter(|_| change.ty).map(Property::Domain);
    lost(&change.sides.previous.name, filled.into_iter().chain(typed))
}

/// What a column that is made anew cannot keep.
fn of_recreated_details(column: &Column, details: &ColumnDetails) -> Vec<HazardKind> {
    let domain = details.domain.clone().map(Property::Domain);
    let collation = details.collation.clone().map(Property::Collation);
    lost(&column.name, of_filled(details).into_iter().chain(domain).chain(collation))
}

fn of_filled(details: &ColumnDetails) -> Option<Property> {
    let expression = details.is_generated.then_some(Property::Expression);
    expression.or(details.identity.map(|_| Property::Identity))
}

fn lost(column: &str, properties: impl Iterator<Item = Property>) -> Vec<HazardKind> {
    properties.map(|property| HazardKind::LoseProperty { column: column.to_owned(), property }).collect()
}
