//! Creating rows: `New`, `NewIn…`, and setters for everything else.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;

use super::{doc, places};
use crate::plan::{Child, Column, ModelPlan, NewIn, Relation};

pub(super) fn emit(model: &ModelPlan) -> TokenStream {
    let (name, row) = (&model.name, &model.row);
    let columns = (0u16..).zip(&model.columns);
    let required: Vec<u16> =
        columns.filter(|(_, column)| column.is_required()).map(|(index, _)| index).collect();
    let new_comment = format!("The required values of a new `{name}`.");
    let new = new(model, &Ident::new("New", proc_macro2::Span::call_site()), &required, &new_comment);
    let children =
        model.relations.iter().filter_map(|relation| Some(child(model, relation, relation.child.as_ref()?)));
    let by_relations = model.new_by_relations.as_ref().map(|new| by_relations(model, new));
    let optional = (0u16..).zip(&model.columns).filter(|(_, column)| !column.is_required());
    let setters = optional.map(|(index, column)| setter(model, &Literal::u16_unsuffixed(index), column));
    let setters: Vec<_> = setters.collect();
    let setters = (!setters.is_empty())
        .then(|| quote!(impl<_Q: ::nicol::__private::CreateTarget> CreateWith<_Q> { #(#setters)* }));
    quote! {
        #new
        ::nicol::__private::impl_new!(#row);

        #(#children)*

        #by_relations

        /// Creates rows, with a setter for each value.
        #[derive(Debug, Clone)]
        #[must_use]
        pub struct CreateWith<_Q>(_Q);

        /// A row to create.
        pub type Create = CreateWith<::nicol::__private::Create>;

        ::nicol::__private::impl_create!(#row);

        #setters
    }
}

/// Emits a model for which the client cannot create rows.
pub(super) fn emit_none() -> TokenStream {
    quote! {
        /// Rows cannot be created: this is a view, or a required column is unknown to the client.
        pub type CreateWith<_Q> = ::nicol::__private::ReadOnly<_Q>;
    }
}

/// Emits the struct `New` or a variant of it.
fn new(model: &ModelPlan, ident: &Ident, indexes: &[u16], comment: &str) -> TokenStream {
    let own = || indexes.iter().map(|&column| &model.columns[usize::from(column)]);
    let fields = own().map(|column| {
        let comment = doc(column.documentation.as_deref(), &format!("`{}`", column.field));
        let (ident, ty) = (&column.ident, column.field_type(model.hidden));
        quote!(#comment pub #ident: #ty)
    });
    let columns = places(indexes);
    let names: Vec<_> = own().map(|column| &column.ident).collect();
    let comment = doc(None, comment);
    let parameter = if columns.is_empty() { quote!(_) } else { quote!(new) };
    quote! {
        #comment
        #[derive(Debug, Clone, PartialEq)]
        pub struct #ident {
            #(#fields,)*
        }

        impl ::core::convert::From<#ident> for ::nicol::__private::Create {
            fn from(#parameter: #ident) -> Self {
                Self::new(&META) #(.with(#columns, new.#names))*
            }
        }
    }
}

/// Emits a row that is created below a parent.
fn child(model: &ModelPlan, relation: &Relation, child: &Child) -> TokenStream {
    let (name, field, row, marker) = (&model.name, &relation.field, &model.row, &relation.marker);
    let Child { create_in, create_in_function, .. } = child;
    let alias_comment = format!(" A row to create below a parent, through `{name}.{field}`.");
    let alias = quote! {
        #[doc = #alias_comment]
        pub type #create_in = CreateWith<::nicol::__private::CreateIn<#marker>>;
    };
    let Some(new_in) = &child.new_in else {
        return quote! {
            #alias

            /// Returns a row to create below a parent, with setters for the values that are not in [`New`].
            pub fn #create_in_function(new: New) -> #create_in {
                new.into()
            }

            ::nicol::__private::impl_child!(#marker: New Create);
        };
    };
    let ident = &new_in.ident;
    let struct_comment = format!("[`New`] without the key of `{name}.{field}`.");
    let new = new(model, ident, &new_in.columns, &struct_comment);
    let function_comment = format!(
        " Returns a row to create below a parent, with setters for the values that are not in [`{ident}`]."
    );
    quote! {
        #new
        #alias

        #[doc = #function_comment]
        pub fn #create_in_function(new: #ident) -> #create_in {
            new.into()
        }

        ::nicol::__private::impl_new_in!(#row, #ident, #marker);
    }
}

/// Emits a row that is completed by its required relations.
fn by_relations(model: &ModelPlan, NewIn { ident, columns }: &NewIn) -> TokenStream {
    let row = &model.row;
    let comment = "[`New`] without the keys of the required relations, which `.with(…)` gives.";
    let new = new(model, ident, columns, comment);
    let markers = model.relations.iter().filter(|relation| relation.is_required_to_create());
    let markers = markers.map(|relation| &relation.marker);
    quote! {
        #new
        ::nicol::__private::impl_new_by_relations!(#row, #ident: #(#markers)*);
    }
}

fn setter(model: &ModelPlan, index: &Literal, column: &Column) -> TokenStream {
    let (setter, ty) = (&column.setter, column.field_type(model.hidden));
    let comment = format!(" Sets `{}`.", column.field);
    quote! {
        #[doc = #comment]
        pub fn #setter(self, value: impl ::nicol::IntoInitial<#ty>) -> Self {
            Self(self.0.with_value(#index, value.into_initial()))
        }
    }
}
