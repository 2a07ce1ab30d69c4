//! A temporary folder to run the command in.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// A schema with one table.
pub(crate) const SCHEMA: &str = r#"datasource db {
  provider  = "postgresql"
  url       = env("DATABASE_URL")
  directUrl = env("DIRECT_URL")
}

model Note {
  id   Int    @id
  text String
}
"#;

/// A folder with files, and an environment with only `PATH`.
pub(crate) struct Folder {
    folder: tempfile::TempDir,
    env: Vec<(String, String)>,
}

/// The result of a run.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Folder {
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let folder = Self { folder: tempfile::tempdir().expect("a folder can be made"), env: Vec::new() };
        for (path, text) in files {
            folder.write(path, text);
        }
        folder
    }

    pub(crate) fn with_env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().expect("it is below the folder")).expect("a folder can be made");
        fs::write(path, text).expect("a file can be written");
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path().join(path)).expect("the file is there")
    }

    /// Lists the files with their contents, apart from the local server's.
    pub(crate) fn files(&self) -> BTreeMap<String, String> {
        let mut files = BTreeMap::new();
        self.list(self.path(), &mut files);
        files
    }

    fn list(&self, folder: &Path, files: &mut BTreeMap<String, String>) {
        for entry in fs::read_dir(folder).expect("the folder can be listed").flatten() {
            let path = entry.path();
            if path.is_dir() {
                if entry.file_name() != ".nicol" && entry.file_name() != ".git" {
                    self.list(&path, files);
                }
                continue;
            }
            let name = path.strip_prefix(self.path()).expect("it is below the folder");
            let text = fs::read_to_string(&path).expect("the file is text");
            files.insert(name.to_string_lossy().into_owned(), text);
        }
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        self.run_in("", arguments)
    }

    pub(crate) fn run_in(&self, folder: &str, arguments: &[&str]) -> Run {
        let output = self.command(arguments).current_dir(self.path().join(folder)).output();
        self.outcome(output.expect("the command can be started"))
    }

    /// Starts the command and sends it a signal as soon as `ready` returns.
    pub(crate) async fn signal(
        &self,
        arguments: &[&str],
        signal: &str,
        ready: impl Future<Output = ()>,
    ) -> Output {
        let child = self.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let child = child.expect("the command can be started");
        ready.await;
        let killed = Command::new("kill").args([signal, &child.id().to_string()]).status();
        assert!(killed.expect("there is a `kill`").success());
        child.wait_with_output().expect("the command can be waited for")
    }

    /// Runs the command in a pseudo-terminal with `input` as keyboard input. All its output is returned together.
    pub(crate) fn run_on_terminal(&self, arguments: &[&str], input: &str) -> Run {
        let flags = rustix::pty::OpenptFlags::RDWR | rustix::pty::OpenptFlags::NOCTTY;
        let terminal = rustix::pty::openpt(flags).expect("there are terminals");
        rustix::pty::grantpt(&terminal).expect("it is ours");
        rustix::pty::unlockpt(&terminal).expect("it is ours");
        let name = rustix::pty::ptsname(&terminal, Vec::new()).expect("it has a name");
        let name = name.into_string().expect("its name is text");
        let side = || fs::File::options().read(true).write(true).open(&name).expect("it can be opened");
        let mut command = self.command(arguments);
        command.env("TERM", "xterm").env("NO_COLOR", "1");
        let child = command.stdin(side()).stdout(side()).stderr(side()).spawn();
        // Our copies of the terminal's other side are closed with the command.
        drop(command);
        let mut child = child.expect("the command can be started");
        let mut terminal = fs::File::from(terminal);
        // The terminal buffers the input.
        terminal.write_all(input.as_bytes()).expect("it can be typed on");
        let mut text = Vec::new();
        // When the other side is closed, reading fails.
        let _ = terminal.read_to_end(&mut text);
        let status = child.wait().expect("the command can be waited for");
        self.outcome(Output { status, stdout: Vec::new(), stderr: text })
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nicol"));
        command
            .args(arguments)
            .current_dir(self.path())
            .env_clear()
            .envs(std::env::var("PATH").map(|path| ("PATH", path)))
            .envs(self.env.iter().map(|(name, value)| (name, value)));
        command
    }

    pub(crate) fn outcome(&self, output: Output) -> Run {
        let root = self.path().canonicalize().expect("the folder is there");
        let text =
            |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).replace(&*root.to_string_lossy(), "<folder>");
        let code = output.status.code().expect("no signal ended it");
        Run { code, out: text(output.stdout), err: text(output.stderr) }
    }
}

impl Drop for Folder {
    /// As root, the local server's data are in a different folder, identified by the project.
    fn drop(&mut self) {
        let Ok(ours) = self.path().canonicalize() else { return };
        for home in fs::read_dir("/var/lib/nicol").into_iter().flatten().flatten() {
            let project = fs::read_to_string(home.path().join("project")).unwrap_or_default();
            if Path::new(project.trim()).starts_with(&ours) {
                let _ = fs::remove_dir_all(home.path());
            }
        }
    }
}

impl Run {
    /// Checks the exit code and parts of standard error.
    #[track_caller]
    pub(crate) fn check(self, code: i32, parts: &[&str]) -> Self {
        assert_eq!(self.code, code, "{self:?}");
        for part in parts {
            assert!(self.err.contains(part), "{part:?} is not in {}", self.err);
        }
        self
    }
}
