//! What the user may do, and what the database has: extensions and collations.

use std::fmt::Display;

use super::super::facts::{Role, SchemaRights, Server};
use super::super::rule::{self, Finding, Rule};
use super::{Checked, Subject, known, user};

/// Checks the rights of the user in each schema.
pub(super) fn rights(subject: &Subject<'_>, server: &Server) -> Option<Checked> {
    let rights = match known(&server.rights, subject, "rights", "the rights") {
        Ok(rights) => rights,
        Err(checked) => return Some(checked),
    };
    let identity = server.identity.as_ref().ok()?;
    let facts = subject.facts;
    let is_local = facts.is_local();
    let migrates = facts.is_for_migrations(subject.project) && subject.project.has_migrations;
    let user = user(facts);
    let mut findings = Vec::new();
    if identity.is_superuser && !is_local && matches!(facts.role, Role::Queries | Role::Replica) {
        let schema = rights.first().map_or("public", |it| it.schema.as_str());
        findings.push(rule::SUPERUSER.found(&[("user", &user), ("schema", &schema)]));
    }
    let may_create = identity.may_create_databases;
    if migrates && !may_create && is_local && !subject.project.has_shadow {
        findings.push(rule::NO_CREATEDB.found(&[("user", &user)]));
    }
    if facts.role == Role::Shadow {
        return Some(Checked::new("rights", role(identity.is_superuser)).with(findings));
    }
    for it in rights {
        findings.extend(in_schema(subject, it, &user, migrates));
    }
    let names: Vec<_> = rights.iter().map(|it| format!("`{}`", it.schema)).collect();
    let text = format!("{}, in {}", role(identity.is_superuser), names.join(", "));
    Some(Checked::new("rights", text).with(findings))
}

fn role(is_superuser: bool) -> &'static str {
    if is_superuser { "superuser" } else { "ordinary user" }
}

fn in_schema(subject: &Subject<'_>, it: &SchemaRights, user: &str, migrates: bool) -> Vec<Finding> {
    let values: [(&str, &dyn Display); 2] = [("schema", &it.schema), ("user", &user)];
    let found = |rule: &Rule, more: &[(&str, &dyn Display)]| {
        let mut all = values.to_vec();
        all.extend_from_slice(more);
        rule.found(&all)
    };
    let mut findings = Vec::new();
    if !it.exists {
        return vec![found(&rule::SCHEMA_MISSING, &[])];
    }
    if !it.usage {
        return vec![found(&rule::NO_USAGE, &[])];
    }
    if migrates && !it.create {
        findings.push(found(&rule::NO_CREATE, &[]));
    }
    if migrates && it.foreign > 0 {
        let (count, names) = (tables(it.foreign), list(&it.foreign_names, it.foreign));
        let owner = it.foreign_owner.clone().unwrap_or_default();
        findings
            .push(found(&rule::TABLES_NOT_OWNED, &[("count", &count), ("names", &names), ("owner", &owner)]));
    }
    let mut denied = |verb: &str, privileges: &str, count: i64, names: &[String]| {
        if count > 0 {
            let (count, names) = (tables(count), list(names, count));
            let more: [(&str, &dyn Display); 4] =
                [("verb", &verb), ("privileges", &privileges), ("count", &count), ("names", &names)];
            findings.push(found(&rule::TABLES_NO_ACCESS, &more));
        }
    };
    match subject.facts.role {
        Role::Queries if it.unreadable > 0 => {
            denied("read", "select, insert, update, delete", it.unreadable, &it.unreadable_names);
        }
        Role::Queries => {
            denied("change", "select, insert, update, delete", it.unwritable, &it.unwritable_names);
        }
        Role::Replica => denied("read", "select", it.unreadable, &it.unreadable_names),
        Role::Direct | Role::Shadow => {}
    }
    if it.public_create && it.schema == "public" && subject.facts.role == Role::Queries {
        findings.push(found(&rule::PUBLIC_CREATE, &[]).milder_if(subject.facts.is_local()));
    }
    findings
}

fn tables(count: i64) -> String {
    format!("{count} table{}", if count == 1 { "" } else { "s" })
}

fn list(names: &[String], count: i64) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    let more = if usize::try_from(count).is_ok_and(|count| count > names.len()) { ", …" } else { "" };
    quoted.join(", ") + more
}

/// Checks the extensions.
pub(super) fn extensions(subject: &Subject<'_>, server: &Server) -> Option<Checked> {
    if subject.facts.role == Role::Shadow {
        return None;
    }
    let extensions = match known(&server.extensions, subject, "extensions", "the extensions") {
        Ok(extensions) => extensions,
        Err(checked) => return Some(checked),
    };
    let identity = server.identity.as_ref().ok()?;
    let version = identity.version_number / 10_000;
    let mut findings = Vec::new();
    for it in extensions {
        let package = it.name.replace('_', "-");
        let values = |more: &[(&'static str, String)]| -> Vec<(&'static str, String)> {
            let mut all = vec![("extension", it.name.clone())];
            all.extend_from_slice(more);
            all
        };
        let (rule, values) = match (&it.installed, &it.available) {
            (None, None) => (
                &rule::EXTENSION_UNAVAILABLE,
                values(&[("version", version.to_string()), ("package", package)]),
            ),
            (None, Some(_)) => (&rule::EXTENSION_MISSING, values(&[("database", identity.database.clone())])),
            (Some(installed), Some(available)) if installed != available => (
                &rule::EXTENSION_OUTDATED,
                values(&[("installed", installed.clone()), ("available", available.clone())]),
            ),
            (Some(_), _) => continue,
        };
        let values: Vec<(&str, &dyn Display)> =
            values.iter().map(|(name, value)| (*name, value as &dyn Display)).collect();
        findings.push(rule.found(&values));
    }
    let installed: Vec<_> = extensions
        .iter()
        .filter(|it| it.installed.is_some() && it.name != "plpgsql")
        .map(|it| it.name.as_str())
        .collect();
    let text = if installed.is_empty() { "none".to_owned() } else { installed.join(", ") };
    Some(Checked::new("extensions", text).with(findings))
}

/// Checks how text is stored and sorted.
pub(super) fn text(subject: &Subject<'_>, server: &Server) -> Option<Checked> {
    let identity = server.identity.as_ref().ok()?;
    let collations = match known(&server.collations, subject, "text", "the versions of collations") {
        Ok(collations) => collations,
        Err(checked) => return Some(checked),
    };
    let database = &identity.database;
    let mut findings = Vec::new();
    if identity.encoding != "UTF8" {
        findings.push(rule::ENCODING.found(&[("encoding", &identity.encoding)]));
    }
    for it in collations {
        let mut values: Vec<(&str, &dyn Display)> =
            vec![("database", database), ("recorded", &it.recorded), ("actual", &it.actual)];
        findings.push(match &it.name {
            None => rule::COLLATION_DATABASE.found(&values),
            Some(name) => {
                values.push(("collation", name));
                rule::COLLATION_VERSION.found(&values)
            }
        });
    }
    let text = if collations.is_empty() { ", collations up to date" } else { "" };
    Some(Checked::new("text", format!("{}{text}", identity.encoding)).with(findings))
}
