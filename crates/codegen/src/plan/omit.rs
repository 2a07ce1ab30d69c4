//! The fields that rows lack: `omit = ["User.password"]` of the generator.

use std::collections::BTreeSet;

use nicol_schema::Schema;
use nicol_schema::model::{ConfigValue, StringOrEnv};

use super::Root;
use super::models::Draft;
use crate::error::Error;

/// The models, by their index among the generated ones, and the names of their fields.
#[derive(Debug, Default)]
pub(super) struct Omitted(BTreeSet<(usize, String)>);

impl Omitted {
    pub(super) fn contains(&self, model: usize, field: &str) -> bool {
        self.0.contains(&(model, field.to_owned()))
    }
}

/// Reads the fields from the generators whose provider is nicol.
///
/// # Errors
/// One of them is not a field of a model that is a column.
pub(super) fn plan(schema: &Schema, root: &Root<'_>, drafts: &[Draft<'_>]) -> Result<Omitted, Error> {
    let mut omitted = Omitted::default();
    let is_ours = |provider: &StringOrEnv| matches!(provider, StringOrEnv::Literal(name) if name == "nicol");
    for generator in schema.generators.iter().filter(|generator| is_ours(&generator.provider)) {
        for (_, value) in generator.config.iter().filter(|(setting, _)| setting == "omit") {
            let values = match value {
                ConfigValue::One(value) => std::slice::from_ref(value),
                ConfigValue::Many(values) => &values[..],
            };
            for value in values {
                let (StringOrEnv::Literal(text) | StringOrEnv::Env(text)) = value;
                let wrong = |problem: String| Error::Omit {
                    generator: generator.name.clone(),
                    field: text.clone(),
                    problem,
                };
                let (model, field) = text.split_once('.').ok_or_else(|| wrong("it has no dot".to_owned()))?;
                let place = root.models.iter().position(|(_, other)| other.name == model);
                let place = place.ok_or_else(|| wrong(format!("there is no model `{model}`")))?;
                if !drafts[place].columns.iter().any(|(_, other, ..)| other.name == field) {
                    return Err(wrong(format!("model `{model}` has no column `{field}`")));
                }
                omitted.0.insert((place, field.to_owned()));
            }
        }
    }
    Ok(omitted)
}
