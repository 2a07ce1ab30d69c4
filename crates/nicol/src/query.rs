//! The query as data. The typed builders make it, and so does `nicol-engine` from requests in Prisma's JSON protocol; `sql` writes it, and
//! `run` runs what takes several statements. Nothing here is generic, so it is compiled once.

use std::borrow::Cow;

use crate::meta::{Default, ModelMeta};
use crate::value::Value;

/// A query that reads rows.
///
/// The rows that match are sorted; `distinct` keeps the first of those that are equal in its columns; `cursor` drops those before the row
/// that it names; then `skip` and `take` apply.
#[derive(Debug, Clone)]
pub struct Find {
    /// The model.
    pub model: &'static ModelMeta,
    /// The rows to read.
    pub filter: Condition,
    /// The order of the rows.
    pub order: Vec<Order>,
    /// The columns in which no two rows of the result are equal. In no columns, all rows are equal.
    pub distinct: Option<Vec<u16>>,
    /// The row to start from.
    pub cursor: Option<Key>,
    /// Whether the result is empty if the cursor is not among the rows. Otherwise, in an order that leaves no two rows equal, it starts where
    /// the cursor would be.
    pub cursor_must_match: bool,
    /// The maximum number of rows.
    pub take: Option<u64>,
    /// Whether `cursor`, `skip` and `take` count from the end. The order of the result stays the same.
    pub backwards: bool,
    /// How many rows to skip.
    pub skip: u64,
    /// Whether the query reads at most one row, by a unique key or by `take`.
    pub single: bool,
    /// The columns to read.
    pub columns: Columns,
    /// The relations to load with each row.
    pub includes: Vec<Include>,
    /// The lock on the rows of the model, until the end of the transaction.
    pub lock: Option<Lock>,
}

/// A lock on the rows that a query reads.
///
/// Source: PostgreSQL 16 manual, 13.3.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lock {
    /// What other transactions cannot do with the rows.
    pub strength: LockStrength,
    /// What to do with a row that another transaction has locked.
    pub conflict: LockConflict,
}

/// The strength of a lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are SQL's")]
pub enum LockStrength {
    Update,
    NoKeyUpdate,
    Share,
    KeyShare,
}

/// What to do with a row that another transaction has locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockConflict {
    /// Wait for the other transaction.
    Wait,
    /// Fail.
    Fail,
    /// Leave the row out.
    Skip,
}

impl Find {
    /// Returns the query for all rows of a model.
    pub fn all(model: &'static ModelMeta) -> Self {
        Self {
            model,
            filter: Condition::TRUE,
            order: Vec::new(),
            distinct: None,
            cursor: None,
            cursor_must_match: false,
            take: None,
            backwards: false,
            skip: 0,
            single: false,
            columns: Columns::All,
            includes: Vec::new(),
            lock: None,
        }
    }
}

impl Find {
    /// Adds a column to the selection.
    pub fn select_column(&mut self, column: u16) {
        self.select(Selected::Column(column));
    }

    /// Adds a relation to the selection.
    pub fn select_relation(&mut self, include: Include) {
        self.select(Selected::Include(self.includes.len()));
        self.includes.push(include);
    }

    fn select(&mut self, selected: Selected) {
        match &mut self.columns {
            Columns::Mixed(all) => all.push(selected),
            columns => *columns = Columns::Mixed(vec![selected]),
        }
    }

    /// Adds what another find says of the rows, and of relations that are read already: conditions and terms of the order are added, the rest
    /// is replaced.
    pub fn refine(&mut self, by: Self) {
        let filter = std::mem::replace(&mut self.filter, Condition::TRUE);
        self.filter = filter.and(by.filter);
        self.order.extend(by.order);
        if by.take.is_some() {
            (self.take, self.backwards) = (by.take, by.backwards);
        }
        if by.skip > 0 {
            self.skip = by.skip;
        }
        if by.distinct.is_some() {
            self.distinct = by.distinct;
        }
        if by.cursor.is_some() {
            (self.cursor, self.cursor_must_match) = (by.cursor, by.cursor_must_match);
        }
        for by in by.includes {
            self.refine_relation(by);
        }
    }

