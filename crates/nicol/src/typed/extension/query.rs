//! A query as an extension sees it.

use std::fmt;

use super::rewrite::{Refused, Rule, Rules};
use crate::error::{Error, Kind};
use crate::meta::ModelMeta;
use crate::query::{Changes, Find, Function, Write};
use crate::run::Request;
use crate::typed::argument::{IntoAssignment, IntoField};
use crate::typed::field::{Field, Filter};
use crate::typed::model::Model;
use crate::typed::scalar::{FieldType, Scalar};
use crate::typed::setters::Setters as _;

/// A query on its way to the database.
///
/// The methods that change it name a model, and apply wherever the query reads, looks for or writes rows of this model, at any depth: in
/// included relations, relation filters and counts, nested writes, and the rows that these look for. They do nothing to a query without the
/// model. If the query is of a kind to which they cannot apply, it is refused (P2009); see the [module](crate::extension).
#[derive(Clone)]
pub struct Query {
    pub(super) request: Request,
    pub(super) refused: Option<Refused>,
    /// The extension that the query passes now.
    pub(super) at: usize,
    /// The models whose written rows an extension wants to see.
    pub(super) watches: Vec<(usize, &'static ModelMeta)>,
}

impl fmt::Debug for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.model(), self.operation())
    }
}

/// What a query does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the names are those of the calls")]
pub enum Operation {
    FindUnique,
    FindFirst,
    FindMany,
    Count,
    Aggregate,
    GroupBy,
    Create,
    CreateMany,
    Update,
    UpdateMany,
    UpdateEach,
    Upsert,
    UpsertMany,
    Delete,
    DeleteMany,
}

impl Operation {
    /// Whether the operation only reads.
    pub fn is_read(self) -> bool {
        matches!(
            self,
            Self::FindUnique
                | Self::FindFirst
                | Self::FindMany
                | Self::Count
                | Self::Aggregate
                | Self::GroupBy
        )
    }

    /// Returns the name in Prisma Client, such as `findMany`.
    pub fn name(self) -> &'static str {
        match self {
            Self::FindUnique => "findUnique",
            Self::FindFirst => "findFirst",
            Self::FindMany => "findMany",
            Self::Count => "count",
            Self::Aggregate => "aggregate",
            Self::GroupBy => "groupBy",
            Self::Create => "create",
            Self::CreateMany => "createMany",
            Self::Update => "update",
            Self::UpdateMany => "updateMany",
            Self::UpdateEach => "updateEach",
            Self::Upsert => "upsert",
            Self::UpsertMany => "upsertMany",
            Self::Delete => "delete",
            Self::DeleteMany => "deleteMany",
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Query {
    pub(super) fn new(request: Request) -> Self {
        Self { request, refused: None, at: 0, watches: Vec::new() }
    }

    pub(super) fn into_find(self) -> Result<Find, Error> {
        match self.request {
            Request::Find { find, .. } => Ok(find),
            _ => Err(Kind::Unsupported { message: "only reads can be streamed" }.into()),
        }
    }

    fn meta(&self) -> &'static ModelMeta {
        match &self.request {
            Request::Find { find, .. } | Request::FindAndCount(find) => find.model,
            Request::Aggregate(aggregate) => aggregate.rows.model,
            Request::GroupBy(group) => group.model,
            Request::Write(write) | Request::Attempt(write) => match write {
                Write::Create(create, _) => create.model,
                Write::CreateMany(many, _) => many.model,
                Write::Update(_, changes, _) => changes.model,
                Write::UpdateMany(update, _) => update.changes.model,
                Write::Upsert(upsert, _) => upsert.create.model,
                Write::Delete(_, returning) => returning.model,
                Write::DeleteMany { model, .. } => model,
            },
            Request::UpdateEach(update, _) => update.model,
            Request::UpsertMany(upsert, _) => upsert.model,
        }
    }

    /// Returns the name of the model in the schema file: that of the call, not of nested ones.
    pub fn model(&self) -> &'static str {
        self.meta().name
    }

    /// Whether the query is of this model: `query.is::<Post>()`.
    pub fn is<M: Model>(&self) -> bool {
        std::ptr::eq(self.meta(), M::meta())
    }

    /// Returns what the query does. An extension before this one may have changed it, such as a deletion into an update.
    pub fn operation(&self) -> Operation {
        match &self.request {
            Request::Find { find, .. } if find.single && find.take.is_none() => Operation::FindUnique,
            Request::Find { find, .. } if find.single => Operation::FindFirst,
            Request::Find { .. } | Request::FindAndCount(_) => Operation::FindMany,
            Request::Aggregate(aggregate) if aggregate.functions == [Function::CountRows] => Operation::Count,
            Request::Aggregate(_) => Operation::Aggregate,
            Request::GroupBy(_) => Operation::GroupBy,
            Request::Write(write) | Request::Attempt(write) => match write {
                Write::Create(..) => Operation::Create,
                Write::CreateMany(..) => Operation::CreateMany,
                Write::Update(..) => Operation::Update,
                Write::UpdateMany(..) => Operation::UpdateMany,
                Write::Upsert(..) => Operation::Upsert,
                Write::Delete(..) => Operation::Delete,
                Write::DeleteMany { .. } => Operation::DeleteMany,
            },
            Request::UpdateEach(..) => Operation::UpdateEach,
            Request::UpsertMany(..) => Operation::UpsertMany,
        }
    }

