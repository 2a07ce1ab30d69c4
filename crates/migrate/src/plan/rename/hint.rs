//! Hints about renames, on the command line and in the schema file.

use nicol_schema::Schema;
use nicol_schema::model as psl;

use crate::catalog::{Catalog, ObjectName};
use crate::from_model::{enum_name, from_model, table_name};
use crate::plan::change::Rename;

/// The hints of the user about renames.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hints {
    hints: Vec<Hint>,
}

/// A rename, and the text of its hint. The previous name of a table or enum may lack its schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hint {
    pub(super) rename: Rename,
    pub(super) said: String,
}

/// An invalid hint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HintError {
    /// The hint has a wrong syntax.
    #[error(
        "`{said}` is not a valid rename\n\
         help: write `--rename Model.old=new` for a field or a value of an enum, `--rename Old=New` for a model or \
         an enum; in the schema file, `/// @renamedFrom(old)`"
    )]
    Unreadable {
        /// The hint.
        said: String,
    },
    /// The new name is not in the schema file.
    #[error("`{said}`: there is no `{name}` in the schema file{}", did_you_mean(nearest.as_ref()))]
    NotNext {
        /// The hint.
        said: String,
        /// The name.
        name: String,
        /// A similar name in the schema file.
        nearest: Option<String>,
    },
    /// Neither the old name nor the new name exists in the previous catalog.
    #[error(
        "`{said}`: neither `{name}` nor its new name exists{}",
        did_you_mean(nearest.as_ref())
    )]
    NotPrevious {
        /// The hint.
        said: String,
        /// The name.
        name: String,
        /// A similar name in the previous catalog.
        nearest: Option<String>,
    },
}

fn did_you_mean(name: Option<&String>) -> String {
    name.map(|name| format!("\nhelp: did you mean `{name}`?")).unwrap_or_default()
}

impl Hints {
    /// Reads the hints of a schema file and those of a command line: `Model.old=new`, `Old=New`.
    ///
    /// New names may be those of the schema file or of the database. Old names are those of the database, which differ from
    /// those of the schema file only if they were mapped.
    ///
    /// # Errors
    ///
    /// [`HintError::Unreadable`], and [`HintError::NotNext`] if a new name is not in the schema file.
    pub fn new<S: AsRef<str>>(schema: &Schema, arguments: &[S]) -> Result<Self, HintError> {
        let mut hints = Vec::new();
        in_schema(schema, &mut hints)?;
        for argument in arguments {
            hints.push(of_argument(schema, argument.as_ref())?);
        }
        Ok(Self { hints })
    }

    /// Adds an answer of the user.
    pub fn accept(&mut self, rename: Rename) {
        self.hints.push(Hint { said: rename.to_string(), rename });
    }

