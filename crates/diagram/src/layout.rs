//! Finds places for boxes.
//!
//! Boxes that relations connect form a part. In each part, the box with the most relations is in the middle; the
//! others are in columns to its left and right, by their distance. So a relation only connects neighboring columns, or
//! boxes of one column. Parts, and then what has no relations, are packed in shelves.

use std::collections::VecDeque;

use crate::graph::{Box, BoxKind, Graph};

/// The width of a character, which is the same for all in a monospaced font of [`FONT_SIZE`].
pub(crate) const CHARACTER: f64 = 7.25;
/// In pixels, as all lengths.
pub(crate) const FONT_SIZE: f64 = 12.0;
pub(crate) const HEADER: f64 = 30.0;
pub(crate) const ROW: f64 = 20.0;
/// The space for the mark of a key, at the left of a row.
pub(crate) const MARK: f64 = 30.0;
pub(crate) const PADDING: f64 = 10.0;
/// Between columns, where the relations are.
const COLUMN_GAP: f64 = 110.0;
const ROW_GAP: f64 = 34.0;
const PART_GAP: f64 = 80.0;
const MARGIN: f64 = 40.0;
/// How often boxes are sorted by the places of their neighbors.
const SWEEPS: usize = 8;
/// The width of a diagram in relation to its height.
const RATIO: f64 = 1.5;

#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Place {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

