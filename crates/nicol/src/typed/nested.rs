//! Nested writes: values made from the handle of a relation, for `.with(…)` of a row to create or to update.
//!
//! Which of them a relation has follows from its cardinality, and [`InCreate`] says which of them a new row can have.

use std::fmt;
use std::marker::PhantomData;

use super::field::Filter;
use super::model::Model;
use super::related::Related;
use super::relation::{Many, One, Optional, Relation, ToOne};
use super::setters::{CreateIn, Existing, IntoChildren, ManyChanges, Setters};
use super::unique::Unique;
use crate::query::{Changes, Condition, Create, CreateMany, Nested, NestedUpsert};

/// Creates or connects rows at the other end of `Rel`.
#[must_use = "a nested write belongs to a row: `.with(…)`"]
pub struct Attach<Rel> {
    writes: Vec<Nested>,
    relation: PhantomData<fn() -> Rel>,
}

/// Creates rows at the other end of `Rel` together: [`create_many`](Related::create_many).
#[must_use = "a nested write belongs to a row: `.with(…)`"]
pub struct AttachMany<Rel> {
    rows: CreateMany,
    relation: PhantomData<fn() -> Rel>,
}

/// Changes rows at the other end of `Rel`, which are connected already or are replaced.
#[must_use = "a nested write belongs to a row: `.with(…)`"]
pub struct Change<Rel> {
    writes: Vec<Nested>,
    relation: PhantomData<fn() -> Rel>,
}

/// Updates or deletes all connected rows, or those of a [`filter`](Self::filter).
#[must_use = "a nested write belongs to a row: `.with(…)`"]
pub struct ChangeMany<Rel> {
    writes: Vec<Nested>,
    relation: PhantomData<fn() -> Rel>,
}

/// What `.with(…)` accepts: writes at the other end of a relation.
pub trait NestedWrite {
    /// The relation.
    type Relation: Relation;

    /// Returns the writes in order.
    #[doc(hidden)]
    fn into_writes(self) -> Vec<Nested>;
}

/// The nested writes that a new row can have: `create`, `create_many`, `connect` and `connect_or_create`.
#[diagnostic::on_unimplemented(
    message = "this nested write needs a row that exists already",
    label = "a new row has no rows to change at the other end of a relation",
    note = "`create` takes `create`, `create_many`, `connect` and `connect_or_create`; `update` takes all nested writes"
)]
pub trait InCreate: NestedWrite {}

/// The nested writes that give a new row the row that it belongs to by `Rel`.
#[diagnostic::on_unimplemented(
    message = "say first which `{Rel}` it belongs to: `.with(….connect(…))`",
    label = "this is not the relation `{Rel}`",
    note = "`NewIn…` lacks the key of this relation, so its first `.with(…)` creates or connects the row that it belongs to"
)]
pub trait Owner<Rel>: NestedWrite {}

/// Relations by which a new row has got the row that it belongs to: none, as that makes it another type.
///
/// The lifetime lets the compiler accept bounds that never hold: they only carry the message.
#[diagnostic::on_unimplemented(
    message = "say which `{Self}` it belongs to: `.with(….connect(…))`",
    label = "this row lacks the key of the relation `{Self}`",
    note = "`NewIn…` is `New` without the key of a relation; `connect`, `create` and `connect_or_create` of the relation complete it, before `.and()`"
)]
pub trait Connected<'a> {}

/// Nested writes that a row or query `Q` takes. The compiler infers `Index`.
#[diagnostic::on_unimplemented(
    message = "this query takes no nested writes",
    label = "the query takes no nested writes",
    note = "`update_many` and `update_each` only change columns; `create`, `update` and `upsert` take nested writes"
)]
pub trait NestIn<Q, Index = ()> {
    /// The row or query with the nested writes.
    type Output;

    /// Adds the nested writes.
    #[doc(hidden)]
    fn nest_in(self, query: Q) -> Self::Output;
}

/// Writes that may be absent, or several: none is written for `None`.
macro_rules! any_number {
    ($([$($generics:tt)*] $writes:ty;)*) => {$(
        impl<W: NestedWrite, $($generics)*> NestedWrite for $writes {
            type Relation = W::Relation;

            fn into_writes(self) -> Vec<Nested> {
                self.into_iter().flat_map(W::into_writes).collect()
            }
        }

        impl<W: InCreate, $($generics)*> InCreate for $writes {}
    )*};
}

any_number! {
    [] Option<W>;
    [] Vec<W>;
    [const N: usize] [W; N];
}

/// Adds nested writes.
pub(super) fn add<W: NestedWrite>(nested: &mut Vec<(u16, Nested)>, writes: W) {
    nested.extend(writes.into_writes().into_iter().map(|write| (W::Relation::INDEX, write)));
}

