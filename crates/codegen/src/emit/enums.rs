//! Enums.

use proc_macro2::TokenStream;
use quote::quote;

use super::doc;
use super::meta::optional;
use crate::plan::EnumPlan;

pub(super) fn emit(item: &EnumPlan) -> TokenStream {
    let EnumPlan { name, ident, database_name, .. } = item;
    let comment = doc(item.documentation.as_deref(), &format!("Enum `{name}`."));
    let schema = optional(item.schema.as_deref());
    let idents: Vec<_> = item.values.iter().map(|value| &value.ident).collect();
    let names = item.values.iter().map(|value| &value.name);
    let comments =
        item.values.iter().map(|value| doc(value.documentation.as_deref(), &format!("`{}`", value.name)));
    let is_mapped = item.values.iter().any(|value| value.name != value.database_name);
    let database_names = item.values.iter().map(|value| &value.database_name);
    let mapped = is_mapped.then(|| {
        quote! {
            fn database_name(self) -> &'static str {
                match self {
                    #(Self::#idents => #database_names,)*
                }
            }
        }
    });
    quote! {
        #comment
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum #ident {
            #(#comments #idents,)*
        }

        impl ::nicol::DatabaseEnum for #ident {
            const META: &'static ::nicol::__private::EnumMeta = &::nicol::__private::EnumMeta {
                schema: #schema,
                name: #database_name,
            };
            const ALL: &'static [Self] = &[#(Self::#idents),*];

            fn name(self) -> &'static str {
                match self {
                    #(Self::#idents => #names,)*
                }
            }

            #mapped
        }

        ::nicol::__private::impl_enum!(#ident);
    }
}
