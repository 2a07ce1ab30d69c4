//! The files of a schema.

use crate::span::{Span, to_u32};

/// The files of a schema, concatenated, so that a [`Span`] also identifies the file.
///
/// As in Prisma, each file is parsed separately, and names are shared between all files.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    text: String,
    files: Vec<Place>,
}

#[derive(Debug, Clone)]
struct Place {
    name: String,
    span: Span,
}

/// A file of a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourceFile<'a> {
    /// The name shown in messages; usually the path.
    pub name: &'a str,
    /// The contents.
    pub text: &'a str,
    /// The span of the file in the concatenated text.
    pub span: Span,
}

impl SourceFile<'_> {
    /// Converts a span in the concatenated text to a span in this file.
    pub fn local(&self, span: Span) -> Span {
        let shift = |offset: u32| offset.clamp(self.span.start, self.span.end) - self.span.start;
        Span::new(shift(span.start), shift(span.end))
    }
}

impl Sources {
    /// Concatenates files, given by name and text, in the order of their blocks.
    pub fn new<N: Into<String>, T: AsRef<str>>(files: impl IntoIterator<Item = (N, T)>) -> Sources {
        let mut sources = Sources::default();
        for (name, text) in files {
            if !sources.files.is_empty() {
                // The separator belongs to no file, so that the end of one file is not the start of the next.
                sources.text.push('\n');
            }
            let start = to_u32(sources.text.len());
            sources.text.push_str(text.as_ref());
            let span = Span::new(start, to_u32(sources.text.len()));
            sources.files.push(Place { name: name.into(), span });
        }
        sources
    }

    /// Returns the concatenated text, to which spans are relative.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the files, in order.
    pub fn files(&self) -> impl ExactSizeIterator<Item = SourceFile<'_>> {
        self.files.iter().map(|place| self.file(place))
    }

    /// Returns the file that contains a span, and the span in that file; `None` if there are no files.
    pub fn locate(&self, span: Span) -> Option<(SourceFile<'_>, Span)> {
        let after = self.files.partition_point(|place| place.span.start <= span.start);
        let file = self.file(self.files.get(after.checked_sub(1)?)?);
        Some((file, file.local(span)))
    }

    fn file<'a>(&'a self, place: &'a Place) -> SourceFile<'a> {
        let text = self.text.get(place.span.range()).unwrap_or_default();
        SourceFile { name: &place.name, text, span: place.span }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_tells_its_file() {
        let sources = Sources::new([("a", "12"), ("b", ""), ("c", "345")]);
        let place = |start, end| {
            sources.locate(Span::new(start, end)).map(|(file, span)| (file.name, span.start, span.end))
        };
        assert_eq!(place(0, 2), Some(("a", 0, 2)));
        assert_eq!(place(2, 2), Some(("a", 2, 2)), "the end of a file belongs to it");
        assert_eq!(place(3, 3), Some(("b", 0, 0)));
        assert_eq!(place(5, 7), Some(("c", 1, 3)));
        assert_eq!(Sources::default().locate(Span::new(0, 0)), None);
    }
}
