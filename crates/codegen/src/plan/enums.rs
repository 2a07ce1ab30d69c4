//! Enums.

use nicol_schema::model::Enum;

use super::{EnumPlan, EnumValue, Spelling};
use crate::names::{self, Scope};

pub(super) fn plan(item: &Enum, ident: &String) -> EnumPlan {
    let spelled = names::convert(item.values.iter().map(|value| value.name.as_str()), names::variant_case);
    let variants = Scope::with(&[]).take_all(&spelled);
    let values = item.values.iter().zip(&variants).map(|(value, variant)| EnumValue {
        name: value.name.clone(),
        database_name: value.database_name().to_owned(),
        documentation: value.documentation.clone(),
        ident: names::ident(variant),
    });
    EnumPlan {
        name: item.name.clone(),
        schema: item.schema.clone(),
        database_name: item.database_name().to_owned(),
        documentation: item.documentation.clone(),
        ident: names::ident(ident),
        values: values.collect(),
        spelling: Spelling::of([], variants.iter().chain([ident])),
    }
}
