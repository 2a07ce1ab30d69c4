//! Creating rows: `New`, `NewIn…`, and setters for everything else.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;

use super::{doc, places};
use crate::plan::{Cardinality, Child, Client, Column, ModelPlan, Relation};

pub(super) fn emit(client: &Client, model: &ModelPlan) -> TokenStream {
    let (name, row) = (&model.name, &model.row);
    let columns = (0u16..).zip(&model.columns);
    let required: Vec<u16> =
        columns.filter(|(_, column)| column.is_required()).map(|(index, _)| index).collect();
    let new_comment = format!("The required values of a new `{name}`.");
    let new = new(model, &Ident::new("New", proc_macro2::Span::call_site()), &required, &new_comment);
    let children = model
        .relations
        .iter()
        .filter_map(|relation| Some(child(client, model, relation, relation.child.as_ref()?)));
    let optional = (0u16..).zip(&model.columns).filter(|(_, column)| !column.is_required());
    let columns = optional.map(|(index, column)| setter(model, &Literal::u16_unsuffixed(index), column));
    let relations = (0..)
        .zip(&model.relations)
        .map(|(index, relation)| relation_setters(client, &Literal::u16_unsuffixed(index), relation));
    let setters: Vec<_> = columns.chain(relations).filter(|setter| !setter.is_empty()).collect();
    let setters = (!setters.is_empty())
        .then(|| quote!(impl<_Q: ::nicol::__private::CreateTarget> CreateWith<_Q> { #(#setters)* }));
    quote! {
        #new
        ::nicol::__private::impl_new!(#row);

        #(#children)*

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
fn child(client: &Client, model: &ModelPlan, relation: &Relation, child: &Child) -> TokenStream {
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

            ::nicol::__private::impl_child!(New, #marker);
        };
    };
    let ident = &new_in.ident;
    let struct_comment = format!("[`New`] without the key of `{name}.{field}`.");
    let new = new(model, ident, &new_in.columns, &struct_comment);
    let function_comment = format!(
        " Returns a row to create below a parent, with setters for the values that are not in [`{ident}`]."
    );
    let connect = child.connect.as_ref().map(|connect| {
        let parent = &client.models[relation.target];
        let (module, comment) = (&parent.module, connect_comment(&parent.name));
        quote! {
            impl CreateWith<::nicol::__private::CreateInQuery<#row, #marker>> {
                #[doc = #comment]
                pub fn #connect(
                    self,
                    unique: ::nicol::Unique<super::super::#module::Row>,
                ) -> CreateWith<::nicol::builder::CreateQuery<#row>> {
                    CreateWith(self.0.connect(unique))
                }
            }
        }
    });
    quote! {
        #new
        #alias

        #[doc = #function_comment]
        pub fn #create_in_function(new: #ident) -> #create_in {
            new.into()
        }

        ::nicol::__private::impl_new_in!(#row, #ident, #marker);

        #connect
    }
}

fn connect_comment(parent: &str) -> String {
    format!(" Connects it to an existing `{parent}`. It is an error if there is none (P2025).")
}

fn setter(model: &ModelPlan, index: &Literal, column: &Column) -> TokenStream {
    let (setter, ty) = (&column.setter, column.field_type(model.hidden));
    let comment = format!(" Sets `{}`.", column.field);
    quote! {
        #[doc = #comment]
        pub fn #setter(self, value: impl ::nicol::IntoField<#ty>) -> Self {
            Self(self.0.with_value(#index, value.into_field()))
        }
    }
}

fn relation_setters(client: &Client, index: &Literal, relation: &Relation) -> TokenStream {
    let target = &client.models[relation.target];
    let module = &target.module;
    // With `NewIn…`, a query waits for the connection.
    let child = relation.child.as_ref().filter(|child| child.new_in.is_none());
    let connect = child.and_then(|child| child.connect.as_ref()).map(|connect| {
        let comment = connect_comment(&target.name);
        quote! {
            #[doc = #comment]
            pub fn #connect(self, unique: ::nicol::Unique<super::super::#module::Row>) -> Self {
                Self(self.0.with_connect(#index, unique))
            }
        }
    });
    let children = relation.children.as_ref().map(|children| {
        let (setter, create_in) = (&children.ident, &children.create_in);
        let child = quote!(super::super::#module::#create_in);
        if relation.cardinality == Cardinality::Many {
            let comment = format!(" Also creates rows of `{}`.", relation.field);
            quote! {
                #[doc = #comment]
                pub fn #setter(self, rows: impl ::nicol::IntoChildren<#child>) -> Self {
                    Self(self.0.with_children(#index, rows.into_children()))
                }
            }
        } else {
            let comment = format!(" Also creates a row of `{}`.", relation.field);
            quote! {
                #[doc = #comment]
                pub fn #setter(self, row: impl ::core::convert::Into<#child>) -> Self {
                    Self(self.0.with_children(#index, ::core::iter::once(row.into())))
                }
            }
        }
    });
    quote!(#connect #children)
}
