//! The derives of the client: [`macro@Select`] for columns of a model, [`macro@FromRow`] for rows of an SQL query.

use proc_macro::TokenStream;
use proc_macro2::TokenStream as Tokens;
use quote::quote;
use syn::{Data, DeriveInput, Error, Field, Fields, Path, parse_macro_input};

/// Makes a struct a selection of fields of a model. `#[select(person)]` names the model's module; the struct's fields have
/// the names and types of the model's.
///
/// ```ignore
/// #[derive(Debug, nicol::Select)]
/// #[select(db::person)]
/// struct Card {
///     id: String,
///     email: String,
/// }
/// ```
#[proc_macro_derive(Select, attributes(select))]
pub fn select(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    expand_select(&input).unwrap_or_else(Error::into_compile_error).into()
}

/// Reads a struct from a row of an SQL query, by the names of its columns.
#[proc_macro_derive(FromRow)]
pub fn from_row(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    expand_from_row(&input).unwrap_or_else(Error::into_compile_error).into()
}

fn expand_select(input: &DeriveInput) -> Result<Tokens, Error> {
    let module: Path = input
        .attrs
        .iter()
        .find(|attribute| attribute.path().is_ident("select"))
        .ok_or_else(|| {
            Error::new_spanned(&input.ident, "say which model it selects from: `#[select(db::person)]`")
        })?
        .parse_args()?;
    let name = &input.ident;
    let fields = named_fields(input)?;
    let names: Vec<_> = fields.iter().map(|field| &field.ident).collect();
    let types: Vec<_> = fields.iter().map(|field| &field.ty).collect();
    Ok(quote! {
        impl ::nicol::__private::FromRecord for #name {
            fn from_record(
                cells: &mut ::nicol::__private::Cells<'_>,
            ) -> ::core::result::Result<Self, ::nicol::__private::DecodeError> {
                ::core::result::Result::Ok(Self { #(#names: cells.take::<#types>()?),* })
            }
        }

        impl ::nicol::Select for #name {
            type Model = #module::Row;

            fn columns() -> ::std::vec::Vec<u16> {
                // The types say that each field has the type of the model's.
                #(let #names: ::nicol::Field<#module::Row, #types> = #module::#names;)*
                ::std::vec![#(#names.column()),*]
            }
        }
    })
}

fn expand_from_row(input: &DeriveInput) -> Result<Tokens, Error> {
    let name = &input.ident;
    let fields = named_fields(input)?;
    let names: Vec<_> = fields.iter().map(|field| &field.ident).collect();
    let columns = fields.iter().map(|field| {
        let name = field.ident.as_ref().expect("the fields have names").to_string();
        name.trim_start_matches("r#").to_owned()
    });
    Ok(quote! {
        impl ::nicol::FromRow for #name {
            fn from_row(row: ::nicol::Row<'_>) -> ::core::result::Result<Self, ::nicol::Error> {
                ::core::result::Result::Ok(Self { #(#names: row.get(#columns)?),* })
            }
        }
    })
}

fn named_fields(input: &DeriveInput) -> Result<Vec<&Field>, Error> {
    match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => Ok(fields.named.iter().collect()),
            other => Err(Error::new_spanned(other, "the fields need names, by which the columns are found")),
        },
        _ => Err(Error::new_spanned(&input.ident, "only a struct can hold a row")),
    }
}
