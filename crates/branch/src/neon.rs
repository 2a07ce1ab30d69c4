//! Branches in Neon, by its API.
//!
//! Source: Neon's API reference, and its description in the npm package `@neondatabase/api-client`.

mod http;

use std::time::{Duration, Instant};

use ::http::Method;
use async_trait::async_trait;
use jiff::Timestamp;
use nicol_pg::ConnectionUrl;
use nicol_pg::url::Address;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use url::Url;

use crate::backend::{Backend, Compute, NewBranch, Opened, Origin, Urls};
use crate::branch::Branch;
use crate::error::Error;
use crate::point::Point;
use http::Http;

/// The address of the API.
const API: &str = "https://console.neon.tech/api/v2";

/// How long the operations of a request are waited for.
const OPERATIONS_LIMIT: Duration = Duration::from_mins(5);

/// The number of branches of a page.
const PAGE: &str = "100";

/// How to reach a project in Neon.
#[derive(Clone)]
#[non_exhaustive]
pub struct NeonOptions {
    /// The API key.
    pub api_key: String,
    /// The id of the project.
    pub project_id: String,
    /// The address of the API, if it is not Neon's own. It must use https unless it is on this machine.
    pub api_host: Option<String>,
    /// The database of URLs; by default, the only one.
    pub database: Option<String>,
    /// The role of URLs; by default, the owner of the database.
    pub role: Option<String>,
    /// The time limit of a request (default: 60 s).
    pub time_limit: Option<Duration>,
}

impl std::fmt::Debug for NeonOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NeonOptions").field("project_id", &self.project_id).finish_non_exhaustive()
    }
}

impl NeonOptions {
    /// Returns the default options for a project.
    pub fn new(api_key: &str, project_id: &str) -> Self {
        Self {
            api_key: api_key.to_owned(),
            project_id: project_id.to_owned(),
            api_host: None,
            database: None,
            role: None,
            time_limit: None,
        }
    }
}

/// The branches of a project in Neon.
#[derive(Debug)]
pub struct Neon {
    http: Http,
    options: NeonOptions,
}

#[derive(Deserialize)]
struct Page {
    branches: Vec<Branch>,
    pagination: Option<Pagination>,
}

#[derive(Deserialize)]
struct Pagination {
    next: Option<String>,
}

#[derive(Deserialize)]
struct Changed {
    branch: Branch,
    #[serde(default)]
    operations: Vec<Operation>,
}

#[derive(Deserialize)]
struct Got {
    branch: Branch,
}

#[derive(Deserialize)]
struct Operation {
    id: String,
    action: String,
    status: String,
}

#[derive(Deserialize)]
struct Asked {
    operation: Operation,
}

#[derive(Deserialize)]
struct Databases {
    databases: Vec<Database>,
}

#[derive(Deserialize)]
struct Database {
    name: String,
    owner_name: String,
}

#[derive(Deserialize)]
struct Uri {
    uri: String,
}

#[derive(Deserialize)]
struct Endpoints {
    endpoints: Vec<Endpoint>,
}

#[derive(Deserialize)]
struct Endpoint {
    id: String,
    branch_id: String,
}

impl Neon {
    /// Returns the branches of a project. Sends nothing yet.
    ///
    /// # Errors
    ///
    /// [`Error::ProjectId`], [`Error::InsecureHost`], or [`Error::Unauthorized`] if the key cannot be one.
    pub fn new(options: NeonOptions) -> Result<Self, Error> {
        let is_plain = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-';
        if !(1..=60).contains(&options.project_id.len()) || !options.project_id.bytes().all(is_plain) {
            return Err(Error::ProjectId { id: options.project_id });
        }
        let host = options.api_host.as_deref().unwrap_or(API);
        let http = Http::new(host, &options.api_key, options.time_limit)?;
        Ok(Self { http, options })
    }

