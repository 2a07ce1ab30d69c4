//! The statements of TypedSQL.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::{Module, allow_spelling, doc, rust_type, vec};
use crate::plan::{
    Client, Hidden, StatementBase, StatementColumn, StatementParam, StatementPlan, StatementType,
};

pub(super) fn emit(client: &Client) -> Module {
    let functions = client.statements.iter().map(function);
    let rows = client.statements.iter().filter(|statement| !statement.columns.is_empty()).map(row);
    Module {
        name: client.statements_module.clone(),
        is_public: true,
        attributes: allow_spelling(client.statements.iter().map(|statement| statement.spelling)),
        documentation: "The statements of TypedSQL.".to_owned(),
        items: quote! {
            /// The statements of TypedSQL, each a method: `db.sql()`.
            #[derive(Debug, Clone)]
            pub struct Statements(::nicol::Client);

            impl Statements {
                pub(super) fn new(client: &::nicol::Client) -> Self {
                    Self(client.clone())
                }

                #(#functions)*
            }

            #(#rows)*
        },
    }
}

fn function(statement: &StatementPlan) -> TokenStream {
    let StatementPlan { name, sql, function, row, params, hidden, .. } = statement;
    let mut documentation =
        statement.description.clone().unwrap_or_else(|| format!("Runs the statement `{name}`."));
    let described = params.iter().filter_map(|StatementParam { ident, description, .. }| {
        Some(format!("- `{}`: {}", ident.to_string().trim_start_matches("r#"), description.as_ref()?))
    });
    let described: Vec<String> = described.collect();
    if !described.is_empty() {
        documentation = format!("{documentation}\n\n{}", described.join("\n"));
    }
    let documentation = doc(Some(&documentation), "");
    let idents: Vec<_> = params.iter().map(|param| &param.ident).collect();
    let types: Vec<_> = params.iter().map(|param| type_of(&param.ty, *hidden)).collect();
    let values = quote!(::std::vec![#(::nicol::IntoField::<#types>::into_field(#idents)),*]);
    let parameters = quote!(&self, #(#idents: impl ::nicol::IntoField<#types>),*);
    if statement.columns.is_empty() {
        return quote! {
            #documentation
            pub fn #function(#parameters) -> ::nicol::builder::RawStatement {
                self.0.execute(#sql, #values)
            }
        };
    }
    quote! {
        #documentation
        pub fn #function(#parameters) -> ::nicol::builder::RawQuery<#row> {
            self.0.query_as(#sql, #values)
        }
    }
}

fn row(statement: &StatementPlan) -> TokenStream {
    let StatementPlan { name, row, columns, hidden, .. } = statement;
    let comment = format!(" A row of the statement `{name}`.");
    let idents: Vec<_> = columns.iter().map(|column| &column.ident).collect();
    let names: Vec<_> = columns.iter().map(|StatementColumn { name, .. }| name).collect();
    let comments = names.iter().map(|name| format!(" `{name}`"));
    let types = columns.iter().map(|column| type_of(&column.ty, *hidden));
    let places = (0..columns.len()).map(Literal::usize_unsuffixed);
    quote! {
        #[doc = #comment]
        #[derive(Debug, Clone, PartialEq)]
        pub struct #row {
            #(#[doc = #comments] pub #idents: #types,)*
        }

        ::nicol::__private::impl_statement!(#row { #(#places #idents #names),* });
    }
}

fn type_of(ty: &StatementType, hidden: Hidden) -> TokenStream {
    let value = match &ty.base {
        StatementBase::Enum(name) => quote!(super::#name),
        StatementBase::Builtin(rust) => rust_type(*rust, hidden),
    };
    let value = if ty.is_list { vec(&value, hidden) } else { value };
    match (ty.is_nullable, hidden.option) {
        (false, _) => value,
        (true, true) => quote!(::core::option::Option<#value>),
        (true, false) => quote!(Option<#value>),
    }
}
