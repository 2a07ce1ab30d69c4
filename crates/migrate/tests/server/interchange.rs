//! nicol and Prisma 6.19.0 take turns on one project and one database.

use std::fs;
use std::path::{Path, PathBuf};

use nicol_migrate::{Migrations, deploy, history, status};
use nicol_pg::ConnectionUrl;

use crate::support::{TestResult, client, dump, empty, history as rows};

/// A project of People's schema and migrations, in which a second migration waits.
struct Project {
    folder: tempfile::TempDir,
}

const SECOND: &str = "20990101000000_second";

impl Project {
    fn new() -> Result<Self, Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let people = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../people/prisma");
        let schema = fs::read_to_string(people.join("schema.prisma"))?;
        fs::write(folder.path().join("schema.prisma"), schema.replace("\"nicol\"", "\"prisma-client-js\""))?;
        let project = Self { folder };
        fs::create_dir(project.migrations())?;
        fs::copy(
            people.join("migrations").join(history::LOCK_FILE),
            project.migrations().join(history::LOCK_FILE),
        )?;
        for migration in Migrations::from_folder(&people.join("migrations"))?.iter() {
            project.add(migration.name(), migration.script()?)?;
        }
        Ok(project)
    }

    fn migrations(&self) -> PathBuf {
        self.folder.path().join("migrations")
    }

    fn add(&self, name: &str, script: &str) -> std::io::Result<()> {
        fs::create_dir(self.migrations().join(name))?;
        fs::write(self.migrations().join(name).join(history::SCRIPT_FILE), script)
    }

    fn ours(&self) -> Result<Migrations, nicol_migrate::Error> {
        Migrations::from_folder(&self.migrations())
    }

    /// Runs `prisma migrate …`; gives whether it is content, and what it says.
    fn prisma(&self, command: &str, url: &ConnectionUrl) -> (bool, String) {
        let output = testkit::reference_command(Some(url))
            .args(["migrate", command, "--schema"])
            .arg(self.folder.path().join("schema.prisma"))
            .current_dir(self.folder.path())
            .output()
            .expect("the reference can be started");
        let text = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8_lossy(&text).into_owned())
    }
}

#[tokio::test]
async fn prisma_accepts_what_nicol_has_deployed() -> TestResult {
    let (project, database) = (Project::new()?, empty().await);
    let url = database.url();
    deploy(url, &project.ours()?, |_| {}).await?;
    let (is_content, text) = project.prisma("status", url);
    assert!(is_content, "{text}");
    let (is_content, text) = project.prisma("deploy", url);
    assert!(is_content, "{text}");
    assert_eq!(rows(&client(url).await).await.len(), project.ours()?.iter().count());

    project.add(SECOND, "create table second (id int);")?;
    assert!(!project.prisma("status", url).0);
    let (is_content, text) = project.prisma("deploy", url);
    assert!(is_content, "{text}");
    let found = status(url, &project.ours()?).await?;
    assert!(found.is_up_to_date() && found.edited.is_empty(), "{found:?}");
    Ok(())
}

#[tokio::test]
async fn nicol_accepts_what_prisma_has_deployed() -> TestResult {
    let (project, database) = (Project::new()?, empty().await);
    let url = database.url();
    let (is_content, text) = project.prisma("deploy", url);
    assert!(is_content, "{text}");
    let found = status(url, &project.ours()?).await?;
    assert!(found.is_up_to_date() && found.edited.is_empty(), "{found:?}");
    assert!(deploy(url, &project.ours()?, |_| {}).await?.migrations.is_empty());

    project.add(SECOND, "create table second (id int);")?;
    assert_eq!(deploy(url, &project.ours()?, |_| {}).await?.migrations, [SECOND]);
    let (is_content, text) = project.prisma("status", url);
    assert!(is_content, "{text}");
    Ok(())
}

#[tokio::test]
async fn each_stops_at_a_failure_of_the_other() -> TestResult {
    for nicol_is_first in [true, false] {
        let (project, database) = (Project::new()?, empty().await);
        let url = database.url();
        project.add(SECOND, "alter table nowhere add column x int;")?;
        if nicol_is_first {
            deploy(url, &project.ours()?, |_| {}).await.unwrap_err();
        } else {
            project.prisma("deploy", url);
        }
        let (is_content, text) = project.prisma("deploy", url);
        assert!(!is_content && text.contains("P3009") && text.contains(SECOND), "{text}");
        assert_eq!(deploy(url, &project.ours()?, |_| {}).await.unwrap_err().code(), Some("P3009"));
        assert_eq!(status(url, &project.ours()?).await?.failed, [SECOND]);
    }
    Ok(())
}

/// Prisma's lock is the session's, ours behind a pooler is a transaction's: both have the same key.
#[tokio::test]
async fn prisma_waits_for_a_migration_of_nicol() -> TestResult {
    let (project, database) = (Project::new()?, empty().await);
    let url = database.url();
    for (take, leave) in [
        ("select pg_advisory_lock(72707369)", "select pg_advisory_unlock(72707369)"),
        ("begin; select pg_advisory_xact_lock(72707369)", "commit"),
    ] {
        let holder = client(url).await;
        holder.batch_execute(take).await?;
        let (is_content, text) = project.prisma("deploy", url);
        assert!(!is_content && text.contains("P1002"), "{text}");
        holder.batch_execute(leave).await?;
    }
    let (is_content, text) = project.prisma("deploy", url);
    assert!(is_content, "{text}");
    Ok(())
}

#[tokio::test]
async fn both_deploy_the_same_database() -> TestResult {
    let project = Project::new()?;
    let (ours, theirs) = (empty().await, empty().await);
    deploy(ours.url(), &project.ours()?, |_| {}).await?;
    let (is_content, text) = project.prisma("deploy", theirs.url());
    assert!(is_content, "{text}");
    let (ours, theirs) = (dump(&ours), dump(&theirs));
    assert!(ours.contains("CREATE TABLE public.people"), "{ours}");
    assert_eq!(ours, theirs);
    Ok(())
}
