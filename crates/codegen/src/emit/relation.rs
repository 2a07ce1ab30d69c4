//! Relations: the types that stand for them, and rows with what was loaded.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::doc;
use crate::plan::{Cardinality, Client, ModelPlan};

pub(super) fn emit(client: &Client, model: &ModelPlan) -> TokenStream {
    let (name, row) = (&model.name, &model.row);
    let markers = (0..).map(Literal::u16_unsuffixed).zip(&model.relations).map(|(index, relation)| {
        let comment =
            doc(relation.documentation.as_deref(), &format!("Relation `{name}.{}`.", relation.field));
        let marker = &relation.marker;
        let target = &client.models[relation.target].module;
        let cardinality = match relation.cardinality {
            Cardinality::One => quote!(One),
            Cardinality::Optional => quote!(Optional),
            Cardinality::Many => quote!(Many),
        };
        quote! {
            #comment
            #[derive(Debug)]
            pub enum #marker {}

            impl ::nicol::Relation for #marker {
                type From = #row;
                type To = super::super::#target::Row;
                type Cardinality = ::nicol::relation::#cardinality;
                const INDEX: u16 = #index;
            }
        }
    });
    let accessors = model.relations.iter().map(|relation| {
        let (accessor, marker) = (&relation.accessor, &relation.marker);
        let rows = if relation.cardinality == Cardinality::Many { "rows" } else { "row" };
        let comment = format!(" The {rows} of `{name}.{}`.", relation.field);
        let count = relation.count_accessor.as_ref().map(|count| {
            let comment = format!(" How many rows `{name}.{}` has.", relation.field);
            quote! {
                #[doc = #comment]
                pub fn #count<I>(&self) -> i64
                where
                    R: ::nicol::Has<::nicol::relation::Count<#marker>, I, Value = i64>,
                {
                    *self.loaded.loaded()
                }
            }
        });
        quote! {
            #[doc = #comment]
            pub fn #accessor<I, V>(&self) -> &V
            where
                R: ::nicol::Has<#marker, I, Value = V>,
            {
                self.loaded.loaded()
            }

            #count
        }
    });
    let methods = (!model.relations.is_empty()).then(|| quote!(impl<R> With<R> { #(#accessors)* }));
    let comment = format!(" A row with the relations that a query loaded; it has the fields of [`{row}`].");
    quote! {
        #(#markers)*

        #[doc = #comment]
        #[derive(Debug, Clone)]
        pub struct With<R> {
            row: #row,
            loaded: R,
        }

        #methods
    }
}