    /// Does the same for a relation that is read.
    pub fn refine_relation(&mut self, by: Include) {
        let is_it = |include: &&mut Include| include.relation == by.relation && include.count == by.count;
        if let Some(include) = self.includes.iter_mut().find(is_it) {
            include.find.refine(by.find);
        }
    }

    /// Returns the call that the query is.
    pub(crate) fn operation(&self) -> &'static str {
        match (self.single, self.take) {
            (true, None) => "find_unique",
            (true, Some(_)) => "find_first",
            (false, _) => "find_many",
        }
    }

    /// Whether rows of one of these models are read, at any depth.
    pub(crate) fn reads(&self, models: &[&'static ModelMeta]) -> bool {
        let is_one = |model: &ModelMeta| models.iter().any(|other| std::ptr::eq(*other, model));
        is_one(self.model)
            || self.filter.reads(self.model, &is_one)
            || self.order.iter().any(|order| order.by.reads(self.model, &is_one))
            || self.includes.iter().any(|include| include.find.reads(models))
    }
}

/// The columns of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Columns {
    /// All columns of the model, in order, except those that rows lack.
    All,
    /// The same without these columns. In front of them is a list of the columns that are left out.
    Except(Vec<u16>),
    /// These columns, in this order.
    Some(Vec<u16>),
    /// These columns and relations, in this order. In the other cases, the relations follow the columns.
    Mixed(Vec<Selected>),
}

/// One value of a result with [`Columns::Mixed`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Selected {
    /// The column with this index.
    Column(u16),
    /// The element of [`Find::includes`] with this index.
    Include(usize),
}

/// A relation to load, or to count.
#[derive(Debug, Clone)]
pub struct Include {
    /// The index of the relation.
    pub relation: u16,
    /// Whether only the number of rows is read.
    pub count: bool,
    /// What to read at the other end; its model is the target of the relation.
    pub find: Find,
}

/// A condition on the rows of a model.
#[derive(Debug, Clone)]
pub enum Condition {
    /// All of these conditions; true if there are none.
    All(Vec<Condition>),
    /// At least one of these conditions; false if there are none.
    Any(Vec<Condition>),
    /// The negation of a condition.
    Not(Box<Condition>),
    /// Compares a column or the result of an aggregate.
    Compare {
        /// The left side.
        subject: Subject,
        /// The comparison.
        op: CompareOp,
        /// The right side; never null.
        value: Operand,
        /// How texts are compared.
        mode: TextMode,
    },
    /// Whether a value is in a list.
    In {
        /// What is looked up.
        subject: Subject,
        /// The list; none of its values is null.
        values: Operand,
        /// Whether the value must not be in the list.
        negated: bool,
        /// How texts are compared.
        mode: TextMode,
    },
    /// Whether a column or the result of an aggregate is null.
    IsNull {
        /// What may be null.
        subject: Subject,
    },
    /// Whether a text contains, starts with or ends with another.
    Text {
        /// The text.
        subject: Subject,
        /// Where the other text must be.
        op: TextOp,
        /// The text to find.
        value: Operand,
        /// How the texts are compared.
        mode: TextMode,
    },
    /// Compares an array column with values.
    List {
        /// The index of the column.
        column: u16,
        /// The comparison.
        op: ListOp,
        /// The values: a list, or a column that is an array or one element.
        values: Operand,
    },
    /// Tests a part of a JSON column.
    Json {
        /// The index of the column.
        column: u16,
        /// The keys and indexes that lead to the part; a part that does not exist is null. Without a path it is the whole column, whose text
        /// keeps its quotes, as in Prisma.
        path: Option<Vec<String>>,
        /// The test.
        test: JsonTest,
    },
    /// Full-text search in one or more text columns.
    ///
    /// Source: PostgreSQL 16 manual, 12.3.
    Search {
        /// The indexes of the columns.
        columns: Vec<u16>,
        /// The query in the syntax of `to_tsquery`: a text.
        query: Operand,
    },
    /// Full-text search in the result of an aggregate, in a condition on groups.
    SearchAggregate {
        /// The aggregate of a text column.
        function: Function,
        /// The query in the syntax of `to_tsquery`: a text.
        query: Operand,
    },
    /// A condition in SQL, written by the application.
    Sql(Fragment),
    /// A condition on the rows at the other end of a relation.
    Related {
        /// The index of the relation.
        relation: u16,
        /// How many of the rows must match.
        quantifier: Quantifier,
        /// The condition on a row.
        condition: Box<Condition>,
    },
}

