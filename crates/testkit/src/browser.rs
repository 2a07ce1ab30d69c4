//! A headless Chromium, driven through `WebDriver`.
//!
//! ```no_run
//! # async fn run() {
//! let browser = testkit::browser::Browser::start().await;
//! browser.goto("http://localhost:3000").await.unwrap();
//! browser.save_screenshot("target/home.png").await;
//! # }
//! ```

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::ops::Deref;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder};
use http::Method;
use hyper_util::client::legacy::connect::HttpConnector;
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use serde_json::{Map, Value, json};
use tempfile::TempDir;
use url::{ParseError, Url};

/// A browser for one test; dereferences to the `WebDriver` client. It is closed when dropped.
#[derive(Debug)]
pub struct Browser {
    client: Client,
    /// Its process group contains the driver and all browser processes.
    driver: Child,
    profile: TempDir,
}

impl Browser {
    /// Starts a browser with an empty profile and a window of 1280 × 900.
    pub async fn start() -> Self {
        Self::with_window(1280, 900).await
    }

    /// Starts a browser with scripts disabled.
    pub async fn without_script() -> Self {
        Self::launch(1280, 900, "1", json!({ "profile.managed_default_content_settings.javascript": 2 }))
            .await
    }

    /// Starts a browser with a window of this size, for example a phone's.
    pub async fn with_window(width: u32, height: u32) -> Self {
        Self::launch(width, height, "1", json!({})).await
    }

    /// Starts a browser that prefers a dark color scheme.
    pub async fn dark(width: u32, height: u32) -> Self {
        Self::launch(width, height, "0", json!({})).await
    }

    /// `scheme` is 0 for dark and 1 for light.
    async fn launch(width: u32, height: u32, scheme: &str, preferences: serde_json::Value) -> Self {
        let chromium = find(&["chromium", "chromium-browser", "google-chrome"]);
        let chromedriver = find(&["chromedriver"]);
        let profile =
            tempfile::Builder::new().prefix("nicol-browser-").tempdir().expect("a folder can be made");
        let log_path = profile.path().join("chromedriver.log");
        let log = File::create(&log_path).expect("a log can be made");
        let (mut driver, port) = start_driver(&chromedriver, profile.path(), &log);

        let arguments = [
            "--headless=new".to_owned(),
            // As root, Chromium only runs without its sandbox; it only visits our own pages.
            "--no-sandbox".to_owned(),
            "--disable-gpu".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            "--disable-quic".to_owned(),
            "--no-first-run".to_owned(),
            "--disable-background-networking".to_owned(),
            "--disable-component-update".to_owned(),
            "--disable-sync".to_owned(),
            "--disable-default-apps".to_owned(),
            "--force-device-scale-factor=1".to_owned(),
            format!("--blink-settings=preferredColorScheme={scheme}"),
            format!("--window-size={width},{height}"),
            format!("--user-data-dir={}", profile.path().join("profile").display()),
        ];
        let mut capabilities = Map::new();
        capabilities.insert(
            "goog:chromeOptions".to_owned(),
            json!({ "args": arguments, "binary": chromium, "prefs": preferences }),
        );
        capabilities.insert("goog:loggingPrefs".to_owned(), json!({ "browser": "ALL" }));
        // Tests handle prompts themselves.
        capabilities.insert("unhandledPromptBehavior".to_owned(), json!("ignore"));
        let session = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await;
        let client = match session {
            Ok(client) => client,
            Err(error) => {
                kill(&mut driver, profile.path());
                let log = std::fs::read_to_string(&log_path).unwrap_or_default();
                panic!("chromedriver gives no session: {error}\n{log}");
            }
        };
        Self { client, driver, profile }
    }

    /// Returns the browser's profile folder, which the command lines of its processes contain.
    pub fn profile(&self) -> &Path {
        self.profile.path()
    }

    /// Saves a screenshot of the window as PNG.
    pub async fn save_screenshot(&self, path: impl AsRef<Path>) {
        let path = path.as_ref();
        let png = self.client.screenshot().await.expect("the browser can be drawn");
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).expect("the folder of a screenshot can be made");
        }
        std::fs::write(path, png).unwrap_or_else(|error| panic!("cannot write {}: {error}", path.display()));
    }
}

