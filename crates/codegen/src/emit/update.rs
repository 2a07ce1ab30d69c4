//! Updating rows: a setter for each column.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use crate::plan::ModelPlan;

pub(super) fn emit(model: &ModelPlan) -> TokenStream {
    let row = &model.row;
    let setters = (0..).map(Literal::u16_unsuffixed).zip(&model.columns).map(|(index, column)| {
        let (setter, ty) = (&column.setter, column.field_type(model.hidden));
        let comment = format!(" Sets `{}`.", column.field);
        quote! {
            #[doc = #comment]
            pub fn #setter(self, value: impl ::nicol::IntoAssignment<#ty>) -> Self {
                Self(self.0.with_assignment(#index, value.into_assignment()))
            }
        }
    });
    quote! {
        /// Updates rows, with a setter for each column.
        #[derive(Debug, Clone)]
        #[must_use]
        pub struct UpdateWith<_Q>(_Q);

        /// The changes to a row.
        pub type Update = UpdateWith<::nicol::__private::Changes>;

        ::nicol::__private::impl_update!(#row);

        impl<_Q: ::nicol::__private::UpdateTarget> UpdateWith<_Q> {
            #(#setters)*
        }
    }
}

/// Emits a view, whose rows the client cannot change.
pub(super) fn emit_none() -> TokenStream {
    quote! {
        /// Rows cannot be changed: this is a view.
        pub type UpdateWith<_Q> = ::nicol::__private::ReadOnly<_Q>;
    }
}
