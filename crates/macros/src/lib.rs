//! The macros of `nicol`: [`macro@Select`] for columns of a model, [`macro@FromRow`] for rows of an SQL query, and [`sql!`] for the query. Use
//! them through `nicol`.

mod sql;

use proc_macro::TokenStream;
use proc_macro2::TokenStream as Tokens;
use quote::quote;
use syn::{Data, DeriveInput, Error, Field, Fields, Path, parse_macro_input};

/// Implements `Select` for a struct, so that `select_as` reads only its fields.
///
/// `#[select(…)]` names the generated module of the model. The fields of the struct must have the names and types of fields of the model.
/// The struct must implement `Debug`.
///
/// ```ignore
/// #[derive(Debug, nicol::Select)]
/// #[select(db::user)]
/// struct Card {
///     id: String,
///     email: String,
/// }
///
/// let cards: Vec<Card> = db.user().find_many().select_as::<Card>().await?;
/// ```
#[proc_macro_derive(Select, attributes(select))]
pub fn select(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    expand_select(&input).unwrap_or_else(Error::into_compile_error).into()
}

/// Implements `FromRow` for a struct: each field is read from the column with its name.
///
/// ```ignore
/// #[derive(nicol::FromRow)]
/// struct Count {
///     email: String,
///     sessions: i64,
/// }
///
/// let counts = db.query_as::<Count>("select …", nicol::params![]).await?;
/// ```
#[proc_macro_derive(FromRow)]
pub fn from_row(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    expand_from_row(&input).unwrap_or_else(Error::into_compile_error).into()
}

/// Makes an `Sql` of a text with values in braces. Every value is bound as a parameter.
///
/// The braces contain a name of the scope or another expression. As with `format!`, `{}` stands for an argument behind the text, and `{name}`
/// for the argument `name = value` if there is one. For a brace in the SQL text, write `{{` or `}}`.
///
/// | in braces | in the text |
/// |---|---|
/// | a value, an `Option` of one, a list | a parameter; a list is an array, for `= any({ids})` |
/// | an `Sql`, an `Option` of one | its text; nothing for `None` |
/// | a field, such as `{user::email}` | its column, quoted |
/// | a table: `{db.user()}`, or `{table::<User>()}` | its table, qualified with its PostgreSQL schema and quoted |
/// | `Ident(name)` | the name, quoted |
///
/// A value is evaluated once and not moved. A name that comes twice is one parameter. If PostgreSQL infers two types for it, add a cast.
///
/// ```ignore
/// let active = only_active.then(|| sql!("and active = {}", true));
/// let users = db.query_raw::<(String, i64)>(sql!("select name, visits from {db.user()} where {user::email} = {email} {active}")).await?;
/// ```
#[proc_macro]
pub fn sql(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as sql::Input);
    sql::expand(input).unwrap_or_else(Error::into_compile_error).into()
}

fn expand_select(input: &DeriveInput) -> Result<Tokens, Error> {
    let module: Path = input
        .attrs
        .iter()
        .find(|attribute| attribute.path().is_ident("select"))
        .ok_or_else(|| {
            Error::new_spanned(&input.ident, "missing the model to select from\nhelp: add `#[select(db::user)]` with the module of the model")
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
                // Checks that each field has the type of the model's field.
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
            other => Err(Error::new_spanned(
                other,
                "unnamed fields cannot be matched to columns\nhelp: give the fields the names of the columns",
            )),
        },
        _ => Err(Error::new_spanned(&input.ident, "only structs with named fields can be derived")),
    }
}
