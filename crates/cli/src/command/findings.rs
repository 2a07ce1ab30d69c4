//! Checks what a plan would do to existing data.

use nicol_migrate::Plan;
use nicol_migrate::hazard::{Finding, HazardKind, Severity};
use nicol_pg::ConnectionUrl;

use super::applying::say;
use crate::context::Context;
use crate::summary::summary_with;

/// The hazards of a plan that apply to the data in the database.
pub(super) struct Findings(Vec<Finding>);

impl Findings {
    /// Checks the hazards against the database.
    pub(super) async fn look(
        ctx: &mut Context,
        url: &ConnectionUrl,
        plan: &Plan<'_>,
    ) -> anyhow::Result<Self> {
        let interrupt = ctx.signals.attend();
        let report = &mut ctx.report;
        Ok(Self(nicol_migrate::evaluate(url, plan, |it| say(report, &it), interrupt).await?))
    }

    /// Whether a step cannot be executed with the existing data.
    pub(super) fn is_unexecutable(&self) -> bool {
        self.of(Severity::Unexecutable).next().is_some()
    }

    /// Whether a step loses data or may fail.
    pub(super) fn has_warnings(&self) -> bool {
        self.of(Severity::Warning).next().is_some()
    }

    /// Prints the plan, before the user is asked about it.
    pub(super) fn show_plan(&self, ctx: &mut Context, plan: &Plan<'_>) {
        let hazards = self.0.iter().map(|it| (it.hazard.change, it.to_string()));
        for line in summary_with(plan, hazards).lines() {
            ctx.report.line(&format!("  {line}"));
        }
    }

    /// Prints what the user has to accept.
    pub(super) fn show_warnings(&self, ctx: &mut Context) {
        self.show(ctx, "data may be lost, or the change may fail:", Severity::Warning);
    }

    /// Prints what cannot be executed.
    pub(super) fn show_unexecutable(&self, ctx: &mut Context) {
        self.show(ctx, "the existing data or objects do not allow this change:", Severity::Unexecutable);
    }

    /// Returns the advice for dependent objects, as the start of a sentence, or nothing if there are none.
    pub(super) fn remedy(&self) -> &'static str {
        let is_blocked = self.0.iter().any(|it| matches!(it.hazard.kind, HazardKind::Blocked { .. }));
        if is_blocked { "drop the dependent objects first and recreate them afterwards; or " } else { "" }
    }

    fn of(&self, severity: Severity) -> impl Iterator<Item = &Finding> {
        self.0.iter().filter(move |it| it.severity() == severity)
    }

    fn show(&self, ctx: &mut Context, what: &str, severity: Severity) {
        ctx.report.warning(what);
        for item in self.of(severity) {
            ctx.report.line(&format!("  {item}"));
        }
    }
}