impl Browser {
    /// Sets a cookie for a site, as `name=value`.
    pub async fn set_cookie(&self, origin: &str, cookie: &str) {
        let (name, value) = cookie.split_once('=').expect("a cookie is `name=value`");
        self.devtools("Network.setCookie", json!({ "name": name, "value": value, "url": origin })).await;
    }

    /// Resizes the page, down to the size of the smallest phone, which a window cannot have.
    pub async fn set_size(&self, width: u32, height: u32) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", size).await;
    }

    /// Emulates the dark or light color scheme.
    pub async fn set_dark(&self, dark: bool) {
        let scheme = if dark { "dark" } else { "light" };
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.devtools("Emulation.setEmulatedMedia", features).await;
    }

    /// Returns the console messages since the last call: script errors, failed requests, content security policy
    /// violations, and messages from pages.
    pub async fn console(&self) -> Vec<String> {
        let entries = self.client.issue_cmd(Log).await.expect("chromedriver keeps the console");
        let text = |entry: &Value| {
            let field = |name: &str| entry[name].as_str().unwrap_or_default();
            format!("{} {}: {}", field("level"), field("source"), field("message"))
        };
        entries.as_array().expect("a list").iter().map(text).collect()
    }

    /// Runs a command of the Chrome `DevTools` Protocol.
    async fn devtools(&self, command: &str, parameters: Value) -> Value {
        let devtools = DevTools(json!({ "cmd": command, "params": parameters }));
        self.client.issue_cmd(devtools).await.unwrap_or_else(|error| panic!("{command}: {error}"))
    }
}

/// A command that chromedriver passes to the browser unchanged.
#[derive(Debug)]
struct DevTools(Value);

impl WebDriverCompatibleCommand for DevTools {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.0.to_string()))
    }
}

/// Fetches the collected console messages from chromedriver.
#[derive(Debug)]
struct Log;

impl WebDriverCompatibleCommand for Log {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/se/log", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(json!({ "type": "browser" }).to_string()))
    }
}

impl Deref for Browser {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        kill(&mut self.driver, self.profile.path());
    }
}

/// Ends the driver and the browser, whose processes leave the driver's group but all have its profile in their
/// command lines. There is nothing to save.
fn kill(driver: &mut Child, profile: &Path) {
    if let Some(group) = i32::try_from(driver.id()).ok().and_then(Pid::from_raw) {
        let _ = kill_process_group(group, Signal::KILL);
    }
    let _ = driver.wait();
    let profile = profile.to_string_lossy();
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let pid = entry.file_name().to_str().and_then(|name| name.parse().ok()).and_then(Pid::from_raw);
        let Some(pid) = pid else { continue };
        let command_line = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        if String::from_utf8_lossy(&command_line).contains(&*profile) {
            let _ = kill_process(pid, Signal::KILL);
        }
    }
}

/// Starts chromedriver. It picks a free IPv6 port and exits if the same IPv4 port has just been taken.
fn start_driver(program: &Path, folder: &Path, log: &File) -> (Child, u16) {
    let mut attempts = (0..5).filter_map(|_| try_start_driver(program, folder, log));
    attempts.next().expect("chromedriver starts, at the fifth attempt at the latest")
}

/// Starts chromedriver and reads the port it has picked.
fn try_start_driver(program: &Path, folder: &Path, log: &File) -> Option<(Child, u16)> {
    let mut driver = Command::new(program)
        .arg("--port=0")
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(log.try_clone().expect("a file can be shared"))
        .process_group(0)
        .spawn()
        .unwrap_or_else(|error| panic!("cannot run {}: {error}", program.display()));
    let output = driver.stdout.take().expect("the output was asked for");
    let mut lines = BufReader::new(output).lines().map_while(Result::ok);
    let port = lines.find_map(|line| {
        line.split_once("started successfully on port ")?.1.trim_end_matches('.').trim().parse().ok()
    });
    let Some(port) = port else {
        let _ = driver.kill();
        let _ = driver.wait();
        return None;
    };
    // Keep reading, so that it can continue to write.
    std::thread::spawn(move || lines.for_each(drop));
    Some((driver, port))
}

fn find(names: &[&str]) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .flat_map(|folder| names.iter().map(move |name| folder.join(name)))
        .find(|file| file.is_file())
        .unwrap_or_else(|| {
            panic!(
                "this test needs a browser, and there is no `{}`\n\
                 help: run `cargo xtask test`, which installs it, or `sudo apt-get install chromium chromium-driver`",
                names[0]
            )
        })
}
