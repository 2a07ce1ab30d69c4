//! Rules for enums.

use std::collections::HashMap;

use super::Context;
use super::model::check_schema;
use crate::draft::EnumDraft;
use crate::rule;

pub(super) fn check(ctx: &mut Context<'_, '_>) {
    let mut taken = HashMap::new();
    let enums: Vec<&EnumDraft<'_>> =
        ctx.draft.enums.iter().filter(|schema_enum| ctx.certain.has_enum(schema_enum.name)).collect();
    for schema_enum in &enums {
        let schema = schema_enum.schema.as_ref().map(|(name, _)| name.as_str());
        let name = schema_enum.map.as_deref().unwrap_or(schema_enum.name.text);
        if let Some(other) = taken.insert((schema, name), schema_enum.name) {
            ctx.found.push(
                rule::key::ENUM_DATABASE_NAME_TAKEN
                    .at(
                        schema_enum.ast.span(),
                        format!(
                            "the type `{name}` in the database belongs to both `{}` and `{}`",
                            other.text, schema_enum.name.text
                        ),
                    )
                    .label(other.span, "this enum has the same type")
                    .help("give one of them a different `@@map`"),
            );
        }
    }
    for schema_enum in &enums {
        check_schema(
            schema_enum.schema.as_ref(),
            &format!("enum `{}`", schema_enum.name.text),
            schema_enum.ast.span(),
            ctx,
        );
    }
}