impl Condition {
    /// Always true.
    pub const TRUE: Self = Self::All(Vec::new());

    /// Always false.
    pub const FALSE: Self = Self::Any(Vec::new());

    /// Whether the condition is true for every row.
    pub fn is_true(&self) -> bool {
        matches!(self, Self::All(parts) if parts.iter().all(Self::is_true))
    }

    /// Whether the condition is false for every row.
    pub fn is_false(&self) -> bool {
        matches!(self, Self::Any(parts) if parts.iter().all(Self::is_false))
    }

    /// Returns the condition that both hold.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (a, b) if a.is_true() => b,
            (a, b) if b.is_true() => a,
            (Self::All(mut parts), b) => {
                parts.push(b);
                Self::All(parts)
            }
            (a, b) => Self::All(vec![a, b]),
        }
    }

    /// Returns the condition that at least one holds.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match (self, other) {
            (a, b) if a.is_false() => b,
            (a, b) if b.is_false() => a,
            (Self::Any(mut parts), b) => {
                parts.push(b);
                Self::Any(parts)
            }
            (a, b) => Self::Any(vec![a, b]),
        }
    }
}

impl Condition {
    /// Whether rows of certain other models decide it.
    pub(crate) fn reads(&self, model: &'static ModelMeta, is_one: &dyn Fn(&ModelMeta) -> bool) -> bool {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().any(|part| part.reads(model, is_one)),
            Self::Not(part) => part.reads(model, is_one),
            Self::Related { relation, condition, .. } => {
                let target = model.relations[usize::from(*relation)].target();
                is_one(target) || condition.reads(target, is_one)
            }
            // What it reads is not known.
            Self::Sql(_) => true,
            _ => false,
        }
    }
}

/// A piece of SQL, written by the application, and its values.
#[derive(Debug, Clone, Default)]
pub struct Fragment {
    /// The pieces in order.
    pub pieces: Vec<Piece>,
    /// The values that pieces refer to.
    pub values: Vec<Value>,
}

/// A piece of SQL.
#[derive(Debug, Clone)]
pub enum Piece {
    /// SQL text.
    Text(Cow<'static, str>),
    /// A quoted name.
    Name(String),
    /// A table; its PostgreSQL schema may be that of the client.
    Table(&'static ModelMeta),
    /// A column of the model with this index.
    Column(&'static ModelMeta, u16),
    /// The value with this index.
    Value(usize),
}

/// The left side of a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// The column with this index.
    Column(u16),
    /// The result of an aggregate, in a condition on groups.
    Aggregate(Function),
}

/// The right side of a condition.
#[derive(Debug, Clone)]
pub enum Operand {
    /// A value, or a list of values.
    Value(Value),
    /// Another column of the same row.
    Column(u16),
}

/// How a condition compares texts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TextMode {
    /// Whether case is ignored.
    pub insensitive: bool,
    /// Whether `%`, `_` and `\` have their meaning in `LIKE`, as in Prisma, wherever it is used. Otherwise they match themselves.
    pub wildcards: bool,
}

impl TextMode {
    /// Texts are equal if all their characters are.
    pub const EXACT: Self = Self { insensitive: false, wildcards: false };
}

/// A test of a part of a JSON value.
#[derive(Debug, Clone)]
pub enum JsonTest {
    /// Compares it with a JSON value, in the order of `jsonb`.
    Compare(CompareOp, Operand),
    /// Whether it is missing: the column is null, or the path leads nowhere.
    IsMissing,
    /// Whether it is a text that contains, starts with or ends with another.
    Text(TextOp, Operand, TextMode),
    /// Whether it is an array that contains, starts with or ends with the given JSON value, or with the elements of a given array.
    Array(TextOp, Operand),
}

/// Comparisons of two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum CompareOp {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// Where a text must be within another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum TextOp {
    Contains,
    StartsWith,
    EndsWith,
}

