//! The metadata of a model for the runtime.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::places;
use crate::names::ident;
use crate::plan::{Cardinality, Client, Column, ColumnType, Join, ModelPlan, Relation};
use crate::types::Filler;

pub(super) fn emit(client: &Client, model: &ModelPlan) -> TokenStream {
    let ModelPlan { name, table, .. } = model;
    let key = places(&model.key);
    let schema = optional(model.schema.as_deref());
    let columns = model.columns.iter().map(column);
    let uniques = model.uniques.iter().map(|unique| {
        let (constraint, columns) = (&unique.constraint, places(&unique.columns));
        quote!(UniqueMeta::new(#constraint, &[#(#columns),*]))
    });
    let relations = model.relations.iter().map(|item| relation(client, item));
    let has = |condition: bool, tokens: TokenStream| condition.then_some(tokens);
    let is_filled = |column: &Column| column.filler.is_some();
    let is_emulated = |relation: &Relation| relation.actions.is_some();
    let imports = [
        has(model.relations.iter().any(is_emulated), quote!(Action)),
        has(!model.columns.is_empty(), quote!(ColumnMeta, ColumnType)),
        has(model.columns.iter().any(is_filled), quote!(Default)),
        has(!model.relations.is_empty(), quote!(Join)),
        Some(quote!(ModelMeta)),
        has(!model.relations.is_empty(), quote!(RelationMeta)),
        has(!model.uniques.is_empty(), quote!(UniqueMeta)),
    ];
    let imports = imports.iter().flatten();
    quote! {
        pub(super) mod meta {
            use ::nicol::__private::{#(#imports),*};

            pub(in super::super) static META: ModelMeta = ModelMeta {
                name: #name,
                schema: #schema,
                table: #table,
                columns: &[#(#columns),*],
                key: &[#(#key),*],
                uniques: &[#(#uniques),*],
                relations: &[#(#relations),*],
            };
        }
    }
}

fn column(column: &Column) -> TokenStream {
    let (field, name) = (&column.field, &column.database_name);
    let ty = match &column.ty {
        ColumnType::Builtin { column, digits, .. } => {
            let variant = ident(column);
            let digits = digits.map(Literal::u8_unsuffixed).map(|digits| quote!((#digits)));
            quote!(ColumnType::#variant #digits)
        }
        ColumnType::Enum(name) => {
            quote!(ColumnType::Enum(<super::super::#name as ::nicol::DatabaseEnum>::META))
        }
    };
    let nullable = column.is_nullable.then(|| quote!(.nullable()));
    let list = column.is_list.then(|| quote!(.list()));
    let default = column.filler.map(|filler| match filler {
        Filler::Database => quote!(.default(Default::Database)),
        Filler::Client(variant) => {
            let variant = ident(variant);
            quote!(.default(Default::#variant))
        }
        Filler::Nanoid(length) => {
            let length = Literal::u8_unsuffixed(length);
            quote!(.default(Default::Nanoid(#length)))
        }
    });
    let updated_at = column.is_updated_at.then(|| quote!(.updated_at()));
    let omitted = column.is_omitted.then(|| quote!(.omitted()));
    quote!(ColumnMeta::new(#field, #name, #ty) #nullable #list #default #updated_at #omitted)
}

fn relation(client: &Client, relation: &Relation) -> TokenStream {
    let field = &relation.field;
    let target = &client.models[relation.target].module;
    let join = match &relation.join {
        Join::Columns { here, there, is_owned: true } => {
            let (here, there) = (places(here), places(there));
            quote!(Join::owned(&[#(#here),*], &[#(#there),*]))
        }
        Join::Columns { here, there, is_owned: false } => {
            let (here, there) = (places(here), places(there));
            quote!(Join::referenced(&[#(#here),*], &[#(#there),*]))
        }
        Join::Table { schema, table, here, there } => {
            let schema = optional(schema.as_deref());
            quote!(Join::Table { schema: #schema, table: #table, here: #here, there: #there })
        }
    };
    let many = (relation.cardinality == Cardinality::Many).then(|| quote!(.many()));
    let indexed = relation.is_indexed.then(|| quote!(.indexed()));
    let emulated = relation.actions.map(|(on_delete, on_update)| {
        // Both enums have the same variants.
        let [on_delete, on_update] = [on_delete, on_update].map(|action| ident(&format!("{action:?}")));
        quote!(.emulated(Action::#on_delete, Action::#on_update))
    });
    quote!(RelationMeta::new(#field, &super::super::#target::meta::META, #join) #many #indexed #emulated)
}

/// Emits `Some("…")` or `None`.
pub(super) fn optional(text: Option<&str>) -> TokenStream {
    match text {
        Some(text) => quote!(::core::option::Option::Some(#text)),
        None => quote!(::core::option::Option::None),
    }
}
