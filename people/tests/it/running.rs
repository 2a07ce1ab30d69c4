//! The binary as a process of its own, in a folder of its own.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tempfile::TempDir;

pub(crate) const PATIENCE: Duration = Duration::from_secs(90);

/// The binary with nothing in its environment but what a test gives it.
pub(crate) fn people(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_people"));
    command.current_dir(folder).env_clear().stdin(Stdio::null());
    for name in ["PATH", "HOME", "NICOL_POSTGRES_BIN"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command
}

/// A running binary. It is asked to stop when it is dropped.
pub(crate) struct Running {
    child: Child,
    pub(crate) port: u16,
    output: Arc<Mutex<String>>,
}

impl Running {
    /// Starts the binary in a folder and waits until it serves.
    pub(crate) fn start(folder: &Path, environment: &[(&str, &str)]) -> Self {
        let mut running = Self::spawn(folder, environment);
        let line = running.wait_for("People is at ");
        running.port = line.rsplit(':').next().unwrap().trim().parse().unwrap();
        running
    }

    /// Starts the binary in a folder.
    pub(crate) fn spawn(folder: &Path, environment: &[(&str, &str)]) -> Self {
        let mut command = people(folder);
        command.env("PORT", "0").envs(environment.iter().copied());
        Self::run(command)
    }

    /// Starts a program.
    pub(crate) fn run(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let output = Arc::new(Mutex::new(String::new()));
        collect(child.stdout.take().unwrap(), &output);
        collect(child.stderr.take().unwrap(), &output);
        Self { child, port: 0, output }
    }

    /// Waits for a line that contains a text, and gives its last occurrence.
    pub(crate) fn wait_for(&mut self, text: &str) -> String {
        let began = Instant::now();
        loop {
            let output = self.output();
            if let Some(line) = output.lines().rev().find(|line| line.contains(text)) {
                return line.to_owned();
            }
            assert!(self.child.try_wait().unwrap().is_none(), "it has ended:\n{output}");
            assert!(began.elapsed() < PATIENCE, "no `{text}` in:\n{output}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The id of the process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// All that it wrote so far.
    pub(crate) fn output(&self) -> String {
        self.output.lock().unwrap().clone()
    }

    /// The whole answer of another listener of it.
    pub(crate) fn answer_at(address: &str, path: &str) -> String {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        response
    }

    /// The status of a path, asked for over the network.
    pub(crate) fn status(&self, path: &str, headers: &str) -> u16 {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let host = format!("localhost:{}", self.port);
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nhost: {host}\r\naccept: text/html\r\nconnection: close\r\n{headers}\r\n"
        )
        .unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        response.split(' ').nth(1).unwrap_or_else(|| panic!("{response}")).parse().unwrap()
    }

    /// Waits until a path has a status.
    pub(crate) fn wait_for_status(&self, path: &str, headers: &str, status: u16) {
        let began = Instant::now();
        while self.status(path, headers) != status {
            assert!(began.elapsed() < PATIENCE, "{path} does not become {status}:\n{}", self.output());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    pub(crate) fn signal(&self, signal: &str) {
        kill(signal, self.pid());
    }

    /// Ends it as a crash would: it is not asked.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to stop, and gives what it wrote.
    pub(crate) fn stop(mut self) -> String {
        self.signal("-INT");
        self.wait();
        self.output()
    }

    pub(crate) fn wait(&mut self) {
        let began = Instant::now();
        while self.child.try_wait().unwrap().is_none() {
            assert!(began.elapsed() < PATIENCE, "People does not stop:\n{}", self.output());
            std::thread::sleep(Duration::from_millis(20));
        }
        // Until its last lines are read, too; a server that it has left running may keep the pipe open.
        while Arc::strong_count(&self.output) > 1 && began.elapsed() < Duration::from_secs(5) {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.child.try_wait().unwrap().is_none() {
            self.signal("-INT");
            let began = Instant::now();
            while self.child.try_wait().unwrap().is_none() && began.elapsed() < Duration::from_secs(20) {
                std::thread::sleep(Duration::from_millis(20));
            }
            let _ = self.child.kill();
        }
    }
}

fn collect(from: impl std::io::Read + Send + 'static, into: &Arc<Mutex<String>>) {
    let into = into.clone();
    std::thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            let mut text = into.lock().unwrap();
            text.push_str(&line);
            text.push('\n');
        }
    });
}

pub(crate) fn kill(signal: &str, pid: u32) {
    assert!(Command::new("kill").args([signal, &pid.to_string()]).status().unwrap().success());
}

/// A folder of its own with all that comes to belong to it, which as root lies elsewhere.
pub(crate) struct Project {
    folder: TempDir,
    pub(crate) local: nicol_local::Options,
}

impl Project {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let env = people::config::Environment::of(std::env::vars());
        let local = people::database::local_options(&env, folder.path());
        Self { folder, local }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        // A test that failed may have left a server behind.
        let local = self.local.clone();
        let stop =
            move || tokio::runtime::Runtime::new().map(|runtime| runtime.block_on(nicol_local::stop(&local)));
        let _ = std::thread::spawn(stop).join();
        if let Ok(state) = nicol_local::state_dir(&self.local)
            && let Some(home) = state.parent()
        {
            let _ = std::fs::remove_dir_all(home);
        }
    }
}

pub(crate) fn server_pid(options: &nicol_local::Options) -> Option<u32> {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    match runtime.block_on(nicol_local::status(options)).unwrap() {
        nicol_local::Status::Running { pid, .. } => Some(pid),
        _ => None,
    }
}
