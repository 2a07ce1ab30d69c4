//! Writes SQL of the application, with its names and values in place.

use std::fmt::Write as _;

use nicol_pg::{push_ident, push_qualified};

use super::writer::{Alias, Writer};
use crate::codec::Param;
use crate::meta::ModelMeta;
use crate::query::{Fragment, Piece};

/// Returns the text of a statement, in which `$1` is the first value. Without a schema, tables are not qualified.
pub(crate) fn text(fragment: &Fragment, schema: Option<&str>) -> String {
    written(
        fragment,
        schema,
        |text, model, column| push_ident(text, column_name(model, column)),
        |value| value + 1,
    )
}

fn column_name(model: &ModelMeta, column: u16) -> &'static str {
    model.columns[usize::from(column)].column
}

impl Writer<'_> {
    /// Writes a condition on rows of a model.
    pub(super) fn fragment(&mut self, (model, alias): (&ModelMeta, Alias), fragment: &Fragment) {
        let mut numbers: Vec<Option<usize>> = vec![None; fragment.values.len()];
        let params = &mut self.params;
        let text = written(
            fragment,
            Some(self.schema),
            |text, of, column| {
                // Columns of other models are those of subqueries in the text.
                if std::ptr::eq(of, model) {
                    // Writing to a `String` cannot fail.
                    let _ = write!(text, "\"t{}\".", alias.0);
                }
                push_ident(text, column_name(of, column));
            },
            |value| {
                *numbers[value].get_or_insert_with(|| {
                    params.push(Param::new(fragment.values[value].clone(), None));
                    params.len()
                })
            },
        );
        self.push("(");
        self.push(&text);
        // The text may end in a comment.
        self.push(if text.contains("--") { "\n)" } else { ")" });
    }
}

/// Returns the text with columns as written by `column` and the numbers of parameters that `number` returns.
fn written(
    fragment: &Fragment,
    schema: Option<&str>,
    column: impl Fn(&mut String, &'static ModelMeta, u16),
    mut number: impl FnMut(usize) -> usize,
) -> String {
    let mut text = String::new();
    let mut after_piece = false;
    for piece in &fragment.pieces {
        if let Piece::Text(part) = piece {
            // `$1` before `0` would be another parameter, and two names side by side would be one.
            if after_piece && part.starts_with(|next| is_in_word(next) || next == '\'' || next == '"') {
                text.push(' ');
            }
            text.push_str(part);
            after_piece &= part.is_empty();
            continue;
        }
        // A name before `$1` would swallow it, and `U&` before a quoted name would give escapes in it a meaning.
        if text.ends_with(|last| is_in_word(last) || matches!(last, '\'' | '"' | '&')) {
            text.push(' ');
        }
        match piece {
            Piece::Text(_) => {}
            Piece::Name(name) => text.push_str(name),
            Piece::Table(model) => match model.schema.or(schema) {
                Some(schema) => push_qualified(&mut text, schema, model.table),
                None => push_ident(&mut text, model.table),
            },
            Piece::Column(model, index) => column(&mut text, model, *index),
            Piece::Value(index) => {
                // Writing to a `String` cannot fail.
                let _ = write!(text, "${}", number(*index));
            }
        }
        after_piece = true;
    }
    text
}

fn is_in_word(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '$') || !character.is_ascii()
}