/// Comparisons of an array with values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListOp {
    /// The array has all of the values.
    HasEvery,
    /// The array has at least one of the values.
    HasSome,
    /// The array is empty.
    IsEmpty,
    /// The array is not empty.
    IsNotEmpty,
    /// The array equals the list of values.
    Equal,
}

/// How many rows at the other end of a relation must match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Quantifier {
    Some,
    None,
    Every,
}

/// One term of an `ORDER BY`.
#[derive(Debug, Clone)]
pub struct Order {
    /// What is compared.
    pub by: OrderBy,
    /// Whether the greatest value comes first.
    pub descending: bool,
    /// Where nulls go. By default PostgreSQL sorts null as the greatest value.
    pub nulls: Option<Nulls>,
}

/// What an order compares.
#[derive(Debug, Clone)]
pub enum OrderBy {
    /// A column.
    Column(u16),
    /// A column of the row at the other end of one or more relations, each to at most one row.
    Related {
        /// The relations, each of the model at the end of the one before.
        path: Vec<u16>,
        /// The index of the column.
        column: u16,
    },
    /// The number of rows at the other end of a relation.
    Count {
        /// The relations, each of the model at the end of the one before. Only the last one leads to many rows.
        path: Vec<u16>,
        /// The rows to count.
        filter: Condition,
    },
    /// How well the text columns of a row, or of a row at the other end of relations, match a full-text query.
    ///
    /// Source: PostgreSQL 16 manual, 12.3.3.
    Relevance {
        /// The relations to the row, each to at most one row.
        path: Vec<u16>,
        /// The indexes of the columns.
        columns: Vec<u16>,
        /// The query in the syntax of `to_tsquery`: a text.
        query: Value,
    },
    /// The result of an aggregate, in an order of groups.
    Aggregate(Function),
}

impl OrderBy {
    /// Whether rows of certain other models decide the order.
    fn reads(&self, mut model: &'static ModelMeta, is_one: &dyn Fn(&ModelMeta) -> bool) -> bool {
        let (Self::Related { path, .. } | Self::Count { path, .. } | Self::Relevance { path, .. }) = self
        else {
            return false;
        };
        let is_on_the_way = path.iter().any(|relation| {
            model = model.relations[usize::from(*relation)].target();
            is_one(model)
        });
        is_on_the_way || matches!(self, Self::Count { filter, .. } if filter.reads(model, is_one))
    }
}

impl Order {
    /// Returns the ascending order by a column.
    pub fn by_column(column: u16) -> Self {
        Self { by: OrderBy::Column(column), descending: false, nulls: None }
    }
}

/// Where nulls go in an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Nulls {
    First,
    Last,
}

/// The values of a unique key.
#[derive(Debug, Clone)]
pub struct Key {
    /// The columns of the key and their values.
    pub values: Vec<(u16, Value)>,
}

impl Key {
    /// Returns the condition that a row has this key.
    pub fn condition(self) -> Condition {
        let equal = |(column, value)| Condition::Compare {
            subject: Subject::Column(column),
            op: CompareOp::Equal,
            value: Operand::Value(value),
            mode: TextMode::EXACT,
        };
        Condition::All(self.values.into_iter().map(equal).collect())
    }
}

/// One row, by a unique key and further conditions.
#[derive(Debug, Clone)]
pub struct Unique {
    /// The key.
    pub key: Key,
    /// What else must be true of the row.
    pub filter: Condition,
}

impl Unique {
    /// Returns the condition that a row is this one.
    pub fn condition(self) -> Condition {
        self.key.condition().and(self.filter)
    }
}

