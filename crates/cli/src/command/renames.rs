//! Finds out which new names are renames.

use nicol_migrate::catalog::Catalog;
use nicol_migrate::{Hints, Rename, Renames, rename_candidates};

use crate::context::Context;
use crate::prompt::{Answer, choose};

/// Asks about each possible rename in turn, because each answer rules out others. Without a terminal, prints how to
/// declare them.
pub(super) async fn ask_for_renames(
    ctx: &mut Context,
    previous: &Catalog,
    next: &Catalog,
    mut hints: Hints,
) -> anyhow::Result<Answer<Renames>> {
    // Renames the user has declined.
    let mut declined: Vec<Rename> = Vec::new();
    loop {
        let renames = Renames::new(previous, next, &hints)?;
        let mut candidates = rename_candidates(renames.catalog(), next);
        for candidate in &mut candidates {
            candidate.options.retain(|option| !declined.contains(option));
        }
        candidates.retain(|candidate| !candidate.options.is_empty());
        if !ctx.is_interactive {
            for candidate in &candidates {
                tell(ctx, &candidate.options);
            }
            return Ok(Answer::Given(renames));
        }
        let Some(mut options) = candidates.into_iter().next().map(|it| it.options) else {
            return Ok(Answer::Given(renames));
        };
        let mut choices: Vec<String> = options.iter().map(|it| format!("renamed: {it}")).collect();
        choices.push("new".to_owned());
        let question = format!("{} is new. Is it a rename?", new_name(&options[0]));
        match choose(ctx, &question, &choices).await? {
            Answer::Cancelled => return Ok(Answer::Cancelled),
            Answer::Given(place) if place < options.len() => hints.accept(options.swap_remove(place)),
            Answer::Given(_) => declined.append(&mut options),
        }
    }
}

fn tell(ctx: &mut Context, options: &[Rename]) {
    let arguments: Vec<_> = options.iter().map(|it| format!("`--rename {}`", argument(it))).collect();
    ctx.report.note(&format!(
        "{} is treated as new; if it was renamed, pass {}",
        new_name(&options[0]),
        arguments.join(" or ")
    ));
}

fn new_name(rename: &Rename) -> String {
    match rename {
        Rename::Table { next, .. } => format!("table `{next}`"),
        Rename::Column { table, next, .. } => format!("column `{table}.{next}`"),
        Rename::Enum { next, .. } => format!("enum `{next}`"),
        Rename::EnumValue { enumeration, next, .. } => format!("value `{enumeration}.{next}`"),
    }
}

/// Formats the rename as a value for `--rename`.
fn argument(rename: &Rename) -> String {
    match rename {
        Rename::Table { previous, next } | Rename::Enum { previous, next } => {
            format!("{}={}", previous.name, next.name)
        }
        Rename::Column { table: owner, previous, next }
        | Rename::EnumValue { enumeration: owner, previous, next } => {
            format!("{}.{previous}={next}", owner.name)
        }
    }
}
