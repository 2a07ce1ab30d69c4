//! What a plan would do to the data that are there.

use nicol_migrate::Plan;
use nicol_migrate::hazard::{Finding, HazardKind, Severity};
use nicol_pg::ConnectionUrl;

use super::applying::say;
use crate::context::Context;
use crate::summary::summary_with;

/// What the data make real of a plan's hazards.
pub(super) struct Findings(Vec<Finding>);

impl Findings {
    /// Asks the database.
    pub(super) async fn look(
        ctx: &mut Context,
        url: &ConnectionUrl,
        plan: &Plan<'_>,
    ) -> anyhow::Result<Self> {
        let interrupt = ctx.signals.attend();
        let report = &mut ctx.report;
        Ok(Self(nicol_migrate::evaluate(url, plan, |it| say(report, &it), interrupt).await?))
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
        self.show(ctx, "this cannot be done with what is in the database:", Severity::Unexecutable);
    }

    /// Returns what helps against dependent objects, as the start of a sentence with other ways; nothing without any.
    pub(super) fn remedy(&self) -> &'static str {
        let is_blocked = self.0.iter().any(|it| matches!(it.hazard.kind, HazardKind::Blocked { .. }));
        if is_blocked { "drop the dependent objects first and create them again afterwards; or " } else { "" }
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
