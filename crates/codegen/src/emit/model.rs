//! A model's module: handles, metadata, types.

use proc_macro2::TokenStream;
use quote::quote;

use super::{create, doc, handles, meta, places, relation, update};
use crate::plan::{Client, ModelPlan, Unique, Writes};

pub(super) fn emit(client: &Client, model: &ModelPlan) -> TokenStream {
    let handles = handles::emit(model);
    let meta = meta::emit(client, model);
    let row = row(client, model);
    let keys = model.uniques.iter().map(|unique| key(model, unique));
    let relations = relation::emit(client, model);
    let creates = match model.writes {
        Writes::All => create::emit(model),
        Writes::Update | Writes::Nothing => create::emit_none(),
    };
    let updates = match model.writes {
        Writes::All | Writes::Update => update::emit(model),
        Writes::Nothing => update::emit_none(),
    };
    quote! {
        pub use self::handles::*;
        pub use self::types::*;

        #handles
        #meta

        // Types are in a separate module, because a handle in scope is a pattern: a parameter with its name would not
        // be a variable.
        mod types {
            use super::meta::META;
            #row
            #(#keys)*
            #relations
            #creates
            #updates
        }
    }
}

fn row(client: &Client, model: &ModelPlan) -> TokenStream {
    let ModelPlan { row, table, .. } = model;
    let comment = doc(model.documentation.as_deref(), &format!("A row of `{table}`."));
    let columns = || model.columns.iter().filter(|column| !column.is_omitted);
    let fields: Vec<_> = columns().map(|column| &column.ident).collect();
    let struct_fields = columns().map(|column| {
        let comment = doc(column.documentation.as_deref(), &format!("`{}`", column.field));
        let (ident, ty) = (&column.ident, column.field_type(model.hidden));
        quote!(#comment pub #ident: #ty)
    });
    let deserialize =
        client.deserialize.then(|| quote!(::nicol::__private::impl_deserialize!(#row { #(#fields),* });));
    quote! {
        #comment
        #[derive(Debug, Clone, PartialEq)]
        pub struct #row {
            #(#struct_fields,)*
        }

        /// The struct for rows, which has this name in every model.
        pub type Row = #row;

        ::nicol::__private::impl_row!(#row { #(#fields),* });
        #deserialize
    }
}

/// Emits a function for a key: `by_email(…)`.
fn key(model: &ModelPlan, unique: &Unique) -> TokenStream {
    let Unique { columns, constructor, parameters, .. } = unique;
    let row = &model.row;
    let own = || unique.columns.iter().map(|&column| &model.columns[usize::from(column)]);
    let names: Vec<_> = own().map(|column| format!("`{}`", column.field)).collect();
    let comment = format!(" Selects the row with this {}.", names.join(" and "));
    let columns = places(columns);
    let types = own().map(|column| column.value_type(model.hidden));
    quote! {
        #[doc = #comment]
        pub fn #constructor(#(#parameters: impl ::nicol::IntoField<#types>),*) -> ::nicol::Unique<#row> {
            ::nicol::Unique::new(::std::vec![#((#columns, #parameters.into_field())),*])
        }
    }
}
