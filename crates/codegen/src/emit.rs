//! Emits the plan as tokens. All decisions, such as names, are made in the plan.

mod auth_adapter;
mod client;
mod create;
mod enums;
mod handles;
mod meta;
mod model;
mod relation;
mod statements;
mod update;

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use crate::plan::{Client, Column, ColumnType, Hidden, Spelling};
use crate::types::RustType;

/// The modules of the client.
pub(crate) struct Modules {
    /// The items of the root module, except for its submodules.
    pub(crate) root: TokenStream,
    /// The submodules, in declaration order.
    pub(crate) modules: Vec<Module>,
}

/// A module.
pub(crate) struct Module {
    pub(crate) name: proc_macro2::Ident,
    pub(crate) is_public: bool,
    /// The attributes of its declaration.
    pub(crate) attributes: TokenStream,
    pub(crate) documentation: String,
    pub(crate) items: TokenStream,
}

/// Emits a client.
pub(crate) fn emit(client: &Client) -> Modules {
    let enums = (!client.enums.is_empty()).then(|| Module {
        name: client.enums_module.clone(),
        is_public: true,
        attributes: allow_spelling(client.enums.iter().map(|item| item.spelling)),
        documentation: "The enums of the schema.".to_owned(),
        items: client.enums.iter().map(enums::emit).collect(),
    });
    let models = client.models.iter().map(|model| Module {
        name: model.module.clone(),
        is_public: true,
        attributes: allow_spelling([model.spelling]),
        documentation: format!("{} `{}`: table `{}`.", kind(model), model.name, model.table),
        items: model::emit(client, model),
    });
    let auth_adapter = client.auth_adapter.iter().map(|adapter| auth_adapter::emit(client, adapter));
    let statements = (!client.statements.is_empty()).then(|| statements::emit(client));
    let modules = models.chain(enums).chain(auth_adapter).chain(statements).collect();
    Modules { root: client::emit(client), modules }
}

fn kind(model: &crate::plan::ModelPlan) -> &'static str {
    if model.is_view { "View" } else { "Model" }
}

/// Returns an attribute that allows names that keep the schema's spelling.
fn allow_spelling(spellings: impl IntoIterator<Item = Spelling> + Clone) -> TokenStream {
    let snake = spellings.clone().into_iter().any(|spelling| spelling.is_not_snake);
    let camel = spellings.into_iter().any(|spelling| spelling.is_not_camel);
    let snake = snake.then(|| quote!(non_snake_case,));
    let camel = camel.then(|| quote!(non_camel_case_types,));
    if snake.is_none() && camel.is_none() {
        return TokenStream::new();
    }
    quote!(#[allow(#snake #camel reason = "names that would be equal in Rust's case keep the schema's spelling")])
}

/// Returns the doc attributes for a `///` comment, or for the default text if there is none.
fn doc(documentation: Option<&str>, or: &str) -> TokenStream {
    let mut is_code = false;
    let lines = documentation.unwrap_or(or).lines().map(|line| {
        let mut line = line.trim_end().to_owned();
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
            // Rustdoc treats code without a language as Rust and would run it as a test.
            if is_code && line.ends_with("```") {
                line.push_str("text");
            }
        } else if !is_code && line.starts_with("     ") {
            // The same applies to indented text.
            line = format!(" {}", line.trim_start());
        }
        if !line.is_empty() && !line.starts_with(' ') {
            line.insert(0, ' ');
        }
        quote!(#[doc = #line])
    });
    let lines: Vec<_> = lines.collect();
    let end = is_code.then(|| quote!(#[doc = " ```"]));
    quote!(#(#lines)* #end)
}

impl Column {
    /// Returns the type of the values, without `Option` and `Vec`.
    fn value_type(&self, hidden: Hidden) -> TokenStream {
        match &self.ty {
            ColumnType::Enum(name) => quote!(super::super::#name),
            ColumnType::Builtin { rust, .. } => rust_type(*rust, hidden),
        }
    }

    /// Returns the type of the struct's field.
    fn field_type(&self, hidden: Hidden) -> TokenStream {
        let value = self.value_type(hidden);
        if self.is_list {
            vec(&value, hidden)
        } else if self.is_nullable && hidden.option {
            quote!(::core::option::Option<#value>)
        } else if self.is_nullable {
            quote!(Option<#value>)
        } else {
            value
        }
    }
}

fn rust_type(ty: RustType, hidden: Hidden) -> TokenStream {
    match ty {
        RustType::Bool => quote!(bool),
        RustType::I32 => quote!(i32),
        RustType::I64 => quote!(i64),
        RustType::F64 => quote!(f64),
        RustType::String if hidden.string => quote!(::std::string::String),
        RustType::String => quote!(String),
        RustType::Bytes => vec(&quote!(u8), hidden),
        RustType::Runtime(name) => {
            let name = crate::names::ident(name);
            quote!(::nicol::types::#name)
        }
    }
}

fn vec(value: &TokenStream, hidden: Hidden) -> TokenStream {
    if hidden.vec { quote!(::std::vec::Vec<#value>) } else { quote!(Vec<#value>) }
}

/// Returns the indexes of columns or relations as unsuffixed numbers.
fn places(places: &[u16]) -> Vec<Literal> {
    places.iter().copied().map(Literal::u16_unsuffixed).collect()
}
