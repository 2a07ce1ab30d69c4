//! "Did you mean": the nearest of the names that would have been right.

/// Nobody names things longer, and the work grows with the square.
const MAX_LENGTH: usize = 64;

/// So many are looked at; a file of nothing but mistakes is answered as fast as another.
const MAX_CANDIDATES: usize = 500;

/// The candidate that is nearest to `name`, if any is near enough to have been meant.
pub fn closest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let len = name.chars().count();
    // A third of the letters may be wrong; in very short names one.
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

/// The names in backticks, as a list for people; the first ones if they are many.
pub(crate) fn one_of<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    const MAX: usize = 8;
    let names: Vec<&str> = names.into_iter().collect();
    let list: Vec<String> = names.iter().take(MAX).map(|name| format!("`{name}`")).collect();
    let more = if names.len() > MAX { ", …" } else { "" };
    format!("{}{more}", list.join(", "))
}

/// How many letters have to be inserted, removed, replaced or swapped with their neighbour; case does not count.
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
