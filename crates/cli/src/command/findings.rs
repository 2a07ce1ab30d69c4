//! What a plan would do to the data that are there.

use nicol_migrate::Plan;
use nicol_migrate::hazard::{Finding, HazardKind, Severity};

use crate::context::Context;
use crate::summary::summary_with;

/// What the data make real of a plan's hazards.
pub(super) struct Findings(Vec<Finding>);

impl Findings {
    pub(super) fn new(findings: Vec<Finding>) -> Self {
        Self(findings)
    }

    /// Whether something cannot be done with these data.
    pub(super) fn is_unexecutable(&self) -> bool {
        self.of(Severity::Unexecutable).next().is_some()
    }

    /// Whether something loses some of them, or may fail.
    pub(super) fn has_warnings(&self) -> bool {
        self.of(Severity::Warning).next().is_some()
    }

    /// Shows the plan, before the user is asked about it.
    pub(super) fn show_plan(&self, ctx: &mut Context, plan: &Plan<'_>) {
        let hazards = self.0.iter().map(|it| (it.hazard.change, it.to_string()));
        for line in summary_with(plan, hazards).lines() {
            ctx.report.line(&format!("  {line}"));
        }
    }

    /// Shows what is to be agreed to.
    pub(super) fn show_warnings(&self, ctx: &mut Context) {
        self.show(ctx, "data may be lost, or it may fail:", Severity::Warning);
    }

    /// Shows what cannot be done.
    pub(super) fn show_unexecutable(&self, ctx: &mut Context) {
        self.show(ctx, "this cannot be done with the data that are there:", Severity::Unexecutable);
    }

    /// Returns what the schema file could say instead, as the start of a sentence with other ways.
    pub(super) fn remedy(&self) -> String {
        let needs_value = |it: &&Finding| {
            matches!(
                it.hazard.kind,
                HazardKind::AddRequiredColumn { .. } | HazardKind::RecreateRequiredColumn(_)
            )
        };
        let names = self
            .0
            .iter()
            .filter(needs_value)
            .filter_map(|it| Some(format!("`{}.{}`", it.hazard.object, it.hazard.column()?)));
        let names: Vec<_> = names.collect();
        if names.is_empty() {
            return String::new();
        }
        format!("make the field of {} optional with `?` or give it a `@default(...)`; or ", names.join(", "))
    }

    fn of(&self, severity: Severity) -> impl Iterator<Item = &Finding> {
        self.0.iter().filter(move |it| it.hazard.severity() == severity)
    }

    fn show(&self, ctx: &mut Context, what: &str, severity: Severity) {
        ctx.report.warning(what);
        for item in self.of(severity) {
            ctx.report.line(&format!("  {item}"));
        }
    }
}