    async fn send<T: DeserializeOwned>(
        &self,
        action: &'static str,
        method: Method,
        path: &[&str],
        query: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<T, Error> {
        let path = [&["projects", self.options.project_id.as_str()], path].concat();
        self.http.send(action, method, &path, query, body).await
    }

    async fn get<T: DeserializeOwned>(
        &self,
        action: &'static str,
        path: &[&str],
        query: &[(&str, &str)],
    ) -> Result<T, Error> {
        self.send(action, Method::GET, path, query, None).await
    }

    /// Changes a branch and waits until it can be used.
    async fn change(
        &self,
        action: &'static str,
        method: Method,
        path: &[&str],
        body: Option<&Value>,
    ) -> Result<Branch, Error> {
        let Changed { branch, operations } = self.send(action, method, path, &[], body).await?;
        if operations.is_empty() {
            return Ok(branch);
        }
        self.finish(action, operations).await?;
        let Got { branch } = self.get(action, &["branches", &branch.id], &[]).await?;
        Ok(branch)
    }

    /// Waits for operations to end.
    async fn finish(&self, action: &'static str, operations: Vec<Operation>) -> Result<(), Error> {
        let deadline = Instant::now() + OPERATIONS_LIMIT;
        for mut operation in operations {
            let mut pause = Duration::from_millis(100);
            loop {
                match operation.status.as_str() {
                    "finished" | "skipped" => break,
                    "scheduling" | "running" | "cancelling" => {}
                    _ => {
                        let Operation { action: operation, status, .. } = operation;
                        return Err(Error::Operation { action, operation, status });
                    }
                }
                if Instant::now() + pause > deadline {
                    return Err(Error::Slow { action, seconds: OPERATIONS_LIMIT.as_secs() });
                }
                tokio::time::sleep(pause).await;
                pause = (pause * 3 / 2).min(Duration::from_secs(2));
                let asked: Asked = self.get(action, &["operations", &operation.id], &[]).await?;
                operation = asked.operation;
            }
        }
        Ok(())
    }

    /// Returns the database and the role of URLs.
    async fn database(&self, branch: &Branch) -> Result<(String, String), Error> {
        let path = ["branches", &branch.id, "databases"];
        let Databases { databases } = self.get("list the databases", &path, &[]).await?;
        let names = || databases.iter().map(|it| it.name.clone()).collect();
        let database = match (&self.options.database, databases.as_slice()) {
            (None, [only]) => only,
            (None, []) => {
                let name = "neondb".to_owned();
                return Err(Error::NoDatabase { branch: branch.name.clone(), name, names: Vec::new() });
            }
            (None, _) => {
                return Err(Error::SeveralDatabases { branch: branch.name.clone(), names: names() });
            }
            (Some(name), _) => {
                let found = databases.iter().find(|it| it.name == *name);
                let (branch, name) = (branch.name.clone(), name.clone());
                found.ok_or_else(|| Error::NoDatabase { branch, name, names: names() })?
            }
        };
        let role = self.options.role.clone().unwrap_or_else(|| database.owner_name.clone());
        Ok((database.name.clone(), role))
    }

    async fn url(&self, branch: &Branch, database: &str, role: &str, pooled: bool) -> Result<String, Error> {
        let query = [
            ("branch_id", branch.id.as_str()),
            ("database_name", database),
            ("role_name", role),
            ("pooled", if pooled { "true" } else { "false" }),
        ];
        let Uri { uri } = self.get("tell the connection URL", &["connection_uri"], &query).await?;
        Ok(uri)
    }
}

#[async_trait]
impl Backend for Neon {
    async fn list(&self) -> Result<Vec<Branch>, Error> {
        let action = "list the branches";
        let (mut branches, mut cursor) = (Vec::new(), None::<String>);
        loop {
            let mut query = vec![("limit", PAGE), ("sort_by", "created_at"), ("sort_order", "asc")];
            query.extend(cursor.as_deref().map(|cursor| ("cursor", cursor)));
            let page: Page = self.get(action, &["branches"], &query).await?;
            let is_empty = page.branches.is_empty();
            branches.extend(page.branches);
            let next = page.pagination.and_then(|it| it.next).filter(|next| !next.is_empty());
            if next.is_none() || is_empty {
                return Ok(branches);
            }
            if next == cursor {
                let reason = "its pages do not end".to_owned();
                return Err(Error::Answer { action, reason });
            }
            cursor = next;
        }
    }

    async fn create(&self, new: &NewBranch) -> Result<Branch, Error> {
        let mut branch = Map::new();
        branch.extend(new.name.as_ref().map(|name| ("name".to_owned(), json!(name))));
        branch.extend(new.origin.branch_id.as_ref().map(|id| ("parent_id".to_owned(), json!(id))));
        branch.extend(point("parent", &new.origin.point));
        if new.schema_only {
            branch.insert("init_source".to_owned(), json!("schema-only"));
        }
        branch.extend(new.expires_at.map(|at| ("expires_at".to_owned(), json!(at))));
        let endpoints: Vec<Value> = new.compute.iter().map(endpoint).collect();
        let body = json!({ "branch": branch, "endpoints": endpoints });
        self.change("create the branch", Method::POST, &["branches"], Some(&body)).await
    }

    async fn rename(&self, branch: &Branch, name: &str) -> Result<Branch, Error> {
        let body = json!({ "branch": { "name": name } });
        self.change("rename the branch", Method::PATCH, &["branches", &branch.id], Some(&body)).await
    }