impl<W: NestedWrite> NestIn<Create> for W {
    type Output = Create;

    fn nest_in(self, mut row: Create) -> Create {
        add(&mut row.nested, self);
        row
    }
}

impl<Rel, W: NestedWrite> NestIn<CreateIn<Rel>> for W {
    type Output = CreateIn<Rel>;

    fn nest_in(self, row: CreateIn<Rel>) -> CreateIn<Rel> {
        CreateIn::new(self.nest_in(Create::from(row)))
    }
}

impl<W: NestedWrite> NestIn<Changes> for W {
    type Output = Changes;

    fn nest_in(self, mut changes: Changes) -> Changes {
        add(&mut changes.nested, self);
        changes
    }
}

impl<W: NestedWrite> NestIn<Existing> for W {
    type Output = Existing;

    fn nest_in(self, mut existing: Existing) -> Existing {
        add(&mut existing.changes.nested, self);
        existing
    }
}

macro_rules! nested_writes {
    ($($write:ident)*) => {$(
        impl<Rel> fmt::Debug for $write<Rel> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_list().entries(&self.writes).finish()
            }
        }

        impl<Rel> $write<Rel> {
            fn new(writes: Vec<Nested>) -> Self {
                Self { writes, relation: PhantomData }
            }
        }

        impl<Rel: Relation> NestedWrite for $write<Rel> {
            type Relation = Rel;

            fn into_writes(self) -> Vec<Nested> {
                self.writes
            }
        }
    )*};
}

nested_writes!(Attach Change ChangeMany);

impl<Rel: Relation> InCreate for Attach<Rel> {}

impl<Rel: Relation> Owner<Rel> for Attach<Rel> {}

impl<Rel> fmt::Debug for AttachMany<Rel> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AttachMany({} rows)", self.rows.rows.len())
    }
}

impl<Rel: Relation> NestedWrite for AttachMany<Rel> {
    type Relation = Rel;

    fn into_writes(self) -> Vec<Nested> {
        vec![Nested::CreateMany(self.rows)]
    }
}

impl<Rel: Relation> InCreate for AttachMany<Rel> {}

impl<Rel> AttachMany<Rel> {
    /// Skips rows with a unique key that already exists.
    pub fn skip_duplicates(mut self) -> Self {
        self.rows.skip_duplicates = true;
        self
    }
}

/// The setters of a row at the other end of `Rel`.
type Setter<Rel, Q = Changes> = <<Rel as Relation>::To as Model>::UpdateWith<Q>;

fn changes<Rel: Relation>(update: impl FnOnce(Setter<Rel>) -> Setter<Rel>) -> Changes {
    update(Setters::new(Changes::new(Rel::To::meta()))).into_inner()
}

/// An update without changes is left out: as in Prisma it would end a list of updates.
fn update<Rel>(condition: Condition, changes: Changes) -> Change<Rel> {
    Change::new(if changes.is_empty() { Vec::new() } else { vec![Nested::Update(condition, changes)] })
}

/// The cardinalities of relations whose row holds the key: it belongs to at most one row.
#[diagnostic::on_unimplemented(
    message = "rows of a many-to-many relation are created by `create`",
    label = "both ends of this relation are lists",
    note = "`create_many` is for rows that hold the key of the relation; `create` takes any number of rows, too"
)]
pub trait HoldsKey {}

impl HoldsKey for One {}

impl HoldsKey for Optional {}

/// The cardinalities of relations that can be without a row.
#[diagnostic::on_unimplemented(
    message = "this relation is required: its row can be neither disconnected nor deleted",
    label = "a required relation",
    note = "`connect` replaces the row by another one"
)]
pub trait CanBeEmpty {}

impl CanBeEmpty for Optional {}

/// Nested writes of a relation to many rows.
impl<Rel: Relation<Cardinality = Many>> Related<Rel, Many> {
    /// Creates rows and connects them: a row, an array or a `Vec`.
    ///
    /// ```
    /// # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/docs/db/nicol.rs")); }
    /// # use db::{Client, User, session, user};
    /// # use nicol::{Error, types::DateTime};
    /// async fn sign_in(db: &Client, email: &str, token: &str, expires: DateTime) -> Result<User, Error> {
    ///     let session = user::sessions.create(session::NewInUser { token: token.into(), expires });
    ///     db.user().update(user::by_email(email)).with(session).await
    /// }
    /// # fn main() {}
    /// ```
    pub fn create(self, rows: impl IntoChildren<Rel::Child>) -> Attach<Rel> {
        Attach::new(rows.into_children().map(|row| Nested::Create(row.into())).collect())
    }

