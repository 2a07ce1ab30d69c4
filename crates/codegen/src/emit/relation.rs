//! Relations: their marker types, and rows with loaded relations.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::doc;
use crate::plan::{Cardinality, Client, ModelPlan, Relation};

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
        let child = match &relation.created {
            Some(created) => quote!(super::super::#target::#created),
            None => quote!(::nicol::__private::NoChild),
        };
        quote! {
            #comment
            #[derive(Debug)]
            pub enum #marker {}

            impl ::nicol::Relation for #marker {
                type From = #row;
                type To = super::super::#target::Row;
                type Cardinality = ::nicol::__private::#cardinality;
                type Child = #child;
                const INDEX: u16 = #index;
            }
        }
    });
    let methods = model.relations.iter().map(|relation| {
        let Relation { marker, accessor, into_accessor, .. } = relation;
        let field = format!("{name}.{}", relation.field);
        let (take, count) = (relation.take_accessor.iter(), relation.count_accessor.iter());
        quote!(::nicol::__private::impl_relation!(#row, #marker, #field, #accessor, #into_accessor #(, #take)* #(, #count)*);)
    });
    let comment = format!(" A row with loaded relations. It dereferences to [`{row}`].");
    quote! {
        #(#markers)*

        #[doc = #comment]
        #[derive(Debug, Clone)]
        pub struct With<_R> {
            row: #row,
            loaded: _R,
        }

        #(#methods)*
    }
}