impl Unique {
    /// Returns the condition that a row is one of these. Many rows with keys of one column are one list, so that the statement has one parameter.
    pub fn any(rows: Vec<Self>) -> Condition {
        let column = |row: &Self| match &*row.key.values {
            [(column, value)] if row.filter.is_true() && *value != Value::Null => Some(*column),
            _ => None,
        };
        let first = rows.first().and_then(column);
        match first {
            Some(of) if rows.len() > 1 && rows.iter().all(|row| column(row) == first) => Condition::In {
                subject: Subject::Column(of),
                values: Operand::Value(Value::List(
                    rows.into_iter().flat_map(|row| row.key.values).map(|(_, value)| value).collect(),
                )),
                negated: false,
                mode: TextMode::EXACT,
            },
            _ => Condition::Any(rows.into_iter().map(Self::condition).collect()),
        }
    }
}

impl From<Key> for Unique {
    fn from(key: Key) -> Self {
        Self { key, filter: Condition::TRUE }
    }
}

/// A query that writes.
#[derive(Debug, Clone)]
pub enum Write {
    /// Creates a row and returns it.
    Create(Create, Find),
    /// Creates rows.
    CreateMany(CreateMany, Returning),
    /// Updates a row and returns it.
    Update(Unique, Changes, Find),
    /// Updates all rows that match.
    UpdateMany(UpdateMany, Returning),
    /// Updates a row, or creates it if it does not exist, and returns it.
    Upsert(Box<Upsert>, Find),
    /// Deletes a row and returns it.
    Delete(Unique, Find),
    /// Deletes all rows that match, or at most a number of them.
    DeleteMany {
        /// The model.
        model: &'static ModelMeta,
        /// The rows to delete.
        filter: Condition,
        /// The maximum number of rows.
        limit: Option<u64>,
    },
}

impl Write {
    /// Returns the call that the write is.
    pub(crate) fn operation(&self) -> &'static str {
        match self {
            Self::Create(..) => "create",
            Self::CreateMany(_, Returning::Count) => "create_many",
            Self::CreateMany(_, Returning::Rows(_)) => "create_many_and_return",
            Self::Update(..) => "update",
            Self::UpdateMany(_, Returning::Count) => "update_many",
            Self::UpdateMany(_, Returning::Rows(_)) => "update_many_and_return",
            Self::Upsert(..) => "upsert",
            Self::Delete(..) => "delete",
            Self::DeleteMany { .. } => "delete_many",
        }
    }

    /// Whether the write looks for a row and creates it if it is missing, at any depth.
    pub(crate) fn looks_before(&self) -> bool {
        match self {
            Self::Create(create, _) => look_before(&create.nested),
            Self::Update(_, changes, _) => look_before(&changes.nested),
            Self::Upsert(..) => true,
            _ => false,
        }
    }
}

fn look_before(nested: &[(u16, Nested)]) -> bool {
    nested.iter().any(|(_, nested)| match nested {
        Nested::ConnectOrCreate(..) | Nested::Upsert(_) => true,
        Nested::Create(create) => look_before(&create.nested),
        Nested::Update(_, changes) => look_before(&changes.nested),
        _ => false,
    })
}

impl Write {
    /// Whether the write looks for a row of this model and, if it is missing, creates it with given values of these fields, at any depth. Then
    /// the same write elsewhere may have created it meanwhile.
    pub(crate) fn looks_for(&self, model: &str, fields: &[String]) -> bool {
        match self {
            Self::Create(create, _) => look_for(&create.nested, model, fields),
            Self::Update(_, changes, _) => look_for(&changes.nested, model, fields),
            Self::Upsert(upsert, _) => {
                gives(&upsert.unique, &upsert.create, model, fields)
                    || look_for(&upsert.create.nested, model, fields)
                    || look_for(&upsert.update.nested, model, fields)
            }
            _ => false,
        }
    }
}