    /// Creates rows without nested writes of their own and connects them, in one statement.
    /// [`skip_duplicates`](AttachMany::skip_duplicates) skips those that exist.
    pub fn create_many<Back: Relation<Cardinality: HoldsKey>>(
        self,
        rows: impl IntoIterator<Item: Into<Rel::Child>>,
    ) -> AttachMany<Rel>
    where
        Rel::Child: Setters<CreateIn<Back>>,
    {
        let rows = rows.into_iter().map(|row| row.into().into()).collect();
        let rows = CreateMany { model: Rel::To::meta(), rows, skip_duplicates: false };
        AttachMany { rows, relation: PhantomData }
    }

    /// Connects rows that exist: a key or several. If one is missing, the query fails (P2018, or P2025 if the relation is many-to-many).
    pub fn connect(self, rows: impl IntoIterator<Item = Unique<Rel::To>>) -> Attach<Rel> {
        Attach::new(rows.into_iter().map(|row| Nested::Connect(row.into())).collect())
    }

    /// Connects a row, and creates it if it does not exist.
    pub fn connect_or_create(self, row: Unique<Rel::To>, create: impl Into<Rel::Child>) -> Attach<Rel> {
        Attach::new(vec![Nested::ConnectOrCreate(row.into(), create.into().into())])
    }

    /// Disconnects rows: a key or several. Those that are not connected are passed over. If the rows require the relation, the query fails
    /// (P2014).
    pub fn disconnect(self, rows: impl IntoIterator<Item = Unique<Rel::To>>) -> Change<Rel> {
        Change::new(rows.into_iter().map(|row| Nested::Disconnect(row.into_condition())).collect())
    }

    /// Connects these rows and disconnects all others. If the others require the relation, the query fails (P2014).
    ///
    /// ```
    /// # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/docs/db/nicol.rs")); }
    /// # use db::{Client, User, session, user};
    /// # use nicol::Error;
    /// async fn keep(db: &Client, user_id: &str, sessions: &[&str]) -> Result<User, Error> {
    ///     let sessions = sessions.iter().map(|id| session::by_id(*id));
    ///     db.user().update(user::by_id(user_id)).with(user::sessions.set(sessions)).await
    /// }
    /// # fn main() {}
    /// ```
    pub fn set(self, rows: impl IntoIterator<Item = Unique<Rel::To>>) -> Change<Rel> {
        Change::new(vec![Nested::Set(rows.into_iter().map(Into::into).collect())])
    }

    /// Updates a connected row. If it is not connected, the query fails (P2025).
    ///
    /// ```
    /// # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/docs/db/nicol.rs")); }
    /// # use db::{Client, User, session, user};
    /// # use nicol::{Error, increment, types::DateTime};
    /// async fn prolong(db: &Client, user_id: &str, session_id: &str, until: DateTime) -> Result<User, Error> {
    ///     let session = user::sessions.update(session::by_id(session_id), |session| session.expires(until));
    ///     db.user().update(user::by_id(user_id)).visits(increment(1)).with(session).await
    /// }
    /// # fn main() {}
    /// ```
    pub fn update(
        self,
        row: Unique<Rel::To>,
        change: impl FnOnce(Setter<Rel>) -> Setter<Rel>,
    ) -> Change<Rel> {
        update(row.into_condition(), changes::<Rel>(change))
    }

    /// Updates all connected rows, or those of a [`filter`](ChangeMany::filter).
    ///
    /// ```
    /// # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/docs/db/nicol.rs")); }
    /// # use db::{Client, User, session, user};
    /// # use nicol::{Error, types::DateTime};
    /// async fn sign_out(db: &Client, user_id: &str, now: DateTime) -> Result<User, Error> {
    ///     let open = user::sessions.update_many(|session| session.expires(now)).filter(session::expires.gt(now));
    ///     db.user().update(user::by_id(user_id)).with(open).await
    /// }
    /// # fn main() {}
    /// ```
    pub fn update_many(
        self,
        change: impl FnOnce(Setter<Rel, ManyChanges>) -> Setter<Rel, ManyChanges>,
    ) -> ChangeMany<Rel> {
        let changes = ManyChanges(Changes::new(Rel::To::meta()));
        ChangeMany::new(vec![Nested::UpdateMany(
            Condition::TRUE,
            change(Setters::new(changes)).into_inner().0,
        )])
    }

    /// Updates a connected row, or creates one and connects it. With [`same`](crate::same) for the changes, the connected row takes over what the
    /// new one sets.
    pub fn upsert(
        self,
        row: Unique<Rel::To>,
        create: impl Into<Rel::Child>,
        change: impl FnOnce(Setter<Rel, Existing>) -> Setter<Rel, Existing>,
    ) -> Change<Rel> {
        let key: Vec<u16> = row.columns().collect();
        upsert::<Rel>(row.into_condition(), &key, create.into().into(), change)
    }

    /// Deletes connected rows: a key or several. If one is not connected, the query fails (P2017).
    pub fn delete(self, rows: impl IntoIterator<Item = Unique<Rel::To>>) -> Change<Rel> {
        Change::new(rows.into_iter().map(|row| Nested::Delete(row.into_condition())).collect())
    }

