//! The Git hook that switches branches of the database together with those of the code.

use std::fs::{self, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, bail};
use nicol_branch::{NewBranch, Origin, name_for_git_branch};

use super::create::create;
use super::session::Session;
use super::switch::switch;
use crate::args::{Branch, shell_word};
use crate::context::Context;
use crate::exit::Exit;
use crate::git::Git;
use crate::project::{Project, from_cwd};

const NAME: &str = "post-checkout";
const BEGIN: &str = "# nicol branch hook: begin";
const END: &str = "# nicol branch hook: end";

/// How long a checkout waits for the database.
const LIMIT: Duration = Duration::from_mins(1);

pub(super) fn install(ctx: &mut Context, project: &Project) -> anyhow::Result<Exit> {
    let path = path(project)?;
    let part = part(project)?;
    let shown = from_cwd(ctx, &path).display().to_string();
    let text = match read(&path)? {
        None => format!("#!/bin/sh\n{part}"),
        Some(text) => {
            let text = without_part(&text);
            let Some((first, rest)) = text.split_once('\n').filter(|(first, _)| is_shell(first)) else {
                bail!(
                    "`{shown}` is not a shell script, so it cannot be extended\n\
                     help: run these lines from it:\n{part}"
                );
            };
            // At the beginning, because the script may end anywhere.
            format!("{first}\n{part}{rest}")
        }
    };
    write(&path, &text)?;
    ctx.report.success(&format!("installed the hook in {shown}"));
    ctx.report.note(
        "`git switch` now also switches the branch of the database; `nicol branch hook uninstall` ends this",
    );
    Ok(Exit::Success)
}

pub(super) fn uninstall(ctx: &mut Context, project: &Project) -> anyhow::Result<Exit> {
    let path = path(project)?;
    let shown = from_cwd(ctx, &path).display().to_string();
    let Some(text) = read(&path)?.filter(|text| text.contains(BEGIN)) else {
        ctx.report.success("the hook is not installed");
        return Ok(Exit::Success);
    };
    let rest = without_part(&text);
    if rest.lines().all(|line| line.is_empty() || line == "#!/bin/sh") {
        fs::remove_file(&path).with_context(|| format!("cannot remove `{shown}`"))?;
    } else {
        write(&path, &rest)?;
    }
    ctx.report.success(&format!("removed the hook from {shown}"));
    Ok(Exit::Success)
}

/// Switches to the branch of the checked-out Git branch, and creates it if it does not exist. Never fails: a checkout is more
/// important than its database.
pub(super) async fn run(ctx: &mut Context, project: &Project, args: &Branch, is_new: bool) -> Exit {
    // Nothing belongs to a detached HEAD.
    let Some(git_branch) = Git(&project.root).branch() else { return Exit::Success };
    let work = Box::pin(follow(ctx, project, args, &git_branch, is_new));
    let error = match tokio::time::timeout(LIMIT, work).await {
        Ok(Ok(())) => return Exit::Success,
        // A new working tree (`git worktree add`) is a project without a server of its own.
        Ok(Err(error)) if matches!(error.downcast_ref(), Some(nicol_branch::Error::NoServer)) => {
            return Exit::Success;
        }
        Ok(Err(error)) => format!("{error}"),
        Err(_) => format!("it took longer than {} s", LIMIT.as_secs()),
    };
    let error = error.lines().next().unwrap_or_default().to_owned();
    ctx.report.note(&format!("the branch of the database is unchanged: {error}"));
    Exit::Success
}

async fn follow(
    ctx: &mut Context,
    project: &Project,
    args: &Branch,
    git_branch: &str,
    is_new: bool,
) -> anyhow::Result<()> {
    let mut session = Session::open(ctx, project, &args.backend).await?;
    let default = session.branches.default_branch()?.clone();
    let name = name_for_git_branch(git_branch);
    let existing = session.branches.all().iter().find(|branch| branch.name == name).cloned();
    let existing = existing.or_else(|| Git(&project.root).is_default(git_branch).then(|| default.clone()));
    if let Some(branch) = existing {
        if session.current.as_deref() != Some(&branch.id) {
            switch(ctx, project, &mut session, &branch).await?;
        }
        return Ok(());
    }
    // A new Git branch begins where the former one is, and so do its data.
    let parent = if is_new { session.current_or_default()?.clone() } else { default };
    let new = NewBranch::new(&name, Origin::head(&parent));
    session.branches.check_new_name(&name)?;
    create(ctx, project, &mut session, &new, true).await?;
    Ok(())
}

/// Returns the path of the hook in the repository.
fn path(project: &Project) -> anyhow::Result<PathBuf> {
    let git = Git(&project.root);
    let (Some(hooks), Some(repository)) = (git.hooks(), git.repository()) else {
        bail!(
            "`{}` is not in a Git repository\nhelp: run `git init` first, and check that Git is installed",
            project.root.display()
        );
    };
    let whole = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    if !whole(&hooks).starts_with(whole(&repository)) {
        bail!(
            "the hooks of this repository are in `{}` (`core.hooksPath`), where other repositories or a tool such as husky may \
             use them\n\
             help: run these lines from the `{NAME}` hook there:\n{}",
            hooks.display(),
            part(project)?
        );
    }
    Ok(whole(&hooks).join(NAME))
}

/// Returns the lines of the hook. They do not read the input, change the folder or end the script.
fn part(project: &Project) -> anyhow::Result<String> {
    let prefix = Git(&project.root).prefix().context("this is not a Git repository")?;
    let folder = if prefix.is_empty() { ".".to_owned() } else { shell_word(Path::new(&prefix)) };
    let arguments = project.place.arguments();
    Ok(format!(
        "{BEGIN}\n\
         if [ \"$3\" = 1 ] && [ -d {folder} ] && command -v nicol >/dev/null 2>&1; then\n  \
           (cd {folder} && nicol branch hook run \"$1\" \"$2\"{arguments}) </dev/null || :\n\
         fi\n\
         {END}\n"
    ))
}

fn without_part(text: &str) -> String {
    let (Some(begin), Some(end)) = (text.find(BEGIN), text.find(END)) else { return text.to_owned() };
    let end = text[end..].find('\n').map_or(text.len(), |length| end + length + 1);
    if end < begin { text.to_owned() } else { format!("{}{}", &text[..begin], &text[end..]) }
}

/// Whether the first line of a script names a shell.
fn is_shell(line: &str) -> bool {
    let Some(command) = line.strip_prefix("#!") else { return false };
    let mut words = command.split_whitespace().map(|word| word.rsplit('/').next().unwrap_or_default());
    let program = words.find(|word| *word != "env" && !word.starts_with('-'));
    program.is_some_and(|program| ["sh", "bash", "dash", "ash", "ksh", "zsh"].contains(&program))
}

fn read(path: &Path) -> anyhow::Result<Option<String>> {
    if fs::symlink_metadata(path).is_ok_and(|meta| !meta.is_file()) {
        bail!("`{}` is not a file\nhelp: replace the link with a file first", path.display());
    }
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read `{}`", path.display())),
    }
}

/// Writes the hook under another name first, so that Git never runs half of it.
fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    let mode = fs::metadata(path).map_or(0o755, |meta| meta.permissions().mode() | 0o100);
    let new = path.with_extension("new");
    let write = || {
        fs::create_dir_all(path.parent().unwrap_or(Path::new("")))?;
        fs::write(&new, text)?;
        fs::set_permissions(&new, Permissions::from_mode(mode))?;
        fs::rename(&new, path)
    };
    write().with_context(|| format!("cannot write `{}`", path.display()))
}