fn look_for(nested: &[(u16, Nested)], model: &str, fields: &[String]) -> bool {
    nested.iter().any(|(_, nested)| match nested {
        Nested::ConnectOrCreate(unique, create) => {
            gives(unique, create, model, fields) || look_for(&create.nested, model, fields)
        }
        // It looks for a connected row, whatever its key is.
        Nested::Upsert(upsert) => {
            upsert.create.model.name == model
                || look_for(&upsert.create.nested, model, fields)
                || look_for(&upsert.update.nested, model, fields)
        }
        Nested::Create(create) => look_for(&create.nested, model, fields),
        Nested::Update(_, changes) => look_for(&changes.nested, model, fields),
        _ => false,
    })
}

/// Whether these fields have values in the key of a row or in the row.
fn gives(unique: &Unique, create: &Create, model: &str, fields: &[String]) -> bool {
    let meta = |column: u16| &create.model.columns[usize::from(column)];
    // What the key has and the row has not comes from the row above, or is a default, which the key does not decide.
    let of_key =
        || unique.key.values.iter().filter(|(column, _)| matches!(meta(*column).default, Default::None));
    let given =
        |field: &String| of_key().chain(&create.values).any(|(column, _)| meta(*column).field == field);
    create.model.name == model && fields.iter().all(given)
}

/// What a query that writes several rows returns.
#[derive(Debug, Clone)]
pub enum Returning {
    /// The number of rows.
    Count,
    /// The rows, in any order. The find has no filter, order or page.
    Rows(Box<Find>),
}

/// Rows to create, without nested writes.
#[derive(Debug, Clone)]
pub struct CreateMany {
    /// The model.
    pub model: &'static ModelMeta,
    /// The rows.
    pub rows: Vec<Create>,
    /// Whether rows with a unique key that already exists are skipped.
    pub skip_duplicates: bool,
}

/// The same changes of many rows.
#[derive(Debug, Clone)]
pub struct UpdateMany {
    /// The rows to update.
    pub filter: Condition,
    /// The changes.
    pub changes: Changes,
    /// The maximum number of rows.
    pub limit: Option<u64>,
}

/// A row to update, or to create if it does not exist.
#[derive(Debug, Clone)]
pub struct Upsert {
    /// The row.
    pub unique: Unique,
    /// The row to create.
    pub create: Create,
    /// The changes of an existing row.
    pub update: Changes,
}

/// Rows to create, without nested writes, or to update where there is a row with the same unique key.
#[derive(Debug, Clone)]
pub struct UpsertMany {
    /// The model.
    pub model: &'static ModelMeta,
    /// The columns of the unique key. Every row sets them.
    pub key: Vec<u16>,
    /// The rows.
    pub rows: Vec<Create>,
    /// The columns that an existing row takes over, as far as the new one sets them. Without a choice, these are all but those of the two
    /// keys and those with a generated default.
    pub update: Option<Vec<u16>>,
    /// Whether existing rows that would not change are left alone.
    pub skip_unchanged: bool,
}

/// A row to create, with nested writes.
#[derive(Debug, Clone)]
pub struct Create {
    /// The model.
    pub model: &'static ModelMeta,
    /// The columns and values that were set. A later value of a column replaces an earlier one.
    pub values: Vec<(u16, Value)>,
    /// The writes at the other ends of relations, in order.
    pub nested: Vec<(u16, Nested)>,
}

impl Create {
    /// Returns a row without values.
    pub fn new(model: &'static ModelMeta) -> Self {
        // Most rows set most columns.
        Self { model, values: Vec::with_capacity(model.columns.len()), nested: Vec::new() }
    }
}