    /// Deletes all connected rows, or those of a [`filter`](ChangeMany::filter).
    pub fn delete_many(self) -> ChangeMany<Rel> {
        ChangeMany::new(vec![Nested::DeleteMany(Condition::TRUE)])
    }
}

fn upsert<Rel: Relation>(
    filter: Condition,
    key: &[u16],
    create: Create,
    change: impl FnOnce(Setter<Rel, Existing>) -> Setter<Rel, Existing>,
) -> Change<Rel> {
    let existing = change(Setters::new(Existing::new(Rel::To::meta()))).into_inner();
    let update = existing.into_changes(&create, key);
    Change::new(vec![Nested::Upsert(Box::new(NestedUpsert { filter, create, update }))])
}

/// Nested writes of a relation to at most one row.
impl<Rel: Relation<Cardinality = C>, C: ToOne> Related<Rel, C> {
    /// Creates the row and connects it.
    ///
    /// ```
    /// # mod db { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/docs/db/nicol.rs")); }
    /// # use db::{Client, Session, session, user};
    /// # use nicol::{Error, types::DateTime};
    /// async fn register(db: &Client, email: &str, token: &str, expires: DateTime) -> Result<Session, Error> {
    ///     let user = session::user.create(user::New { email: email.into() });
    ///     db.session().create(session::NewInUser { token: token.into(), expires }).with(user).await
    /// }
    /// # fn main() {}
    /// ```
    pub fn create(self, row: impl Into<Rel::Child>) -> Attach<Rel> {
        Attach::new(vec![Nested::Create(row.into().into())])
    }

    /// Connects a row that exists. If it is missing, the query fails (P2025).
    pub fn connect(self, row: Unique<Rel::To>) -> Attach<Rel> {
        Attach::new(vec![Nested::Connect(row.into())])
    }

    /// Connects a row, and creates it if it does not exist.
    pub fn connect_or_create(self, row: Unique<Rel::To>, create: impl Into<Rel::Child>) -> Attach<Rel> {
        Attach::new(vec![Nested::ConnectOrCreate(row.into(), create.into().into())])
    }

    /// Updates the connected row. If there is none, the query fails (P2025).
    pub fn update(self, change: impl FnOnce(Setter<Rel>) -> Setter<Rel>) -> Change<Rel> {
        update(Condition::TRUE, changes::<Rel>(change))
    }

    /// Updates the connected row, or creates one and connects it. With [`same`](crate::same) for the changes, the connected row takes over what the
    /// new one sets.
    pub fn upsert(
        self,
        create: impl Into<Rel::Child>,
        change: impl FnOnce(Setter<Rel, Existing>) -> Setter<Rel, Existing>,
    ) -> Change<Rel> {
        upsert::<Rel>(Condition::TRUE, &[], create.into().into(), change)
    }

    /// Disconnects the connected row, if there is one. If that row requires the relation, the query fails (P2014).
    pub fn disconnect(self) -> Change<Rel>
    where
        C: CanBeEmpty,
    {
        Change::new(vec![Nested::Disconnect(Condition::TRUE)])
    }

    /// Deletes the connected row. If there is none, the query fails (P2025).
    pub fn delete(self) -> Change<Rel>
    where
        C: CanBeEmpty,
    {
        Change::new(vec![Nested::Delete(Condition::TRUE)])
    }
}

impl<Rel: Relation<Cardinality: ToOne>> Change<Rel> {
    /// Writes the connected row only if it matches. A second filter is combined with `AND`.
    ///
    /// Otherwise the row counts as not connected: `update` and `delete` fail (P2025), `upsert` creates another row, and `disconnect` does
    /// nothing.
    pub fn filter(mut self, filter: impl Into<Filter<Rel::To>>) -> Self {
        restrict(&mut self.writes, &filter.into().into_condition());
        self
    }
}

impl<Rel: Relation> ChangeMany<Rel> {
    /// Restricts the write to connected rows that match. A second filter is combined with `AND`.
    pub fn filter(mut self, filter: impl Into<Filter<Rel::To>>) -> Self {
        restrict(&mut self.writes, &filter.into().into_condition());
        self
    }
}

fn restrict(writes: &mut [Nested], filter: &Condition) {
    for write in writes {
        let condition = match write {
            Nested::Update(condition, _)
            | Nested::UpdateMany(condition, _)
            | Nested::Delete(condition)
            | Nested::DeleteMany(condition)
            | Nested::Disconnect(condition) => condition,
            Nested::Upsert(upsert) => &mut upsert.filter,
            _ => continue,
        };
        *condition = std::mem::replace(condition, Condition::TRUE).and(filter.clone());
    }
}
