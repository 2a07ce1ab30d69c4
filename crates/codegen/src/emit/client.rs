//! The root module: the client, and the names of models and enums.

use proc_macro2::TokenStream;
use quote::quote;

use super::allow_spelling;
use crate::plan::{Client, ModelPlan};

pub(super) fn emit(client: &Client) -> TokenStream {
    let variables = std::iter::once(&client.variable).chain(&client.direct_variable);
    let enums = &client.enums_module;
    let enum_names = client.enums.iter().map(|item| &item.ident);
    let enum_exports = (!client.enums.is_empty()).then(|| quote!(pub use self::#enums::{#(#enum_names),*};));
    let exports =
        client.models.iter().map(|ModelPlan { module, row, .. }| quote!(pub use self::#module::#row;));
    let tables = client.models.iter().map(|ModelPlan { name, accessor, module, spelling, .. }| {
        let doc = format!(" Returns the table of `{name}`.");
        let allow = allow_spelling([*spelling]);
        quote! {
            #[doc = #doc]
            #allow
            pub fn #accessor(&self) -> ::nicol::Table<#module::Row> {
                ::nicol::Table::new(self.0.executor())
            }
        }
    });
    let statements = &client.statements_module;
    let statements = (!client.statements.is_empty()).then(|| {
        quote! {
            /// Returns the statements of TypedSQL.
            pub fn sql(&self) -> #statements::Statements {
                #statements::Statements::new(&self.0)
            }
        }
    });
    quote! {
        #(#exports)*
        #enum_exports

        /// The client for the database. It has the same type on a pool and in a transaction. Cloning is cheap.
        #[derive(Debug, Clone)]
        pub struct Client(::nicol::Client);

        ::nicol::__private::impl_client!(Client, #(#variables),*);

        impl Client {
            #(#tables)*
            #statements
        }
    }
}