/// A write at the other end of a relation.
#[derive(Debug, Clone)]
pub enum Nested {
    /// Creates a row and connects it.
    Create(Create),
    /// Creates rows and connects them.
    CreateMany(CreateMany),
    /// Connects an existing row.
    Connect(Unique),
    /// Connects a row, and creates it if it does not exist.
    ConnectOrCreate(Unique, Create),
    /// Disconnects the connected rows that match: at most one by its key, or the only one.
    Disconnect(Condition),
    /// Connects these rows and disconnects all others.
    Set(Vec<Unique>),
    /// Updates the connected row that matches.
    Update(Condition, Changes),
    /// Updates all connected rows that match.
    UpdateMany(Condition, Changes),
    /// Updates the connected row that matches, or creates one.
    Upsert(Box<NestedUpsert>),
    /// Deletes the connected row that matches.
    Delete(Condition),
    /// Deletes all connected rows that match.
    DeleteMany(Condition),
}

/// A connected row to update, or a row to create and connect if there is none.
#[derive(Debug, Clone)]
pub struct NestedUpsert {
    /// The connected row.
    pub filter: Condition,
    /// The row to create.
    pub create: Create,
    /// The changes of an existing row.
    pub update: Changes,
}

/// A change of one column.
#[derive(Debug, Clone)]
pub enum Assignment {
    /// Sets the value.
    Set(Value),
    /// Adds the value.
    Increment(Value),
    /// Subtracts the value.
    Decrement(Value),
    /// Multiplies by the value.
    Multiply(Value),
    /// Divides by the value.
    Divide(Value),
    /// Appends the values of a list to the array.
    Push(Value),
}

/// The changes of an update.
#[derive(Debug, Clone)]
pub struct Changes {
    /// The model.
    pub model: &'static ModelMeta,
    /// The columns and their changes. A later change of a column replaces an earlier one.
    pub assignments: Vec<(u16, Assignment)>,
    /// The writes at the other ends of relations, in order. Changes of many rows have none.
    pub nested: Vec<(u16, Nested)>,
}

impl Changes {
    /// Returns an update without changes.
    pub fn new(model: &'static ModelMeta) -> Self {
        Self { model, assignments: Vec::new(), nested: Vec::new() }
    }

    /// Whether nothing is changed.
    pub fn is_empty(&self) -> bool {
        self.assignments.is_empty() && self.nested.is_empty()
    }
}

/// A row to update, by a unique key without a further filter.
#[derive(Debug, Clone)]
pub struct UpdateRow {
    /// The row.
    pub unique: Unique,
    /// The changes, without nested writes.
    pub changes: Changes,
}

/// Rows to update, each with its own changes.
#[derive(Debug, Clone)]
pub struct UpdateEach {
    /// The model.
    pub model: &'static ModelMeta,
    /// The rows.
    pub rows: Vec<UpdateRow>,
    /// Whether rows that would not change are left alone.
    pub skip_unchanged: bool,
}

/// Aggregates of rows.
#[derive(Debug, Clone)]
pub struct Aggregate {
    /// The rows to aggregate. Its columns and includes are ignored.
    pub rows: Find,
    /// The aggregates to compute.
    pub functions: Vec<Function>,
}

impl Aggregate {
    /// Returns the call that the query is.
    pub(crate) fn operation(&self) -> &'static str {
        if matches!(self.functions[..], [Function::CountRows]) { "count" } else { "aggregate" }
    }
}

/// Aggregates of groups of rows.
#[derive(Debug, Clone)]
pub struct GroupBy {
    /// The model.
    pub model: &'static ModelMeta,
    /// The rows to aggregate.
    pub filter: Condition,
    /// The columns to group by.
    pub by: Vec<u16>,
    /// The aggregates to compute.
    pub functions: Vec<Function>,
    /// The groups to return.
    pub having: Condition,
    /// The order of the groups, by columns of `by` and by aggregates.
    pub order: Vec<Order>,
    /// The maximum number of groups.
    pub take: Option<u64>,
    /// Whether `skip` and `take` count from the end.
    pub backwards: bool,
    /// How many groups to skip.
    pub skip: u64,
}

/// An aggregate function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Function {
    /// The number of rows.
    CountRows,
    /// The number of rows in which the column is not null.
    Count(u16),
    /// The sum.
    Sum(u16),
    /// The mean.
    Average(u16),
    /// The smallest value.
    Minimum(u16),
    /// The greatest value.
    Maximum(u16),
}