    /// Refuses the query: it fails with this message (P2009).
    pub fn refuse(&mut self, message: &'static str) {
        self.refused.get_or_insert(message);
    }

    fn apply<'a>(&mut self, rule: &'a dyn Fn(&'static ModelMeta) -> Option<Rule<'a>>) -> &mut Self {
        if let Err(message) = Rules(rule).apply(&mut self.request) {
            self.refuse(message);
        }
        self
    }

    fn apply_to<M: Model>(&mut self, rule: &Rule<'_>) -> &mut Self {
        self.apply(&|model| std::ptr::eq(model, M::meta()).then(|| rule.clone()))
    }

    /// Restricts the query to rows that match: other rows of the model do not exist for it.
    ///
    /// A required relation to such a row cannot be loaded (P2023).
    pub fn filter<M: Model>(&mut self, filter: impl Into<Filter<M>>) -> &mut Self {
        let filter = Some(filter.into().into_condition());
        self.apply_to::<M>(&Rule { filter, ..Rule::default() })
    }

    /// Restricts the query to rows with this value in a field, sets it in new rows, and refuses to change it: rows with other values do not
    /// exist for the query, and it makes none.
    pub fn scope<M: Model, T: FieldType>(
        &mut self,
        field: Field<M, T>,
        value: impl IntoField<T::Base>,
    ) -> &mut Self {
        self.apply_to::<M>(&Rule::scope(field.column(), value.into_field()))
    }

    /// Does the same as [`scope`](Self::scope) for all models that have a field with this name: `tenantId` or `tenant_id`.
    ///
    /// A query fails (P2009) if neither its model nor one that relations lead to has the field. A model without relations and without the field
    /// is untouched.
    pub fn scope_all(&mut self, field: &str, value: impl Scalar) -> &mut Self {
        let value = value.into_value();
        let column = |model: &ModelMeta| {
            let column = (0..).zip(model.columns).find(|(_, column)| is_same_name(column.field, field));
            column.map(|(index, _)| index)
        };
        let models = connected(self.meta());
        if models.len() > 1 && !models.iter().any(|model| column(model).is_some()) {
            self.refuse("`scope_all` names a field that no model has\nhelp: use the name of the field in the schema file");
        }
        self.apply(&|model| column(model).map(|column| Rule::scope(column, value.clone())))
    }

    /// Sets a field of new rows, whatever the query sets.
    pub fn on_create<M: Model, T: FieldType>(
        &mut self,
        field: Field<M, T>,
        value: impl IntoField<T>,
    ) -> &mut Self {
        let created = vec![(field.column(), value.into_field())];
        self.apply_to::<M>(&Rule { created, ..Rule::default() })
    }

    /// Changes a field with every update of other fields, whatever the query changes.
    pub fn on_update<M: Model, T: FieldType>(
        &mut self,
        field: Field<M, T>,
        change: impl IntoAssignment<T>,
    ) -> &mut Self {
        let updated = change.into_assignment().map(|change| (field.column(), change)).into_iter().collect();
        self.apply_to::<M>(&Rule { updated, ..Rule::default() })
    }

    /// Stores a text field in another form, such as encrypted: in every write, and in filters and keys, which need the same form for the same
    /// text. Comparisons other than those for equality are refused.
    ///
    /// Rows have the field as it is stored: read it with a method of your own.
    pub fn encode<M: Model, T: FieldType<Base = String>>(
        &mut self,
        field: Field<M, T>,
        encode: impl Fn(&str) -> String,
    ) -> &mut Self {
        let encoded: Option<(u16, &dyn Fn(&str) -> String)> = Some((field.column(), &encode));
        self.apply_to::<M>(&Rule { encoded, ..Rule::default() })
    }

    /// Makes deletions updates: `query.delete_as::<Post>(|post| post.deleted_at(now))`. A query that returns the deleted row returns the updated
    /// one. The database's `onDelete` actions do not happen.
    pub fn delete_as<M: Model>(
        &mut self,
        update: impl FnOnce(M::UpdateWith<Changes>) -> M::UpdateWith<Changes>,
    ) -> &mut Self {
        let changes = update(M::UpdateWith::new(Changes::new(M::meta()))).into_inner();
        if !changes.nested.is_empty() {
            self.refuse("an extension cannot make a deletion an update with nested writes");
        }
        self.apply_to::<M>(&Rule { deleted: Some(changes), ..Rule::default() })
    }

    /// Calls [`Extension::wrote`](super::Extension::wrote) with the rows of this model that the query writes. It runs in a transaction then.
    pub fn watch<M: Model>(&mut self) -> &mut Self {
        self.watches.push((self.at, M::meta()));
        self
    }
}

/// Returns the model and those that relations lead to.
fn connected(model: &'static ModelMeta) -> Vec<&'static ModelMeta> {
    let mut models = vec![model];
    let mut next = 0;
    while let Some(model) = models.get(next) {
        next += 1;
        for relation in model.relations {
            let target = relation.target();
            if !models.iter().any(|model| std::ptr::eq(*model, target)) {
                models.push(target);
            }
        }
    }
    models
}

/// Whether two names are the same in any case: `tenantId` and `tenant_id`.
fn is_same_name(one: &str, other: &str) -> bool {
    fn letters(name: &str) -> impl Iterator<Item = u8> {
        name.bytes().filter(|byte| *byte != b'_').map(|byte| byte.to_ascii_lowercase())
    }
    letters(one).eq(letters(other))
}
