//! What a plan would do to the data that are there.

use nicol_migrate::Plan;
use nicol_migrate::hazard::{Finding, Severity};

use crate::context::Context;
use crate::summary::summary;

/// The two kinds of findings.
pub(super) struct Findings {
    /// What cannot be done with these data.
    pub(super) unexecutable: Vec<String>,
    /// What loses some of them, or may fail.
    pub(super) warnings: Vec<String>,
}

impl Findings {
    pub(super) fn new(findings: &[Finding]) -> Self {
        let of = |severity| {
            let findings = findings.iter().filter(move |it| it.hazard.severity() == severity);
            findings.map(ToString::to_string).collect()
        };
        Self { unexecutable: of(Severity::Unexecutable), warnings: of(Severity::Warning) }
    }

    /// Shows what is to be agreed to.
    pub(super) fn show_warnings(&self, ctx: &mut Context) {
        show(ctx, "data may be lost, or it may fail:", &self.warnings);
    }

    /// Shows what cannot be done.
    pub(super) fn show_unexecutable(&self, ctx: &mut Context) {
        show(ctx, "this cannot be done with the data that are there:", &self.unexecutable);
    }
}

fn show(ctx: &mut Context, what: &str, items: &[String]) {
    ctx.report.warning(what);
    for item in items {
        ctx.report.line(&format!("  {item}"));
    }
}

/// Shows the plan before anybody is asked about it.
pub(super) fn show_plan(ctx: &mut Context, plan: &Plan<'_>) {
    for line in summary(plan).lines() {
        ctx.report.line(&format!("  {line}"));
    }
}
