//! The handles of fields and relations: `user::email`, `user::accounts`.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use crate::plan::ModelPlan;

pub(super) fn emit(model: &ModelPlan) -> TokenStream {
    let ModelPlan { name, row, hidden, .. } = model;
    let field_type = if hidden.field { quote!(::nicol::Field) } else { quote!(Field) };
    let related_type = if hidden.related { quote!(::nicol::Related) } else { quote!(Related) };
    let has_fields = !model.columns.is_empty();
    let has_relations = !model.relations.is_empty();
    let field_import = (has_fields && !hidden.field).then(|| quote!(Field,));
    let related_import = (has_relations && !hidden.related).then(|| quote!(Related,));
    let row_import = has_fields.then(|| quote!(#row,));
    let markers = model.relations.iter().map(|relation| &relation.marker);
    let fields = (0..).map(Literal::u16_unsuffixed).zip(&model.columns).map(|(index, column)| {
        let comment = format!(" `{name}.{}`", column.field);
        let (handle, ty) = (&column.handle, column.field_type(*hidden));
        quote! {
            #[doc = #comment]
            pub const #handle: #field_type<#row, #ty> = #field_type::new(#index);
        }
    });
    let relations = model.relations.iter().map(|relation| {
        let comment = format!(" `{name}.{}`", relation.field);
        let (handle, marker) = (&relation.handle, &relation.marker);
        quote! {
            #[doc = #comment]
            pub const #handle: #related_type<#marker> = #related_type::new();
        }
    });
    quote! {
        /// Handles of the fields and relations, for filters, sorting, selections and includes.
        #[allow(non_upper_case_globals, reason = "a handle has the name of its field")]
        mod handles {
            use ::nicol::{#field_import #related_import};
            use super::types::{#row_import #(#markers),*};

            #(#fields)*
            #(#relations)*
        }
    }
}
