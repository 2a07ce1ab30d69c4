//! Catalog → schema file: what `db pull` writes.
//!
//! `names` chooses names, `relation` turns foreign keys into fields, `model` and `attribute` write the text, and the formatter
//! of the schema language lays it out. What a database cannot express (names, comments, defaults of the client) is kept from the
//! current schema file.
//!
//! Source: Prisma 6.19, the output of `prisma db pull`. `DEVIATIONS.md` lists the differences.

mod attribute;
mod config;
mod current;
mod model;
mod names;
mod refused;
mod relation;
mod remark;

use nicol_schema::Schema;

use crate::catalog::Catalog;
use current::Current;
use names::Names;

pub use remark::{Remark, RemarkKind};

/// The file for new blocks, if the schema has several files.
///
/// Source: Prisma 6.19, `prisma db pull` with several files.
pub const NEW_FILE: &str = "introspected.prisma";

/// A file of a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaFile {
    /// Its name.
    pub name: String,
    /// Its contents.
    pub text: String,
}

/// Options of [`pull()`].
#[derive(Debug, Clone, Default)]
pub struct Pull {
    /// Whether to keep only the `datasource` and the generators of the current schema.
    pub is_forced: bool,
    /// Database schemas to write into the datasource, replacing the current ones.
    pub schemas: Option<Vec<String>>,
}

/// The result of [`pull()`].
#[derive(Debug, Clone)]
pub struct Pulled {
    /// The files, including all current ones.
    pub files: Vec<SchemaFile>,
    /// The number of models, enums and views.
    pub counts: Counts,
    /// What the user should know: what was left out, renamed, or cannot be expressed.
    pub remarks: Vec<Remark>,
}

/// The number of blocks by kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Counts {
    pub models: usize,
    pub views: usize,
    pub enums: usize,
}

impl Counts {
    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self == Self::default()
    }
}

/// Writes the schema files of a database. `files` are the current ones, and `schema` is their validated contents.
///
/// Items that the schema language refuses are commented out, so that the files are valid.
pub fn pull(catalog: &Catalog, files: &[SchemaFile], schema: &Schema, options: &Pull) -> Pulled {
    let parses: Vec<_> = files.iter().map(|file| nicol_schema::parse(&file.text)).collect();
    let current = Current::new(files, &parses, schema, options);
    let names = Names::new(catalog, &current);
    let mut remarks = remark::Remarks::default();
    let relations = relation::Relations::new(&names);
    let models = model::models(&names, &relations, &mut remarks);
    let views = model::views(&names, &mut remarks);
    let enums = model::enums(&names, &mut remarks);
    model::others(&names, &mut remarks);

    let mut counts = Counts { models: models.len(), ..Counts::default() };
    let mut texts = config::configs(&current, catalog);
    let new_file = if files.len() == 1 { files[0].name.as_str() } else { NEW_FILE };
    counts.views = views.len();
    counts.enums = enums.len();
    for block in models.into_iter().chain(views).chain(enums) {
        let name = block.file.map_or(new_file, |file| files[file].name.as_str());
        let place = texts.iter().position(|text| text.name == name).unwrap_or_else(|| {
            texts.push(SchemaFile { name: name.to_owned(), text: String::new() });
            texts.len() - 1
        });
        let text = &mut texts[place].text;
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&block.text);
    }
    for file in &mut texts {
        file.text = nicol_schema::format(&file.text);
    }
    refused::comment_out(&mut texts, &mut remarks);
    Pulled { files: texts, counts, remarks: remarks.finish() }
}

/// A written block.
struct Block {
    /// The index of the file it comes from.
    file: Option<usize>,
    text: String,
}
