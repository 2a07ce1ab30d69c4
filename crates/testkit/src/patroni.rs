//! A cluster that replaces its primary by itself: Patroni with etcd, as Debian packages them.

use std::fs::{self, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nicol_pg::ConnectionUrl;
use serde_json::Value;
use tempfile::TempDir;
use tokio::task::spawn_blocking;

/// How long a cluster may take to start, or to find a new primary.
const PATIENCE: Duration = Duration::from_secs(90);

/// Three servers on loopback, one of them the primary and one its synchronous standby, and the etcd that they agree
/// by. All are killed and removed when dropped.
#[derive(Debug)]
pub struct Patroni {
    folder: TempDir,
    etcd: Option<Child>,
    nodes: Vec<Node>,
}

#[derive(Debug)]
struct Node {
    name: String,
    port: u16,
    data: PathBuf,
    config: PathBuf,
    process: Option<Child>,
}

impl Patroni {
    /// Starts a cluster and waits until it has a primary and a synchronous standby.
    pub async fn start() -> Self {
        let folder =
            tempfile::Builder::new().prefix("nicol-patroni-").tempdir().expect("a folder can be made");
        // As root, the programs run as another user.
        fs::set_permissions(folder.path(), Permissions::from_mode(0o777))
            .expect("the folder is this process's");
        let ports = free_ports(8);
        let nodes = (0..3).map(|n| Node::configure(folder.path(), n, ports[0], ports[2 + n], ports[5 + n]));
        let nodes = nodes.collect();
        let mut cluster = Self { folder, etcd: None, nodes };
        let [clients, peers] = [ports[0], ports[1]].map(|port| format!("http://127.0.0.1:{port}"));
        cluster.etcd = Some(cluster.spawn(
            Path::new("etcd"),
            "etcd",
            &[
                "--data-dir",
                &cluster.folder.path().join("etcd").to_string_lossy(),
                "--listen-client-urls",
                &clients,
                "--advertise-client-urls",
                &clients,
                "--listen-peer-urls",
                &peers,
                "--initial-advertise-peer-urls",
                &peers,
                "--initial-cluster",
                &format!("default={peers}"),
            ],
        ));
        for n in 0..cluster.nodes.len() {
            cluster.start_node(n);
        }
        cluster.wait_until_whole().await;
        cluster
    }

    /// Returns a URL of the database `postgres` that names all three servers and asks for the one that accepts writes.
    pub fn url(&self) -> ConnectionUrl {
        let hosts: Vec<_> = self.nodes.iter().map(|node| format!("127.0.0.1:{}", node.port)).collect();
        let url = format!(
            "postgresql://postgres:secret@{}/postgres?target_session_attrs=read-write&sslmode=disable",
            hosts.join(",")
        );
        ConnectionUrl::parse(&url).expect("it is a URL")
    }

    /// Makes the synchronous standby the primary, in agreement with the primary. Returns how long that took.
    pub async fn switch_over(&self) -> Duration {
        let began = Instant::now();
        let leader = self.leader().await;
        self.patronictl(&["switchover", "--master", &leader, "--force", "people"]).await;
        self.wait_for(|members| role(members, "Leader").is_some_and(|name| name != leader)).await;
        began.elapsed()
    }

    /// Kills the primary and its Patroni without a word to the others. Returns which one it was.
    pub async fn kill_primary(&mut self) -> usize {
        let leader = self.leader().await;
        let n =
            self.nodes.iter().position(|node| node.name == leader).expect("the leader is one of the nodes");
        self.nodes[n].kill("-KILL");
        n
    }

    /// Starts a node that was killed; it joins the cluster as a standby.
    pub fn start_node(&mut self, n: usize) {
        let node = &self.nodes[n];
        let process = self.spawn(Path::new("patroni"), &node.name, &[&node.config.to_string_lossy()]);
        self.nodes[n].process = Some(process);
    }

    /// Waits until all three servers run, and there are a primary and a synchronous standby.
    pub async fn wait_until_whole(&self) {
        self.wait_for(|members| {
            let runs = |member: &&Value| matches!(member["State"].as_str(), Some("running" | "streaming"));
            members.iter().filter(runs).count() == 3
                && role(members, "Leader").is_some()
                && role(members, "Sync Standby").is_some()
        })
        .await;
    }

    async fn leader(&self) -> String {
        let members = self.wait_for(|members| role(members, "Leader").is_some()).await;
        role(&members, "Leader").expect("it was just there")
    }

    async fn wait_for(&self, is_done: impl Fn(&[Value]) -> bool) -> Vec<Value> {
        let began = Instant::now();
        loop {
            let output = self.patronictl(&["list", "--format", "json", "people"]).await;
            let members: Vec<Value> = serde_json::from_str(&output).unwrap_or_default();
            if is_done(&members) {
                return members;
            }
            assert!(began.elapsed() < PATIENCE, "the cluster does not get there:\n{output}\n{}", self.logs());
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    async fn patronictl(&self, arguments: &[&str]) -> String {
        let mut command = Command::new("patronictl");
        command.arg("--config-file").arg(&self.nodes[0].config).args(arguments).stdin(Stdio::null());
        let output = spawn_blocking(move || command.output()).await.expect("the task does not panic");
        let output =
            output.expect("patronictl runs: help: run `cargo xtask test cluster`, which installs it");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn spawn(&self, program: &Path, name: &str, arguments: &[&str]) -> Child {
        let log =
            fs::File::create(self.folder.path().join(format!("{name}.log"))).expect("a file can be made");
        let mut command = if rustix::process::geteuid().is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.args(arguments).env("HOME", self.folder.path()).current_dir("/").stdin(Stdio::null());
        command.stdout(log.try_clone().expect("a file can be shared")).stderr(log);
        command
            .spawn()
            .expect("Patroni and etcd run: help: run `cargo xtask test cluster`, which installs them")
    }

    fn logs(&self) -> String {
        let tail = |name: &str| {
            let text = fs::read_to_string(self.folder.path().join(format!("{name}.log"))).unwrap_or_default();
            let lines: Vec<_> = text.lines().rev().take(8).collect();
            format!("{name}:\n{}\n", lines.into_iter().rev().collect::<Vec<_>>().join("\n"))
        };
        self.nodes.iter().map(|node| node.name.as_str()).chain(["etcd"]).map(tail).collect()
    }
}

impl Drop for Patroni {
    fn drop(&mut self) {
        for node in &mut self.nodes {
            // At once, but without leaving shared memory behind.
            node.kill("-QUIT");
        }
        if let Some(etcd) = &mut self.etcd {
            let _ = etcd.kill();
            let _ = etcd.wait();
        }
    }
}

impl Node {
    fn configure(folder: &Path, n: usize, etcd: u16, port: u16, rest: u16) -> Self {
        let name = format!("node{n}");
        let [data, config] = ["", ".yml"].map(|suffix| folder.join(format!("{name}{suffix}")));
        let (folder, bin) = (folder.display(), postgres_bin());
        let text = format!(
            "scope: people\n\
             name: {name}\n\
             restapi: {{listen: '127.0.0.1:{rest}', connect_address: '127.0.0.1:{rest}'}}\n\
             etcd3: {{host: '127.0.0.1:{etcd}'}}\n\
             bootstrap:\n\
             \x20 dcs:\n\
             \x20   {{ttl: 20, loop_wait: 1, retry_timeout: 3, synchronous_mode: true, postgresql: {{use_pg_rewind: true}}}}\n\
             \x20 initdb: [{{encoding: UTF8}}, {{auth-host: scram-sha-256}}, {{auth-local: trust}}]\n\
             postgresql:\n\
             \x20 listen: '127.0.0.1:{port}'\n\
             \x20 connect_address: '127.0.0.1:{port}'\n\
             \x20 data_dir: {data}\n\
             \x20 bin_dir: {bin}\n\
             \x20 pgpass: {folder}/{name}.pgpass\n\
             \x20 authentication:\n\
             \x20   superuser: {{username: postgres, password: secret}}\n\
             \x20   replication: {{username: replicator, password: secret}}\n\
             \x20   rewind: {{username: postgres, password: secret}}\n\
             \x20 parameters: {{unix_socket_directories: {folder}, fsync: 'off', wal_log_hints: 'on'}}\n\
             \x20 pg_hba:\n\
             \x20 - local all all trust\n\
             \x20 - host replication replicator 127.0.0.1/32 scram-sha-256\n\
             \x20 - host all all 127.0.0.1/32 scram-sha-256\n",
            data = data.display(),
            bin = bin.display(),
        );
        fs::write(&config, text).expect("a file can be written");
        Self { name, port, data, config, process: None }
    }

    /// Ends Patroni, which would start the server again, and then the server.
    fn kill(&mut self, signal: &str) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
        let pid = fs::read_to_string(self.data.join("postmaster.pid")).unwrap_or_default();
        if let Some(pid) = pid.lines().next() {
            let _ = Command::new("kill").args([signal, pid]).stderr(Stdio::null()).status();
        }
    }
}

/// Returns the member with a role.
fn role(members: &[Value], role: &str) -> Option<String> {
    let member = members.iter().find(|member| member["Role"] == role)?;
    Some(member["Member"].as_str()?.to_owned())
}

fn postgres_bin() -> PathBuf {
    let usual = (14..=18).rev().map(|version| PathBuf::from(format!("/usr/lib/postgresql/{version}/bin")));
    let given = std::env::var_os("NICOL_POSTGRES_BIN").map(PathBuf::from);
    given
        .into_iter()
        .chain(usual)
        .find(|folder| folder.join("postgres").is_file())
        .expect("there is PostgreSQL")
}

fn free_ports(count: usize) -> Vec<u16> {
    let listeners: Vec<_> =
        (0..count).map(|_| TcpListener::bind("127.0.0.1:0").expect("a port is free")).collect();
    listeners.iter().map(|it| it.local_addr().expect("it is bound").port()).collect()
}