#[derive(Debug)]
pub(crate) struct Layout {
    /// The place of each box.
    pub(crate) places: Vec<Place>,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

/// Boxes that keep their places to one another.
struct Part {
    boxes: Vec<(usize, f64, f64)>,
    width: f64,
    height: f64,
}

impl Layout {
    pub(crate) fn new(graph: &Graph) -> Self {
        let mut places: Vec<Place> = graph.boxes.iter().map(size).collect();
        let neighbors = neighbors(graph);
        let mut parts = Vec::new();
        let (mut alone, mut enums) = (Vec::new(), Vec::new());
        let mut is_done = vec![false; graph.boxes.len()];
        for start in 0..graph.boxes.len() {
            if is_done[start] {
                continue;
            }
            let members = reachable(start, &neighbors, &[]);
            for member in &members {
                is_done[*member] = true;
            }
            match (graph.boxes[start].kind, members.len()) {
                (BoxKind::Enum, _) => enums.push(start),
                (_, 1) if neighbors[start].is_empty() => alone.push(start),
                _ => parts.push(connected(&members, &neighbors, &places)),
            }
        }
        parts.sort_by(|a, b| (b.width * b.height).total_cmp(&(a.width * a.height)));
        let area: f64 = parts.iter().map(|part| part.width * part.height).sum();
        let widest = parts.iter().map(|part| part.width).fold(0.0, f64::max);
        let singles: f64 = alone.iter().chain(&enums).map(|it| spacious(places[*it])).sum();
        let width = ((area + singles) * RATIO).sqrt().max(widest);
        parts.extend(
            [alone, enums].into_iter().filter(|it| !it.is_empty()).map(|it| grid(&it, &places, width)),
        );

        let (mut x, mut y, mut shelf, mut right) = (0.0_f64, 0.0_f64, 0.0_f64, 0.0_f64);
        for part in &parts {
            if x > 0.0 && x + part.width > width {
                (x, y, shelf) = (0.0, y + shelf + PART_GAP, 0.0);
            }
            for (index, left, top) in &part.boxes {
                places[*index].x = MARGIN + x + left;
                places[*index].y = MARGIN + y + top;
            }
            x += part.width + PART_GAP;
            right = right.max(x - PART_GAP);
            shelf = shelf.max(part.height);
        }
        Self { places, width: right + 2.0 * MARGIN, height: y + shelf + 2.0 * MARGIN }
    }
}

fn size(item: &Box) -> Place {
    let length = |text: &str| text.chars().map(|it| if it.is_ascii() { 1.0 } else { 1.7 }).sum::<f64>();
    let row = |row: &crate::graph::Row| {
        let suffix = if row.is_optional {
            1.0
        } else if row.is_list {
            2.0
        } else {
            0.0
        };
        length(&row.name) + length(&row.ty) + suffix + 3.0
    };
    let widest = item.rows.iter().map(row).fold(length(&item.name) * 1.15 + 2.0, f64::max);
    let mark = if item.kind == BoxKind::Enum { 0.0 } else { MARK };
    let width = (widest * CHARACTER + mark + 2.0 * PADDING).max(140.0).ceil();
    #[allow(clippy::cast_precision_loss, reason = "no box has that many rows")]
    let height = HEADER + item.rows.len() as f64 * ROW + if item.rows.is_empty() { 0.0 } else { 8.0 };
    Place { x: 0.0, y: 0.0, width, height }
}

fn spacious(place: Place) -> f64 {
    (place.width + ROW_GAP) * (place.height + ROW_GAP)
}

/// Returns for each box those that a relation connects with it.
fn neighbors(graph: &Graph) -> Vec<Vec<usize>> {
    let mut neighbors = vec![Vec::new(); graph.boxes.len()];
    for edge in &graph.edges {
        for (from, to) in [(edge.from.at, edge.to.at), (edge.to.at, edge.from.at)] {
            if !neighbors[from].contains(&to) {
                neighbors[from].push(to);
            }
        }
    }
    neighbors
}

/// Returns what relations lead to without passing `without`.
fn reachable(start: usize, neighbors: &[Vec<usize>], without: &[usize]) -> Vec<usize> {
    let mut found = vec![start];
    let mut queue = VecDeque::from([start]);
    while let Some(next) = queue.pop_front() {
        for other in &neighbors[next] {
            if !found.contains(other) && !without.contains(other) {
                found.push(*other);
                queue.push_back(*other);
            }
        }
    }
    found
}

/// Places boxes that relations connect.
fn connected(members: &[usize], neighbors: &[Vec<usize>], places: &[Place]) -> Part {
    // Of several, the first.
    let middle = members.iter().rev().max_by_key(|it| neighbors[**it].len()).copied().unwrap_or_default();
    let area: f64 =
        members.iter().map(|it| (places[*it].width + COLUMN_GAP) * (places[*it].height + ROW_GAP)).sum();
    let tallest = members.iter().map(|it| places[*it].height).fold(0.0, f64::max);
    let target = (area / RATIO).sqrt().max(tallest);

    // What hangs together without the middle stays on one side.
    let mut sides: [(f64, Vec<usize>); 2] = [(0.0, Vec::new()), (0.0, Vec::new())];
    let mut branches: Vec<Vec<usize>> = Vec::new();
    for start in neighbors[middle].iter().filter(|it| **it != middle) {
        if branches.iter().all(|branch| !branch.contains(start)) {
            branches.push(reachable(*start, neighbors, &[middle]));
        }
    }
    let weight = |branch: &Vec<usize>| branch.iter().map(|it| spacious(places[*it])).sum::<f64>();
    branches.sort_by(|a, b| weight(b).total_cmp(&weight(a)));
    for branch in branches {
        let side = usize::from(sides[0].0 >= sides[1].0);
        sides[side].0 += weight(&branch);
        sides[side].1.extend(branch);
    }
    let [(_, left), (_, right)] = sides;
    let mut columns: Vec<Vec<usize>> = side_columns(&left, middle, neighbors, places, target);
    columns.reverse();
    columns.push(vec![middle]);
    columns.extend(side_columns(&right, middle, neighbors, places, target));
    stack(&columns, neighbors, places)
}

/// Returns the columns on one side, from the middle outwards: by distance, and no taller than `target`.
fn side_columns(
    members: &[usize],
    middle: usize,
    neighbors: &[Vec<usize>],
    places: &[Place],
    target: f64,
) -> Vec<Vec<usize>> {
    let mut columns: Vec<Vec<usize>> = Vec::new();
    let mut known = vec![middle];
    let mut layer = vec![middle];
    loop {
        let mut next: Vec<usize> = Vec::new();
        for near in layer.iter().flat_map(|it| &neighbors[*it]) {
            if members.contains(near) && !known.contains(near) {
                known.push(*near);
                next.push(*near);
            }
        }
        if next.is_empty() {
            return columns;
        }
        // Those with relations outwards are farther from the middle.
        let outwards = |it: &usize| neighbors[*it].iter().filter(|other| !known.contains(other)).count();
        let mut sorted = next.clone();
        sorted.sort_by_key(outwards);
        let total: f64 = sorted.iter().map(|it| places[*it].height + ROW_GAP).sum();
        let count = (total / target).ceil().max(1.0);
        let each = total / count;
        let mut height = f64::INFINITY;
        for it in sorted {
            let own = places[it].height + ROW_GAP;
            if height + own / 2.0 > each {
                columns.push(Vec::new());
                height = 0.0;
            }
            height += own;
            if let Some(column) = columns.last_mut() {
                column.push(it);
            }
        }
        layer = next;
    }
}

/// Orders each column by the neighbors of its boxes, and gives places.
fn stack(columns: &[Vec<usize>], neighbors: &[Vec<usize>], places: &[Place]) -> Part {
    let mut columns = columns.to_vec();
    let mut middles = vec![0.0_f64; places.len()];
    let set = |column: &[usize], middles: &mut Vec<f64>| {
        let total: f64 = column.iter().map(|it| places[*it].height + ROW_GAP).sum::<f64>() - ROW_GAP;
        let mut y = -total / 2.0;
        for it in column {
            middles[*it] = y + places[*it].height / 2.0;
            y += places[*it].height + ROW_GAP;
        }
    };
    for column in &columns {
        set(column, &mut middles);
    }
    for sweep in 0..SWEEPS {
        let mut order: Vec<usize> = (0..columns.len()).collect();
        if sweep % 2 == 1 {
            order.reverse();
        }
        for index in order {
            let column = &mut columns[index];
            let wanted = |it: &usize| {
                let near: Vec<f64> =
                    neighbors[*it].iter().filter(|other| *other != it).map(|it| middles[*it]).collect();
                #[allow(clippy::cast_precision_loss, reason = "there are not that many")]
                let average = near.iter().sum::<f64>() / near.len().max(1) as f64;
                if near.is_empty() { middles[*it] } else { average }
            };
            let mut keyed: Vec<(f64, usize)> = column.iter().map(|it| (wanted(it), *it)).collect();
            keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
            *column = keyed.into_iter().map(|(_, it)| it).collect();
            set(column, &mut middles);
        }
    }
    let top = columns
        .iter()
        .flatten()
        .map(|it| middles[*it] - places[*it].height / 2.0)
        .fold(f64::INFINITY, f64::min);
    let bottom =
        columns.iter().flatten().map(|it| middles[*it] + places[*it].height / 2.0).fold(0.0, f64::max);
    let mut boxes = Vec::new();
    let mut x = 0.0;
    for column in &columns {
        let width = column.iter().map(|it| places[*it].width).fold(0.0, f64::max);
        for it in column {
            let place = places[*it];
            boxes.push((*it, x + (width - place.width) / 2.0, middles[*it] - place.height / 2.0 - top));
        }
        x += width + COLUMN_GAP;
    }
    // A relation of a box with itself is at its right.
    Part { boxes, width: x - COLUMN_GAP + 40.0, height: bottom - top }
}

/// Places boxes without relations in rows.
fn grid(members: &[usize], places: &[Place], width: f64) -> Part {
    let mut sorted = members.to_vec();
    sorted.sort_by(|a, b| places[*b].height.total_cmp(&places[*a].height));
    let (mut x, mut y, mut shelf, mut right) = (0.0_f64, 0.0_f64, 0.0_f64, 0.0_f64);
    let mut boxes = Vec::new();
    for it in sorted {
        let place = places[it];
        if x > 0.0 && x + place.width > width {
            (x, y, shelf) = (0.0, y + shelf + ROW_GAP, 0.0);
        }
        boxes.push((it, x, y));
        x += place.width + ROW_GAP;
        right = right.max(x - ROW_GAP);
        shelf = shelf.max(place.height);
    }
    Part { boxes, width: right, height: y + shelf }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::Options;

    /// A hundred models in three parts, some with many relations, some with none.
    fn many() -> Graph {
        use std::fmt::Write as _;
        let mut text = "datasource db {\n  provider = \"postgresql\"\n  url = env(\"X\")\n}\n".to_owned();
        let target = |index: usize| match index {
            1..=39 => Some(index / 7),
            41..=79 => Some(40),
            81..=89 => Some(index - 1),
            _ => None,
        };
        for index in 0..100 {
            let _ = writeln!(text, "model M{index} {{\n  id Int @id");
            if let Some(other) = target(index) {
                let _ = writeln!(text, "  m M{other} @relation(fields: [mId], references: [id])\n  mId Int");
            }
            for other in (0..100).filter(|other| target(*other) == Some(index)) {
                let _ = writeln!(text, "  of{other} M{other}[]");
            }
            (0..index % 13).for_each(|field| writeln!(text, "  f{field} String?").expect("text"));
            text.push_str("}\n");
        }
        let schema = nicol_schema::validate(&text).schema.expect("it is valid");
        Graph::new(&schema, &Options::default()).expect("there are no names")
    }

    #[test]
    fn boxes_do_not_overlap_and_fit_on_the_page() {
        let graph = many();
        let Layout { places, width, height } = Layout::new(&graph);
        for (index, a) in places.iter().enumerate() {
            assert!(a.x >= MARGIN && a.y >= MARGIN, "{a:?}");
            assert!(a.x + a.width <= width - MARGIN && a.y + a.height <= height - MARGIN, "{a:?}");
            for b in &places[..index] {
                let apart = a.x + a.width <= b.x
                    || b.x + b.width <= a.x
                    || a.y + a.height <= b.y
                    || b.y + b.height <= a.y;
                assert!(apart, "{a:?} and {b:?}");
            }
        }
        assert!(width / height < 3.0 && height / width < 3.0, "{width} × {height}");
    }

    #[test]
    fn the_same_schema_has_the_same_layout() {
        assert_eq!(format!("{:?}", Layout::new(&many())), format!("{:?}", Layout::new(&many())));
    }
}