    /// Whether there are no hints.
    pub fn is_empty(&self) -> bool {
        self.hints.is_empty()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Hint> {
        self.hints.iter()
    }
}

fn in_schema(schema: &Schema, hints: &mut Vec<Hint>) -> Result<(), HintError> {
    let mut push = |documentation: Option<&String>, of: &str, rename: &dyn Fn(String) -> Rename| {
        if let Some(old) = renamed_from(documentation.map_or("", |it| it), of)? {
            let said = format!("@renamedFrom({old}) of {of}");
            hints.push(Hint { rename: rename(old), said });
        }
        Ok(())
    };
    for model in schema.models.iter().filter(|model| !model.is_view) {
        let table = table_name(model);
        push(model.documentation.as_ref(), &model.name, &|old| Rename::Table {
            previous: ObjectName { schema: None, name: old },
            next: table.clone(),
        })?;
        for (_, field, _) in model.scalars() {
            let of = format!("{}.{}", model.name, field.name);
            push(field.documentation.as_ref(), &of, &|previous| Rename::Column {
                table: table.clone(),
                previous,
                next: field.database_name().to_owned(),
            })?;
        }
    }
    for enumeration in &schema.enums {
        let name = enum_name(enumeration);
        push(enumeration.documentation.as_ref(), &enumeration.name, &|old| Rename::Enum {
            previous: ObjectName { schema: None, name: old },
            next: name.clone(),
        })?;
        for value in &enumeration.values {
            let of = format!("{}.{}", enumeration.name, value.name);
            push(value.documentation.as_ref(), &of, &|previous| Rename::EnumValue {
                enumeration: name.clone(),
                previous,
                next: value.database_name().to_owned(),
            })?;
        }
    }
    Ok(())
}

/// Returns the old name from a line `@renamedFrom(old)` of a documentation comment.
fn renamed_from(documentation: &str, of: &str) -> Result<Option<String>, HintError> {
    let Some(rest) = documentation.lines().find_map(|line| line.trim().strip_prefix("@renamedFrom")) else {
        return Ok(None);
    };
    let name = rest.trim_start().strip_prefix('(').and_then(|rest| rest.split_once(')'));
    let name = name.map(|(name, _)| name.trim().trim_matches('"')).filter(|name| !name.is_empty());
    match name {
        Some(name) => Ok(Some(name.to_owned())),
        None => Err(HintError::Unreadable { said: format!("@renamedFrom{rest} of {of}") }),
    }
}

fn of_argument(schema: &Schema, argument: &str) -> Result<Hint, HintError> {
    let said = format!("--rename {argument}");
    let names = argument.split_once('=').map(|(old, new)| (old.trim(), new.trim()));
    let Some((old, new)) = names.filter(|(old, new)| !old.is_empty() && !new.is_empty()) else {
        return Err(HintError::Unreadable { said });
    };
    let rename = match old.rsplit_once('.') {
        // `Old.field=New.field` is accepted, too.
        Some((owner, old)) => member(schema, &said, owner, old, new.rsplit_once('.').map_or(new, |it| it.1))?,
        None => whole(schema, &said, old, new)?,
    };
    Ok(Hint { rename, said })
}

fn whole(schema: &Schema, said: &str, old: &str, new: &str) -> Result<Rename, HintError> {
    let previous = ObjectName { schema: None, name: old.to_owned() };
    if let Some(model) = model(schema, new) {
        return Ok(Rename::Table { previous, next: table_name(model) });
    }
    if let Some(enumeration) = enumeration(schema, new) {
        return Ok(Rename::Enum { previous, next: enum_name(enumeration) });
    }
    // The table of an implicit many-to-many relation has no model.
    let tables = from_model(schema).tables;
    if let Some(table) = tables.into_iter().find(|table| table.name.name == new) {
        return Ok(Rename::Table { previous, next: table.name });
    }
    let names = schema.models.iter().map(|it| it.name.as_str());
    let names = names.chain(schema.enums.iter().map(|it| it.name.as_str()));
    Err(not_next(said, new, names))
}

fn member(schema: &Schema, said: &str, owner: &str, old: &str, new: &str) -> Result<Rename, HintError> {
    let previous = old.to_owned();
    if let Some(model) = model(schema, owner) {
        let find = |is_it: &dyn Fn(&psl::Field) -> bool| {
            model.scalars().map(|(_, field, _)| field).find(|field| is_it(field))
        };
        let field = find(&|it| it.name == new).or_else(|| find(&|it| it.database_name() == new));
        let Some(field) = field else {
            let names = model.scalars().map(|(_, field, _)| field.name.as_str());
            return Err(not_next(said, new, names));
        };
        return Ok(Rename::Column {
            table: table_name(model),
            previous,
            next: field.database_name().to_owned(),
        });
    }
    if let Some(enumeration) = enumeration(schema, owner) {
        let values = &enumeration.values;
        let value = values.iter().find(|it| it.name == new);
        let Some(value) = value.or_else(|| values.iter().find(|it| it.database_name() == new)) else {
            return Err(not_next(said, new, values.iter().map(|it| it.name.as_str())));
        };
        return Ok(Rename::EnumValue {
            enumeration: enum_name(enumeration),
            previous,
            next: value.database_name().to_owned(),
        });
    }
    let names = schema.models.iter().map(|it| it.name.as_str());
    Err(not_next(said, owner, names.chain(schema.enums.iter().map(|it| it.name.as_str()))))
}

fn model<'a>(schema: &'a Schema, name: &str) -> Option<&'a psl::Model> {
    let mut models = schema.models.iter().filter(|model| !model.is_view);
    models.clone().find(|it| it.name == name).or_else(|| models.find(|it| it.database_name() == name))
}

fn enumeration<'a>(schema: &'a Schema, name: &str) -> Option<&'a psl::Enum> {
    let mut enums = schema.enums.iter();
    enums.clone().find(|it| it.name == name).or_else(|| enums.find(|it| it.database_name() == name))
}

fn not_next<'a>(said: &str, name: &str, names: impl Iterator<Item = &'a str>) -> HintError {
    let nearest = nicol_schema::suggest::closest(name, names).map(str::to_owned);
    HintError::NotNext { said: said.to_owned(), name: name.to_owned(), nearest }
}

impl Hint {
    /// Returns the error for an old name that does not exist.
    pub(super) fn not_previous<'a>(&self, name: &str, names: impl Iterator<Item = &'a str>) -> HintError {
        let nearest = nicol_schema::suggest::closest(name, names).map(str::to_owned);
        HintError::NotPrevious { said: self.said.clone(), name: name.to_owned(), nearest }
    }
}

/// Returns the table with this name. Without a schema, any schema matches.
pub(super) fn find_table<'a>(catalog: &'a Catalog, name: &ObjectName) -> Option<&'a ObjectName> {
    find(catalog.tables.iter().map(|it| &it.name), name)
}

/// As [`find_table`].
pub(super) fn find_enum<'a>(catalog: &'a Catalog, name: &ObjectName) -> Option<&'a ObjectName> {
    find(catalog.enums.iter().map(|it| &it.name), name)
}

fn find<'a>(
    mut names: impl Iterator<Item = &'a ObjectName> + Clone,
    name: &ObjectName,
) -> Option<&'a ObjectName> {
    names.clone().find(|it| *it == name).or_else(|| {
        let is_meant = |it: &&ObjectName| it.name == name.name && name.schema.is_none();
        names.find(is_meant)
    })
}
