use nicol_branch::{Branch, Timestamp};
use serde_json::json;

use super::session::Session;
use crate::args::BranchListFormat;
use crate::context::Context;
use crate::exit::Exit;
use crate::report::visible;

pub(super) fn run(ctx: &mut Context, session: &Session, format: BranchListFormat) -> anyhow::Result<Exit> {
    let now = Timestamp::now();
    let text = match format {
        BranchListFormat::Table => table(session, now),
        BranchListFormat::Json => json(session, now)?,
    };
    ctx.report.output(&text);
    Ok(Exit::Success)
}

pub(super) async fn url(
    ctx: &mut Context,
    session: &Session,
    name: Option<&str>,
    is_direct: bool,
) -> anyhow::Result<Exit> {
    let branch = match name {
        Some(name) => session.branches.find(name)?,
        None => session.current_or_default()?,
    };
    let urls = session.backend.urls(branch).await?;
    let url = if is_direct { urls.direct } else { urls.pooled };
    ctx.report.output(&format!("{}\n", url.to_url_with_password()));
    Ok(Exit::Success)
}

/// Returns the marks of a branch, in Neon's words.
fn marks(session: &Session, branch: &Branch, now: Timestamp) -> Vec<String> {
    let mut marks = Vec::new();
    let is_current = session.current.as_deref() == Some(&branch.id);
    for (is_marked, mark) in [
        (branch.default, "default"),
        (branch.protected, "protected"),
        (is_current, "current"),
        (branch.is_expired(now), "expired"),
    ] {
        if is_marked {
            marks.push(format!("[{mark}]"));
        }
    }
    if branch.current_state != "ready" {
        marks.push(format!("[{}]", branch.current_state));
    }
    marks
}

fn table(session: &Session, now: Timestamp) -> String {
    let head = ["NAME", "PARENT", "CREATED", "EXPIRES"].map(str::to_owned);
    let mut rows = vec![head];
    for branch in session.branches.all() {
        let mut name = marks(session, branch, now);
        name.push(visible(&branch.name));
        rows.push([
            name.join(" "),
            session.branches.parent(branch).map_or_else(|_| "-".to_owned(), |parent| visible(&parent.name)),
            format!("{:.0}", branch.created_at),
            branch.expires_at.map_or_else(|| "never".to_owned(), |at| format!("{at:.0}")),
        ]);
    }
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths = [width(0), width(1), width(2)];
    let mut text = String::new();
    for row in &rows {
        for (cell, width) in row.iter().zip(widths) {
            text.push_str(cell);
            text.extend(std::iter::repeat_n(' ', width - cell.chars().count() + 2));
        }
        text.push_str(&row[3]);
        text.push('\n');
    }
    text
}

fn json(session: &Session, now: Timestamp) -> anyhow::Result<String> {
    let mut list = Vec::new();
    for branch in session.branches.all() {
        let mut value = serde_json::to_value(branch)?;
        value["current"] = json!(session.current.as_deref() == Some(&branch.id));
        value["expired"] = json!(branch.is_expired(now));
        list.push(value);
    }
    Ok(format!("{}\n", serde_json::to_string_pretty(&list)?))
}
