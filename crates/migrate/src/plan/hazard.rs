//! Ordered → hazards: what a plan may lose and where it may fail, as far as the catalogs show.
//!
//! [`check`](crate::check) then counts the rows that they concern in a database.
//!
//! Source: Prisma 6.19, the warnings of its schema engine, with different texts and fewer kinds of casts.

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

/// A change of a plan that may lose data or fail.
///
/// Its `Display` describes it in one line, without knowing the data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hazard {
    /// Its kind.
    pub kind: HazardKind,
    /// The table or enum.
    pub object: ObjectName,
    /// The index of its change in [`Plan::changes`](crate::Plan::changes).
    pub change: usize,
    /// The question that decides whether it is real.
    pub(crate) question: Question,
}

/// The kind of a [`Hazard`]. Columns belong to its table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HazardKind {
    /// The table is dropped with its rows.
    DropTable,
    /// The column is dropped with its values.
    DropColumn(String),
    /// The column is dropped and recreated with another type.
    RecreateColumn(String),
    /// The values of the column are converted, and some may not fit.
    RiskyCast {
        /// The column.
        column: String,
        /// Its previous type.
        previous: String,
        /// Its next type.
        next: String,
        /// What happens to values that do not fit.
        effect: Effect,
    },
    /// The primary key is dropped or replaced.
    ChangePrimaryKey,
    /// These columns get a unique constraint.
    AddUnique(Vec<String>),
    /// These values of the enum are removed.
    RemoveEnumValues(Vec<String>),
    /// A required column is added, and existing rows have no value for it.
    AddRequiredColumn {
        /// The column.
        column: String,
        /// Whether the client generates the values of new rows.
        has_client_default: bool,
    },
    /// The column is dropped and recreated as a required one.
    RecreateRequiredColumn(String),
    /// The column becomes required.
    RequireColumn(String),
    /// The column becomes an array.
    ScalarToList(String),
    /// The server will refuse the change, because objects outside of the plan depend on the table, column or enum. Only the
    /// database shows this.
    Blocked {
        /// The column, unless it concerns the table or enum.
        column: Option<String>,
        /// What the plan does to it.
        fate: Fate,
        /// The dependent objects, as the server describes them.
        objects: Vec<String>,
    },
    /// Constraints and indexes outside of the plan are dropped with the column. Only the database shows this.
    TakeAlong {
        /// The column.
        column: Option<String>,
        /// The dropped objects, as the server describes them.
        objects: Vec<String>,
    },
    /// The column loses a property that a schema file cannot express.
    LoseProperty {
        /// The column.
        column: String,
        /// The property.
        property: Property,
    },
}

/// What a plan does to an object that others may depend on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is dropped.
    Dropped,
    /// It is dropped and recreated.
    Recreated,
    /// Its type changes.
    Retyped,
}

/// A property of a column that a schema file cannot express.
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

/// The severity of a [`Hazard`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It may lose data or fail: the user has to confirm.
    Warning,
    /// It fails if there is data: confirming does not help.
    Unexecutable,
}

impl Hazard {
    /// Returns a hazard that the database has shown.
    pub(crate) fn found(object: ObjectName, change: usize, kind: HazardKind) -> Self {
        Self { kind, object, change, question: Question::None }
    }

    /// Returns its severity if it is real.
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

    /// Returns the column, if it concerns one.
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

/// A [`Hazard`] that is real in a database.
///
/// Its `Display` describes it in one line, with the number of rows or values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The hazard.
    pub hazard: Hazard,
    /// How many rows or values it concerns; `None` if they were not counted, or the query timed out.
    pub count: Option<u64>,
}

impl Finding {
    /// Returns its severity. Duplicates of a unique constraint and uses of a removed enum value make the plan fail for certain.
    pub fn severity(&self) -> Severity {
        match self.hazard.kind {
            HazardKind::AddUnique(_) | HazardKind::RemoveEnumValues(_) if self.count.is_some() => {
                Severity::Unexecutable
            }
            _ => self.hazard.severity(),
        }
    }
}

/// Returns the hazards of changes, in their order.
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
            // The index of a recreated column was unique before.
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

/// Whether existing rows have no value for the column. [`Default::Unstated`](crate::catalog::Default::Unstated) is a default.
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

/// Returns what a column loses when it changes in place.
fn of_altered(change: &AlterColumn<'_>, details: &ColumnDetails) -> Vec<HazardKind> {
    let filled = if change.default { of_filled(details) } else { None };
    let typed = details.domain.clone().filter(|_| change.ty).map(Property::Domain);
    lost(&change.sides.previous.name, filled.into_iter().chain(typed))
}

/// Returns what a column loses when it is recreated.
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
