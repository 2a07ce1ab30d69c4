//! Catalog → schema file: what `db pull` writes.
//!
//! `names` decides what everything is called, `relation` which fields the foreign keys become, `model` and
//! `attribute` write it down, and the formatter of the schema language lays it out. What the schema file says that a
//! database cannot (names, comments, what the client fills in) is taken over from the file that is there.
//!
//! Source: Prisma 6.19, `prisma db pull`, compared with what it writes. Where the result is another, `DEVIATIONS.md` says why.

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

/// The file that takes what is new, where the schema is a folder.
///
/// Source: Prisma 6.19, `prisma db pull` with several files.
pub const NEW_FILE: &str = "introspected.prisma";

/// A file of a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaFile {
    /// Its name, which is given back as it is.
    pub name: String,
    /// What is in it.
    pub text: String,
}

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct Pull {
    /// Take over nothing but the `datasource` and the generators.
    pub is_forced: bool,
    /// Database schemas to be named in the datasource, whatever it names now.
    pub schemas: Option<Vec<String>>,
}

/// A schema that describes a database.
#[derive(Debug, Clone)]
pub struct Pulled {
    /// The files, all that were there among them.
    pub files: Vec<SchemaFile>,
    /// How many models, enums and views there are.
    pub counts: Counts,
    /// What a person should know: what was left out, renamed, or cannot be said.
    pub remarks: Vec<Remark>,
}

/// How much there is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Counts {
    pub models: usize,
    pub views: usize,
    pub enums: usize,
}

impl Counts {
    /// Is there nothing.
    pub fn is_empty(self) -> bool {
        self == Self::default()
    }
}

/// Writes the schema files of a database anew. `schema` is what `files` say, joined and validated.
///
/// What the language would refuse is commented out, so that the files are valid.
pub fn pull(catalog: &Catalog, files: &[SchemaFile], schema: &Schema, asked: &Pull) -> Pulled {
    let parses: Vec<_> = files.iter().map(|file| nicol_schema::parse(&file.text)).collect();
    let current = Current::new(files, &parses, schema, asked);
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

/// A block that was written.
struct Block {
    /// The file it came from, by its place.
    file: Option<usize>,
    text: String,
}
