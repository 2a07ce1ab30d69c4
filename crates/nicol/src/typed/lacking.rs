//! New rows that lack the keys of several required relations: nested writes give them, in any order.

use std::fmt;
use std::marker::PhantomData;

use super::loaded::{Here, Nil, There};
use super::nested::{Connected, NestIn, NestedWrite, Owner};
use super::setters::CreateTarget;
use crate::query::Create;

/// A row to create, or the query that creates it, without the keys of the relations in the list `L`.
#[derive(Clone)]
#[must_use = "say which rows it belongs to: `.with(….connect(…))`"]
pub struct Lacking<Q, L> {
    row: Q,
    list: PhantomData<fn() -> L>,
}

impl<Q: fmt::Debug, L> fmt::Debug for Lacking<Q, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.row.fmt(f)
    }
}

impl<Q, L> Lacking<Q, L> {
    /// Wraps a row or a query.
    pub fn new(row: Q) -> Self {
        Self { row, list: PhantomData }
    }

    /// Returns the row or the query.
    pub fn into_inner(self) -> Q {
        self.row
    }
}

impl<Q: CreateTarget, L> CreateTarget for Lacking<Q, L> {
    fn create_mut(&mut self) -> &mut Create {
        self.row.create_mut()
    }
}

/// A list of relations whose keys are missing: `Rel` and `More`. [`Nil`] is its end.
#[derive(Debug)]
pub struct Needs<Rel, More>(PhantomData<fn() -> (Rel, More)>);

/// Lists of relations.
pub trait NeedsList {
    /// A row or a query `Q` that lacks them: `Q` itself, if the list is empty.
    type Of<Q>;

    /// Returns the row or the query.
    fn lacking<Q>(row: Q) -> Self::Of<Q>;
}

impl NeedsList for Nil {
    type Of<Q> = Q;

    fn lacking<Q>(row: Q) -> Q {
        row
    }
}

impl<Rel, More> NeedsList for Needs<Rel, More> {
    type Of<Q> = Lacking<Q, Self>;

    fn lacking<Q>(row: Q) -> Lacking<Q, Self> {
        Lacking::new(row)
    }
}

// Says which relation is missing, not which list.
impl<'a, Rel: Connected<'a>, More> Connected<'a> for Needs<Rel, More> {}

/// Lists that contain `Rel`. The compiler infers `Index`.
#[diagnostic::on_unimplemented(
    message = "say first which rows it belongs to, each of them once: `{Rel}` is none of the relations whose keys this row lacks",
    label = "none of the relations whose keys this row lacks",
    note = "`NewByRelations` lacks the keys of all required relations; the first calls of `.with(…)` create or connect these rows"
)]
pub trait Without<Rel, Index> {
    /// The list without `Rel`.
    type Rest: NeedsList;
}

impl<Rel, More: NeedsList> Without<Rel, Here> for Needs<Rel, More> {
    type Rest = More;
}

impl<Rel, Other, More: Without<Rel, Index>, Index> Without<Rel, There<Index>> for Needs<Other, More> {
    type Rest = Needs<Other, More::Rest>;
}

impl<W, Q, L, Index> NestIn<Lacking<Q, L>, Index> for W
where
    W: NestedWrite + Owner<<W as NestedWrite>::Relation> + NestIn<Q>,
    L: Without<<W as NestedWrite>::Relation, Index>,
{
    type Output = <L::Rest as NeedsList>::Of<<W as NestIn<Q>>::Output>;

    fn nest_in(self, lacking: Lacking<Q, L>) -> Self::Output {
        L::Rest::lacking(self.nest_in(lacking.row))
    }
}
