//! Takes the loaded relations of a row apart by name.

use std::marker::PhantomData;

use super::load::IntoInclude;
use super::loaded::{Here, Loaded, There};

/// Lists of loaded relations that contain `Key`, which can be taken out. The compiler infers `Index`.
#[diagnostic::on_unimplemented(
    message = "relation `{Key}` was not loaded by this query: add `.include(…)`",
    label = "relation `{Key}` was not loaded, or is taken twice",
    note = "a row has the relations that its query included, and no others"
)]
pub trait Take<Key, Index> {
    /// The type that holds the rows.
    type Value;
    /// The list without the relation.
    type Rest;

    /// Returns the rows, and the other relations.
    fn take(self) -> (Self::Value, Self::Rest);
}

impl<Key, V, Rest> Take<Key, Here> for Loaded<Key, V, Rest> {
    type Value = V;
    type Rest = Rest;

    fn take(self) -> (V, Rest) {
        (self.value, self.rest)
    }
}

impl<Key, Other, V, Rest: Take<Key, Index>, Index> Take<Key, There<Index>> for Loaded<Other, V, Rest> {
    type Value = Rest::Value;
    type Rest = Loaded<Other, V, Rest::Rest>;

    fn take(self) -> (Self::Value, Self::Rest) {
        let (taken, rest) = self.rest.take();
        (taken, Loaded { value: self.value, rest, relation: PhantomData })
    }
}

/// The relations to take out of a `List`: a tuple of up to six relations or counts, as in `include`.
pub trait Parts<List, Indexes> {
    /// The tuple of what holds their rows.
    type Values;

    /// Returns the rows.
    fn take_from(self, list: List) -> Self::Values;
}

impl<List> Parts<List, ()> for () {
    type Values = ();

    fn take_from(self, _: List) {}
}

macro_rules! parts_tuple {
    ($($key:ident $index:ident $value:ident $list:ident => $rest:ident),+) => {
        impl<L0, $($key: IntoInclude, $index, $value, $rest),+> Parts<L0, ($($index,)+)> for ($($key,)+)
        where
            $($list: Take<$key::Key, $index, Value = $value, Rest = $rest>,)+
        {
            type Values = ($($value,)+);

            #[allow(non_snake_case, reason = "a value has the name of its type")]
            fn take_from(self, list: L0) -> Self::Values {
                let rest = list;
                $(let ($value, rest) = rest.take();)+
                drop(rest);
                ($($value,)+)
            }
        }
    };
}

parts_tuple!(A IA VA L0 => L1);
parts_tuple!(A IA VA L0 => L1, B IB VB L1 => L2);
parts_tuple!(A IA VA L0 => L1, B IB VB L1 => L2, C IC VC L2 => L3);
parts_tuple!(A IA VA L0 => L1, B IB VB L1 => L2, C IC VC L2 => L3, D ID VD L3 => L4);
parts_tuple!(A IA VA L0 => L1, B IB VB L1 => L2, C IC VC L2 => L3, D ID VD L3 => L4, E IE VE L4 => L5);
parts_tuple!(
    A IA VA L0 => L1, B IB VB L1 => L2, C IC VC L2 => L3, D ID VD L3 => L4, E IE VE L4 => L5, F IF VF L5 => L6
);
