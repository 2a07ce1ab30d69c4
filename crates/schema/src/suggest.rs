//! "Did you mean": finds the most similar of the valid names.

/// Longer names are not compared, because the cost grows with the square of the length.
const MAX_LENGTH: usize = 64;

/// At most this many candidates are compared, so that files full of errors are handled quickly, too.
const MAX_CANDIDATES: usize = 500;

/// Returns the candidate most similar to `name`, if it is similar enough to be a typo.
pub fn closest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let len = name.chars().count();
    // A third of the letters may differ; in very short names, one.
    let limit = (len / 3).max(1);
    if len > MAX_LENGTH {
        return None;
    }
    candidates
        .into_iter()
        .take(MAX_CANDIDATES)
        .filter(|candidate| *candidate != name && candidate.len() <= 4 * MAX_LENGTH)
        .filter(|candidate| candidate.chars().count().abs_diff(len) <= limit)
        .map(|candidate| (distance(name, candidate), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, candidate)| candidate)
}

/// Formats names in backticks as a list; only the first ones if there are many.
pub(crate) fn one_of<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    const MAX: usize = 8;
    let names: Vec<&str> = names.into_iter().collect();
    let list: Vec<String> = names.iter().take(MAX).map(|name| format!("`{name}`")).collect();
    let more = if names.len() > MAX { ", …" } else { "" };
    format!("{}{more}", list.join(", "))
}

/// Returns the edit distance, counting transpositions as one and ignoring case.
fn distance(left: &str, right: &str) -> usize {
    let left: Vec<char> = left.chars().flat_map(char::to_lowercase).collect();
    let right: Vec<char> = right.chars().flat_map(char::to_lowercase).collect();
    let mut before_previous = vec![0; right.len() + 1];
    let mut previous: Vec<usize> = (0..=right.len()).collect();
    for (i, l) in left.iter().enumerate() {
        let mut current = vec![i + 1];
        for (j, r) in right.iter().enumerate() {
            let replaced = previous[j] + usize::from(l != r);
            let mut best = replaced.min(previous[j + 1] + 1).min(current[j] + 1);
            if i > 0 && j > 0 && left[i - 1] == *r && right[j - 1] == *l {
                best = best.min(before_previous[j - 1] + 1);
            }
            current.push(best);
        }
        before_previous = std::mem::replace(&mut previous, current);
    }
    previous[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_recognized() {
        let types = ["String", "Int", "DateTime", "Boolean"];
        assert_eq!(closest("Sting", types), Some("String"));
        assert_eq!(closest("string", types), Some("String"));
        assert_eq!(closest("Itn", types), Some("Int"));
        assert_eq!(closest("Money", types), None);
    }
}
