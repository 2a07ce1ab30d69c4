//! `nicol doctor`: looks at the databases of a project and says what to change.
//!
//! ```text
//! target ─► gather ─► Facts ─► check ─► Finding ─► print
//!          (connects)        (pure; texts in `rule`)
//! ```
//!
//! For a new check: a rule with its texts in `rule`, a fact in `facts` if it is not there yet, and the comparison in
//! `check`. `docs/doctor.md` lists the rules.

mod check;
mod facts;
mod gather;
mod print;
mod rule;
mod sql;
mod target;

use std::time::SystemTime;

use self::print::Summary;
use self::target::Targets;
use crate::args::{Doctor, DoctorFormat};
use crate::context::Context;
use crate::exit::Exit;
use crate::project::Project;
use crate::report::visible;

pub(super) async fn run(ctx: &mut Context, project: &Project, args: &Doctor) -> anyhow::Result<Exit> {
    let targets = Targets::find(ctx, project, args).await?;
    let looked = async {
        let mut all = Vec::new();
        for target in &targets.list {
            // Boxed because this future is large.
            all.push(Box::pin(gather::gather(target, &targets.project, targets.migrations.as_ref())).await);
        }
        Ok(all)
    };
    let all = ctx.signals.guard(looked).await;
    if let Some(local) = targets.local {
        local.close().await?;
    }
    let all = all?;
    let now = SystemTime::now();
    let checks: Vec<_> =
        (0..all.len()).map(|index| check::check(&all, index, &targets.project, now)).collect();
    let text = match args.format {
        DoctorFormat::Text => visible(&print::text(&all, &checks, ctx.report.paint())),
        DoctorFormat::Json => print::json(&all, &checks),
    };
    ctx.report.output(&text);
    let Summary { errors, warnings, .. } = Summary::of(&checks);
    let fails = errors > 0 || args.strict && warnings > 0;
    Ok(if fails { Exit::Failure } else { Exit::Success })
}
