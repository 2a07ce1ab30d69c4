//! Splits a script into statements.

/// The statements of a script, without what stands between them for people: comments and blank lines.
pub(crate) fn statements(script: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut statement = String::new();
    let mut rest = script;
    while let Some(c) = rest.chars().next() {
        let len = match c {
            '-' if rest.starts_with("--") => {
                rest = &rest[rest.find('\n').unwrap_or(rest.len())..];
                continue;
            }
            '/' if rest.starts_with("/*") => {
                rest = rest.find("*/").map_or("", |end| &rest[end + 2..]);
                continue;
            }
            '\'' | '"' => rest[1..].find(c).map_or(rest.len(), |end| end + 2),
            _ => c.len_utf8(),
        };
        statement.push_str(&rest[..len]);
        rest = &rest[len..];
        if c == ';' {
            push(&mut all, &mut statement);
        }
    }
    push(&mut all, &mut statement);
    all
}

fn push(all: &mut Vec<String>, statement: &mut String) {
    let text = std::mem::take(statement);
    let trimmed = text.trim();
    // Not `lines`, which would take line ends of Windows away.
    let lines: Vec<&str> = trimmed.split('\n').filter(|line| !line.trim().is_empty()).collect();
    if !lines.is_empty() {
        all.push(lines.join("\n"));
    }
}