    async fn restore(
        &self,
        branch: &Branch,
        origin: &Origin,
        preserve_under_name: Option<&str>,
    ) -> Result<Branch, Error> {
        let mut body = point("source", &origin.point);
        body.extend(origin.branch_id.as_ref().map(|id| ("source_branch_id".to_owned(), json!(id))));
        body.extend(preserve_under_name.map(|name| ("preserve_under_name".to_owned(), json!(name))));
        let path = ["branches", &branch.id, "restore"];
        self.change("restore the branch", Method::POST, &path, Some(&body.into())).await
    }

    async fn set_expiration(&self, branch: &Branch, at: Option<Timestamp>) -> Result<Branch, Error> {
        let body = json!({ "branch": { "expires_at": at } });
        self.change("set the expiration", Method::PATCH, &["branches", &branch.id], Some(&body)).await
    }

    async fn delete(&self, branch: &Branch) -> Result<(), Error> {
        let action = "delete the branch";
        // Without a body, it did not exist any more.
        let path = ["branches", &branch.id];
        let changed: Option<Changed> = self.send(action, Method::DELETE, &path, &[], None).await?;
        self.finish(action, changed.map(|it| it.operations).unwrap_or_default()).await
    }

    async fn urls(&self, branch: &Branch) -> Result<Urls, Error> {
        let (database, role) = self.database(branch).await?;
        let pooled = connection_url(&self.url(branch, &database, &role, true).await?)?;
        let direct = connection_url(&self.url(branch, &database, &role, false).await?)?;
        Ok(Urls { pooled, direct })
    }

    async fn leave(&self, _branch: &Branch) -> Result<(), Error> {
        Ok(())
    }

    async fn open(&self, branch: &Branch, point: &Point) -> Result<Opened, Error> {
        let (database, role) = self.database(branch).await?;
        let url = self.url(branch, &database, &role, false).await?;
        let url = connection_url(&in_the_past(&url, branch, point).unwrap_or(url))?;
        Ok(Opened { url, lease: None })
    }

    async fn branch_at(&self, url: &ConnectionUrl) -> Result<Option<String>, Error> {
        let Address::Tcp { name, .. } = &url.hosts()[0].address else { return Ok(None) };
        let label = name.split('.').next().unwrap_or_default();
        let id = label.strip_suffix("-pooler").unwrap_or(label);
        if !id.starts_with("ep-") {
            return Ok(None);
        }
        let Endpoints { endpoints } = self.get("list the computes", &["endpoints"], &[]).await?;
        Ok(endpoints.into_iter().find(|endpoint| endpoint.id == id).map(|endpoint| endpoint.branch_id))
    }
}

/// Returns the fields of a point, such as `parent_lsn`.
fn point(prefix: &str, point: &Point) -> Map<String, Value> {
    let field = match point {
        Point::Head => None,
        Point::Time(time) => Some((format!("{prefix}_timestamp"), json!(time))),
        Point::Lsn(lsn) => Some((format!("{prefix}_lsn"), json!(lsn))),
    };
    field.into_iter().collect()
}

fn endpoint(compute: &Compute) -> Value {
    let mut endpoint = json!({ "type": "read_write" });
    if compute.suspend_timeout != 0 {
        endpoint["suspend_timeout_seconds"] = json!(compute.suspend_timeout);
    }
    if let Some((min, max)) = compute.units {
        endpoint["autoscaling_limit_min_cu"] = json!(min);
        endpoint["autoscaling_limit_max_cu"] = json!(max);
    }
    endpoint
}

/// Returns the URL of a point in the history of a branch: the branch's id takes the place of the compute's, and an option
/// tells the point.
fn in_the_past(url: &str, branch: &Branch, point: &Point) -> Option<String> {
    let option = match point {
        Point::Head => return None,
        Point::Time(time) => format!("neon_timestamp:{time}"),
        Point::Lsn(lsn) => format!("neon_lsn:{lsn}"),
    };
    let mut url = Url::parse(url).ok()?;
    let (_, domain) = url.host_str()?.split_once('.')?;
    let host = format!("{}.{domain}", branch.id);
    url.set_host(Some(&host)).ok()?;
    url.query_pairs_mut().append_pair("options", &option);
    Some(url.into())
}

fn connection_url(text: &str) -> Result<ConnectionUrl, Error> {
    ConnectionUrl::parse(text).map_err(|_| Error::Answer {
        action: "tell the connection URL",
        reason: "it is not a connection URL".to_owned(),
    })
}
