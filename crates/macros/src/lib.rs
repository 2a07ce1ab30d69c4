//! The macros of `nicol`: [`macro@Select`] for columns of a model, [`macro@FromRow`] for rows of an SQL query, and [`sql!`] for the query. Use
//! them through `nicol`.

mod sql;

use proc_macro::TokenStream;
use proc_macro2::TokenStream as Tokens;
use quote::{quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{Data, DeriveInput, Error, Field, Fields, Ident, Path, Token, parse_macro_input};

/// Implements `Select` for a struct, so that `select_as` reads only its fields.
///
/// `#[select(…)]` names the generated module of the model. The fields of the struct have the names and types of fields of the model. A
/// relation is held by a struct that selects from the other model, or by its row: directly if there is exactly one row, in an `Option` if it may
/// be absent, or in a `Vec`.
///
/// | attribute of a field | |
/// |---|---|
/// | `#[select(field = email)]` | the field or relation has another name in the model |
/// | `#[select(count)]`, `#[select(count = sessions)]` | the number of rows of a relation: an `i64` |
///
/// ```ignore
/// #[derive(nicol::Select)]
/// #[select(db::user)]
/// struct Card {
///     id: String,
///     #[select(field = email)]
///     mail: String,
///     sessions: Vec<Device>,
///     #[select(count = sessions)]
///     devices: i64,
/// }
///
/// #[derive(nicol::Select)]
/// #[select(db::session)]
/// struct Device {
///     expires: DateTime,
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
    let fields: Vec<SelectedField<'_>> =
        named_fields(input)?.into_iter().map(SelectedField::new).collect::<Result<_, _>>()?;
    no_duplicates(&fields)?;
    let names = fields.iter().map(|field| &field.field.ident);
    let types = fields.iter().map(|field| &field.field.ty);
    let add = fields.iter().map(|field| {
        let (ty, handle) = (&field.field.ty, field.handle(&module));
        // The compiler reports a wrong type at the name `handle`, which stands for the type here.
        let argument = quote_spanned!(ty.span() => handle);
        quote!({ let handle = #handle; ::nicol::__private::SelectAs::<#ty>::add_as(#argument, find); })
    });
    let selects = fields.iter().map(|field| {
        let (ty, key) = (&field.field.ty, field.key(&module));
        quote! {
            impl<_Rel> ::nicol::__private::Selects<_Rel, ::nicol::__private::Key<{ #key }>> for #name {
                type Value = #ty;
            }
        }
    });
    Ok(quote! {
        #(#selects)*

        impl ::nicol::__private::FromRecord for #name {
            fn from_record(
                cells: &mut ::nicol::__private::Cells<'_>,
            ) -> ::core::result::Result<Self, ::nicol::__private::DecodeError> {
                ::core::result::Result::Ok(Self { #(#names: cells.take::<#types>()?),* })
            }
        }

        impl ::nicol::Select<#module::Row> for #name {
            fn add_to(find: &mut ::nicol::__private::query::Find) {
                #(#add)*
            }
        }
    })
}

/// A field of a struct with `#[derive(Select)]`.
struct SelectedField<'a> {
    field: &'a Field,
    /// The handle in the module of the model.
    handle: Ident,
    /// Whether it holds the number of rows of a relation.
    is_count: bool,
}

impl<'a> SelectedField<'a> {
    /// Reads the attributes `#[select(field = handle)]`, `#[select(count)]` and `#[select(count = handle)]`.
    fn new(field: &'a Field) -> Result<Self, Error> {
        let own = field.ident.clone().expect("the fields have names");
        let mut selected = Self { field, handle: own, is_count: false };
        for attribute in field.attrs.iter().filter(|attribute| attribute.path().is_ident("select")) {
            attribute.parse_nested_meta(|meta| {
                selected.is_count |= meta.path.is_ident("count");
                if !meta.path.is_ident("field") && !meta.path.is_ident("count") {
                    return Err(
                        meta.error("unknown attribute\nhelp: `field = …`, `count` and `count = …` are known")
                    );
                }
                if meta.path.is_ident("field") || meta.input.peek(Token![=]) {
                    selected.handle = meta.value()?.call(Ident::parse_any)?;
                }
                Ok(())
            })?;
        }
        Ok(selected)
    }

    fn handle(&self, module: &Path) -> Tokens {
        let handle = &self.handle;
        if self.is_count { quote!(#module::#handle.count()) } else { quote!(#module::#handle) }
    }

    /// Returns the expression for the key by which it can be refined.
    fn key(&self, module: &Path) -> Tokens {
        let handle = &self.handle;
        if self.is_count { quote!(#module::#handle.count_key()) } else { quote!(#module::#handle.key()) }
    }
}

fn no_duplicates(fields: &[SelectedField<'_>]) -> Result<(), Error> {
    for (index, field) in fields.iter().enumerate() {
        let is_same =
            |other: &&SelectedField<'_>| other.handle == field.handle && other.is_count == field.is_count;
        if fields[..index].iter().find(is_same).is_some() {
            return Err(Error::new_spanned(
                &field.field.ident,
                format!("`{}` is selected twice", field.handle),
            ));
        }
    }
    Ok(())
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
