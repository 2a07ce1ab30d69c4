use anyhow::bail;
use nicol_branch::{Branch, Named, Point, Reference, Timestamp};
use nicol_migrate::catalog::Catalog;

use super::session::Session;
use crate::args::BranchDiff;
use crate::context::Context;
use crate::exit::Exit;
use crate::project::{Project, load_schema};

pub(super) async fn run(
    ctx: &mut Context,
    project: &Project,
    session: &Session,
    args: &BranchDiff,
) -> anyhow::Result<Exit> {
    let (from, to) = sides(session, args)?;
    let mut schemas = Vec::new();
    if let Ok(path) = project.schema()
        && let Some(datasource) = load_schema(ctx, path)?.datasource
    {
        schemas = datasource.schemas;
    }
    let (previous, next) = catalogs(session, (from.0, &from.1), (to.0, &to.1), &schemas).await?;
    let plan = nicol_migrate::plan(&previous, &next);
    if plan.is_empty() {
        ctx.report.line(&format!("the schemas of `{}` and `{}` are equal", from.0.name, to.0.name));
    } else {
        ctx.report.output(&plan.script());
    }
    Ok(if args.exit_code && !plan.is_empty() { Exit::Differences } else { Exit::Success })
}

/// A branch at a point of its history.
type Side<'a> = (&'a Branch, Point);

/// Returns both sides, by the rules of Neon's `schema-diff`.
fn sides<'a>(session: &'a Session, args: &BranchDiff) -> anyhow::Result<(Side<'a>, Side<'a>)> {
    let (base, compare) = match (&args.base, &args.compare) {
        (Some(base), Some(compare)) => (session.branches.find(base)?, compare.as_str()),
        (Some(compare), None) => (session.current_or_default()?, compare.as_str()),
        (None, _) => (session.current_or_default()?, "^parent"),
    };
    let reference = match session.branches.find(compare) {
        Ok(branch) => Reference { branch: Named::Branch(branch.id.clone()), point: Point::Head },
        Err(_) => Reference::parse(compare, Timestamp::now())?,
    };
    let compared = session.branches.resolve(base, &reference)?;
    if (base.id == compared.0.id) && compared.1 == Point::Head {
        bail!(
            "branch `{}` cannot be compared with itself\nhelp: name another branch, or a point in time",
            base.name
        );
    }
    let base = (base, Point::Head);
    // What the branch adds to its parent is what matters.
    Ok(if reference.branch == Named::Parent { (compared, base) } else { (base, compared) })
}

/// Reads both schemas.
async fn catalogs(
    session: &Session,
    from: (&Branch, &Point),
    to: (&Branch, &Point),
    schemas: &[String],
) -> anyhow::Result<(Catalog, Catalog)> {
    let previous = session.backend.open(from.0, from.1).await?;
    let next = match session.backend.open(to.0, to.1).await {
        Ok(next) => next,
        Err(error) => {
            previous.close().await?;
            return Err(error.into());
        }
    };
    let read = async {
        let to = nicol_migrate::live(&next.url, schemas, None).await?;
        let from = nicol_migrate::live(&previous.url, schemas, Some(&to)).await?;
        anyhow::Ok((from, to))
    };
    let catalogs = read.await;
    previous.close().await?;
    next.close().await?;
    catalogs
}
