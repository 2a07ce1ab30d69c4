//! The examples in docs/client.md: blocks of Rust, most of them after a block of TypeScript with the same call of Prisma Client.

/// A block of Rust, and the block of TypeScript before it.
pub(crate) struct Example {
    /// The name of its function: the headings above it, and its number below them.
    pub(crate) name: String,
    pub(crate) typescript: Option<String>,
    pub(crate) rust: String,
    /// Whether it is only compiled.
    pub(crate) is_only_compiled: bool,
}

/// Returns the examples in order.
pub(crate) fn examples(guide: &str) -> Vec<Example> {
    let mut examples = Vec::new();
    let (mut section, mut heading, mut number, mut typescript) = (String::new(), String::new(), 0, None);
    let mut lines = guide.lines();
    while let Some(line) = lines.next() {
        if line.starts_with('#') {
            heading = snake_case(line.trim_start_matches('#'));
            if !line.starts_with("###") {
                section.clone_from(&heading);
            }
            (number, typescript) = (0, None);
        } else if let Some(language) = line.strip_prefix("```").filter(|language| !language.is_empty()) {
            let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            let block = block.join("\n");
            match language {
                "ts" => typescript = Some(block),
                "rust" | "rust,no_run" => {
                    number += 1;
                    let (name, is_only_compiled) =
                        (format!("{section}_{heading}_{number}"), language != "rust");
                    examples.push(Example {
                        name,
                        typescript: typescript.take(),
                        rust: block,
                        is_only_compiled,
                    });
                }
                _ => {}
            }
        }
    }
    examples
}

impl Example {
    /// The names of the values to compare: the answers of Prisma that both blocks declare outside of braces, in Rust's spelling and in
    /// TypeScript's.
    pub(crate) fn values(&self) -> Vec<(String, String)> {
        let rust = declared(&self.rust, "let ", "");
        let typescript = declared(self.typescript.as_deref().unwrap_or_default(), "const ", "await ");
        let both = typescript.into_iter().map(|name| (snake_case(&name), name));
        both.filter(|(name, _)| rust.contains(name)).collect()
    }
}

/// Returns the names that lines with this keyword declare, if what follows `=` begins as given.
fn declared(block: &str, keyword: &str, value: &str) -> Vec<String> {
    let declarations = block.lines().filter_map(|line| line.strip_prefix(keyword)?.split_once(" ="));
    let declarations = declarations.filter(|(_, right)| right.trim_start().starts_with(value));
    let names = declarations.flat_map(|(pattern, _)| {
        let is_tuple = pattern.starts_with('(');
        let pattern = if is_tuple { pattern } else { pattern.split(':').next().unwrap_or_default() };
        pattern.split(|character: char| !character.is_alphanumeric() && character != '_')
    });
    names.filter(|name| !name.is_empty() && *name != "mut").map(str::to_owned).collect()
}

fn snake_case(text: &str) -> String {
    let mut name = String::new();
    for character in text.chars() {
        if character.is_uppercase() && !name.is_empty() && !name.ends_with('_') {
            name.push('_');
        }
        if character.is_alphanumeric() {
            name.extend(character.to_lowercase());
        } else if !name.is_empty() && !name.ends_with('_') {
            name.push('_');
        }
    }
    name.trim_end_matches('_').to_owned()
}
