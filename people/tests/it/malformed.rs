//! Ten thousand requests that nobody should send: none is answered with a server error, and the server lives.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use chrono::Utc;
use people::db::{Client, session, user};

use crate::running::Running;
use crate::test_app;

const REQUESTS: usize = 10_000;
const SENDERS: usize = 24;
const SESSION: &str = "5a0c7f6e-1d2b-4c3a-9e8f-7b6a5d4c3e2f";

/// What is answered, with how many requests; `None` where the connection was closed without a word.
type Tally = BTreeMap<Option<u16>, usize>;

#[tokio::test]
async fn ten_thousand_malformed_requests_get_no_server_error() {
    let database = test_app::database().await;
    let db = Client::connect(&database.url_text()).await.unwrap();
    let me = db.user().create(user::New { email: "me@example.com".into() }).await.unwrap();
    let expires = Utc::now() + chrono::Duration::days(1);
    let new = session::New { session_token: SESSION.into(), user_id: me.id, expires };
    db.session().create(new).await.unwrap();

    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path(), &[("DATABASE_URL", &database.url_text())]);
    let port = running.port;
    let form = Form::read(port);
    let next = AtomicUsize::new(0);
    let tally = std::thread::scope(|scope| {
        let senders: Vec<_> = (0..SENDERS)
            .map(|_| {
                scope.spawn(|| {
                    let mut tally = Tally::new();
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        if number >= REQUESTS {
                            return tally;
                        }
                        let request = request(&mut Random(number as u64 + 1), port, &form);
                        let status = send(port, &request, number);
                        *tally.entry(status).or_default() += 1;
                    }
                })
            })
            .collect();
        let tallies = senders.into_iter().map(|sender| sender.join().unwrap());
        tallies.fold(Tally::new(), |mut all, tally| {
            for (status, count) in tally {
                *all.entry(status).or_default() += count;
            }
            all
        })
    });

    let cookie = format!("cookie: authjs.session-token={SESSION}\r\n");
    for path in ["/people", "/api/people", "/api/openapi.json", "/healthz", "/readyz"] {
        assert_eq!(running.status(path, &cookie), 200, "{path} afterwards");
    }
    let log = running.stop();
    let faults: Vec<_> =
        log.lines().filter(|line| line.contains("ERROR") || line.contains("panicked")).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    // Were the requests refused for one and the same reason, this would show nothing.
    for status in [200, 400, 401, 403, 404, 405, 413, 415, 421, 422, 428] {
        assert!(tally.get(&Some(status)).is_some_and(|count| *count > 10), "hardly any {status}: {tally:?}");
    }
}

/// Sends a request as it is and gives the status of the answer.
fn send(port: u16, request: &[u8], number: usize) -> Option<u16> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    // The server may close early: what it has said before counts.
    let _ = stream.write_all(request);
    let mut answer = head(&mut stream, Duration::from_millis(500));
    if answer.is_empty() {
        // It waits for the rest of the request, which does not come. To say so at once would end those under way.
        let _ = stream.shutdown(Shutdown::Write);
        answer = head(&mut stream, Duration::from_secs(15));
    }
    let status: u16 =
        answer.strip_prefix("HTTP/1.1 ").or(answer.strip_prefix("HTTP/1.0 "))?.get(..3)?.parse().ok()?;
    if status >= 500 {
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest);
        answer += &String::from_utf8_lossy(&rest);
    }
    // A user may have so many streams of events, and those of the requests before may still be closing.
    let is_explained = status == 503 && answer.contains("Too many open pages");
    assert!(
        status < 500 || is_explained,
        "request {number} was answered {status}:\n{}\n---\n{answer}",
        String::from_utf8_lossy(&request[..request.len().min(2000)])
    );
    Some(status)
}

/// The beginning of the answer, with its status; the request to go on is none.
fn head(stream: &mut TcpStream, patience: Duration) -> String {
    const GO_ON: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";
    stream.set_read_timeout(Some(patience)).unwrap();
    let mut answer = Vec::new();
    let mut chunk = [0; 4096];
    while let Ok(length @ 1..) = stream.read(&mut chunk) {
        answer.extend_from_slice(&chunk[..length]);
        if answer.starts_with(GO_ON) {
            answer.drain(..GO_ON.len());
        }
        if answer.windows(4).any(|window| window == b"\r\n\r\n") {
            break;
        }
    }
    String::from_utf8_lossy(&answer).into_owned()
}

/// A page's token and its cookie, so that forms get as far as their fields.
struct Form {
    token: String,
    cookie: String,
}

impl Form {
    fn read(port: u16) -> Self {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let request = format!(
            "GET /people/new HTTP/1.1\r\nhost: localhost:{port}\r\nconnection: close\r\naccept: text/html\r\n\
             cookie: authjs.session-token={SESSION}\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut page = String::new();
        stream.read_to_string(&mut page).unwrap();
        let between = |before: &str, after: &str| {
            let (_, rest) = page.split_once(before).unwrap_or_else(|| panic!("no {before} in {page}"));
            rest.split(after).next().unwrap().to_owned()
        };
        let cookie = between("set-cookie: authjs.csrf-token=", ";");
        Self {
            token: between("name=\"csrfToken\" value=\"", "\""),
            cookie: format!("authjs.csrf-token={cookie}"),
        }
    }
}

/// Numbers that look random and are the same in each run (Marsaglia's xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        // Neighbouring seeds would begin alike.
        self.0 = self.0.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5bd1_e995;
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 33) % limit as u64).unwrap()
    }

    fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }
}

const METHODS: &[&str] = &["GET", "GET", "GET", "POST", "POST", "POST", "PUT", "PATCH", "DELETE", "HEAD"];

const ODD_METHODS: &[&str] = &[
    "",
    "get",
    "BREW",
    "G\u{0}T",
    "CONNECT",
    "TRACE",
    "OPTIONS",
    "PRI",
    "(@)",
    "P\u{d6}ST",
    "POST POST",
    "\t",
];

const PATHS: &[&str] = &[
    "/",
    "/people",
    "/people",
    "/people/new",
    "/people/nobody",
    "/people/nobody/edit",
    "/people/nobody/delete",
    "/people/nobody/vcard",
    "/people/undo",
    "/people/events",
    "/people/export",
    "/people/import",
    "/people/import",
    "/people/import/nothing",
    "/people/import/nothing/problems.csv",
    "/api",
    "/api/people",
    "/api/people",
    "/api/people",
    "/api/people/nobody",
    "/api/people/nobody",
    "/api/openapi.json",
    "/api/problems/changed",
    "/api/nothing",
    "/api/auth/signin",
    "/api/auth/signin/email",
    "/api/auth/callback/email",
    "/api/auth/session",
    "/api/auth/csrf",
    "/api/auth/error",
    "/api/auth/verify-request",
    "/dev/mailbox",
    "/assets/people.css",
    "/healthz",
    "/readyz",
    "/metrics",
];

const FORM_PATHS: &[&str] = &[
    "/people",
    "/people/nobody",
    "/people/nobody/delete",
    "/people/undo",
    "/people/import",
    "/people/import",
    "/people/import/nothing",
    "/api/people",
    "/api/people",
    "/api/people",
    "/api/auth/signin/email",
    "/api/auth/callback/email",
];

const ODD_PATHS: &[&str] = &[
    "",
    "*",
    "people",
    "//",
    "//evil.example/people",
    "http://evil.example/people",
    "http://",
    "/people/%",
    "/people/%2",
    "/people/%zz",
    "/people/%00",
    "/people/%ff%fe",
    "/people/%2e%2e%2f",
    "/people/../../etc/passwd",
    "/api/people/%00",
    "/api/people/%c3%28",
    "/api/people/\u{e9}",
    "/api/%61uth/signin",
    "/api/auth/%ff",
    "/api/auth/callback/email?token=%00&email=%ff",
    "/api/auth/callback/%00",
    "/people/ x",
    "/people/\u{0}",
    "/people#x",
    "/people/import/%00",
    "/assets/%2e%2e/%2e%2e/Cargo.toml",
    "/;/?;",
];

const QUERIES: &[&str] = &[
    "q=ann",
    "q=%00",
    "q=%ff",
    "q=%",
    "q=+61",
    "q='%20or%201=1--",
    "q=%F0%9F%92%A9",
    "q=%ed%a0%80",
    "q=%5C%5C%25_",
    "sort=newest",
    "sort=%00",
    "sort[]=name",
    "after=AAAA",
    "after=bgBjMQ",
    "after=dDkyMjMzNzIwMzY4NTQ3NzU4MDcAYzE",
    "before=dC05MjIzMzcyMDM2ODU0Nzc1ODA4AGMx",
    "before=%00",
    "after=&before=",
    "limit=0",
    "limit=-1",
    "limit=99999999999999999999999",
    "limit=1e3",
    "limit=50",
    "page=4294967296",
    "format=csv",
    "format=vcard",
    "format=json",
    "format=%00",
    "done=%3Cscript%3E",
    "token=%00&email=a%40b",
    "token=x&email=%ff&callbackUrl=http://evil.example",
    "callbackUrl=%00",
    "callbackUrl=javascript:alert(1)",
    "error=%ff",
    "=",
    "&&&",
    "%",
    "?",
    "\u{e9}",
];

const JSON: &[&str] = &[
    "{\"name\":\"Ann\",\"email\":\"ann@example.com\",\"phoneNumber\":\"12345\"}",
    "{\"name\":\"A\\u0000\",\"email\":\"a\\u0000@example.com\",\"phoneNumber\":\"1\\u00002345\"}",
    "{\"name\":\"\\ud800\"}",
    "{\"name\":\"\\udc00\\ud800\"}",
    "{\"name\":\"\\u202e\",\"email\":\"\\uffff@\\ufffe.com\",\"phoneNumber\":\"\\uff11\\uff12\\uff13\\uff14\"}",
    "{\"name\":\"a\",\"name\":\"b\"}",
    "{\"name\":1e99999}",
    "{\"name\":-0}",
    "{\"name\":123456789012345678901234567890123456789012345678901234567890}",
    "{\"name\":null,\"email\":[],\"phoneNumber\":{}}",
    "{\"__proto__\":{},\"constructor\":1}",
    "{\"\":\"\"}",
    "{\"a/b~c%d\":1}",
    "{}",
    "[]",
    "null",
    "true",
    "\"",
    "{",
    "}",
    "{]",
    "{\"name\"",
    "{\"name\":",
    "{\"name\":\"",
    "{\"name\":\"\\",
    "{\"name\":\"\\u12",
    "{\"name\":\"\\x41\"}",
    "{\"name\":\"\t\"}",
    "{\"name\":'a'}",
    "{name:1}",
    "{\"name\":\"a\"}{\"name\":\"b\"}",
    "\u{feff}{}",
    "//\n{}",
    "NaN",
    "-",
    "0x10",
    "01",
    "1.",
    ".1",
];

const FORMS: &[&str] = &[
    "name=Ann&email=ann%40example.com&phone_number=12345",
    "name=%00&email=%00&phone_number=%00",
    "name=%ff&email=%ff",
    "name=a&name=b",
    "name[]=a&version=x",
    "version=0123456789abcdef0123456789abcdef&name=a&email=b%40example.com&phone_number=12345",
    "version=%00",
    "email=a%40example.com%0d%0aBcc:%20b%40example.com",
    "email=%00&callbackUrl=%ff",
    "%",
    "%zz=%zz",
    "&=&=&",
    "=",
    "",
];

const PARTS: &[&str] = &[
    "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\nname,email,phone\r\n\"a,b\r\n--x--\r\n",
    "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n\u{0}\u{0}\u{0}\r\n--x--\r\n",
    "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\u{0}\r\n\r\n\r\n--x--\r\n",
    "--x\r\nContent-Disposition: form-data\r\n\r\n\r\n--x--\r\n",
    "--x\r\nContent-Disposition: attachment\r\nContent-Disposition: form-data; name=\r\n\r\nz\r\n--x",
    "--x\r\n\r\n",
    "--x",
    "--x--",
    "\r\n--x\r\n--x\r\n--x--\r\n--x\r\n",
    "--y\r\n\r\n--y--",
    "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.vcf\"\r\n\r\nBEGIN:VCARD\r\nVERSION:4.0\r\nFN:\\\r\n--x--\r\n",
    "--x\r\nContent-Disposition: form-data; name=\"csrfToken\"\r\n\r\nnot this\r\n--x--\r\n",
    "--x\r\nX: \u{1}\r\n\r\n\r\n--x--\r\n",
];

const CONTENT_TYPES: &[&str] = &[
    "application/json",
    "application/json",
    "application/merge-patch+json",
    "application/x-www-form-urlencoded",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "multipart/form-data; boundary=x",
    "multipart/form-data; boundary=\"\"",
    "multipart/form-data; boundary=",
    "multipart/form-data",
    "multipart/mixed; boundary=x",
    "application/json; charset=utf-7",
    "application/json; charset=",
    "text/csv",
    "text/vcard",
    "/",
    ";",
    "application/\u{e9}",
    "",
];

const HEADERS: &[&str] = &[
    "if-match: *",
    "if-match: *, *",
    "if-match: \"0123456789abcdef0123456789abcdef\"",
    "if-match: W/\"x\"",
    "if-match: \"",
    "if-match: \u{e9}",
    "if-none-match: *",
    "if-none-match: \"\"\"",
    "if-none-match: ,,,",
    "if-modified-since: never",
    "if-range: \"x\"",
    "range: bytes=0-0,-5,99999999999999999999-",
    "range: bytes=-",
    "idempotency-key: a",
    "idempotency-key: ",
    "idempotency-key: \u{e9}",
    "idempotency-key: '; drop table people; --",
    "sec-fetch-site: cross-site",
    "sec-fetch-site: \u{e9}",
    "origin: null",
    "origin: http://evil.example",
    "accept: text/html",
    "accept: ",
    "accept: */*;q=x,,;=",
    "accept: text/event-stream",
    "accept-encoding: gzip;q=nan, \u{e9}",
    "accept-encoding: *;q=0",
    "content-encoding: gzip",
    "content-encoding: \u{e9}, br",
    "cookie: ",
    "cookie: ;=;=;",
    "cookie: authjs.session-token=%00",
    "cookie: authjs.session-token=%ff; authjs.session-token=\u{e9}",
    "cookie: authjs.session-token.0=a; authjs.session-token.1=b",
    "cookie: authjs.csrf-token=%7C; authjs.callback-url=%ff",
    "cookie: authjs.csrf-token=||||",
    "cookie: people.undo=AAAA",
    "cookie: people.undo=%%%",
    "host: evil.example",
    "host: ",
    "host: \u{e9}:x",
    "host: [::1",
    "expect: 100-continue",
    "expect: tea",
    "connection: upgrade, http2-settings",
    "upgrade: h2c",
    "upgrade: websocket",
    "http2-settings: AAMAAABkAARAAAAAAAIAAAAA",
    "x-forwarded-for: \u{e9}, 1.2.3.4:x, [::1",
    "x-forwarded-for: ,,,",
    "x-forwarded-proto: gopher",
    "forwarded: for=_\u{e9};;;",
    "x-request-id: \u{0}\u{1}",
    "x-request-id: 0123456789abcdef; x",
    "traceparent: 00-zz-zz-zz",
    "traceparent: \u{e9}",
    "last-event-id: \u{e9}",
    "authorization: Basic !!!",
    "authorization: Bearer \u{e9}",
    "x-http-method-override: DELETE",
    "te: trailers, \u{e9}",
    "trailer: content-length",
    "date: yesterday",
];

const BROKEN_HEADERS: &[&str] = &[
    "no colon",
    ": no name",
    "spa ced: x",
    "trailing : x",
    " folded: x",
    "a\u{0}b: c",
    "nul: a\u{0}b",
    "bell: \u{7}",
    "cr: a\rb",
    "lf: a\nb",
    "\u{e9}: x",
    "content-length: -1",
    "content-length: 99999999999999999999999",
    "content-length: 18446744073709551615",
    "content-length: 4294967296",
    "content-length: 0x10",
    "content-length: 1, 2",
    "content-length: +5",
    "content-length:",
    "content-length: 5\r\ncontent-length: 6",
    "content-length: 5\r\ntransfer-encoding: chunked",
    "transfer-encoding: chunked, chunked",
    "transfer-encoding: gzip, chunked",
    "transfer-encoding: \u{b}chunked",
    "transfer-encoding: identity",
];

const VERSIONS: &[&str] =
    &["HTTP/1.0", "HTTP/0.9", "HTTP/2.0", "HTTP/1.10", "http/1.1", "HTTP", "", "HTTP/1.1 x", "ICY/1.1"];

const CHUNKS: &[&str] = &[
    "0\r\n\r\n",
    "5\r\nhello\r\n0\r\n\r\n",
    "5\r\nhell",
    "-1\r\nx\r\n",
    "fffffffffffffffff\r\nx\r\n",
    "ffffffffffffffff\r\nx\r\n",
    "7fffffffffffffff\r\nx\r\n",
    "zz\r\nhello\r\n",
    "5;ext=\"\r\nhello\r\n0\r\n\r\n",
    "5\nhello\n0\n\n",
    "\r\n\r\n",
    "2\r\n{}\r\n0\r\nX-Trailer: \u{0}\r\n\r\n",
    "2\r\n{}\r\n0\r\ncontent-length: 7\r\n\r\n",
    "00000000000000000000000000000002\r\n{}\r\n0\r\n\r\n",
];

/// A request that has something wrong with it, mostly more than one thing.
fn request(random: &mut Random, port: u16, form: &Form) -> Vec<u8> {
    let method = if random.one_in(25) { random.pick(ODD_METHODS) } else { random.pick(METHODS) };
    let paths = match method {
        _ if random.one_in(8) => ODD_PATHS,
        "POST" if random.one_in(2) => FORM_PATHS,
        "PUT" | "PATCH" | "DELETE" if !random.one_in(5) => &["/api/people/nobody"],
        _ => PATHS,
    };
    let mut target = random.pick(paths).to_owned();
    let separators = ["?", "&", "&", ";"];
    for separator in separators.iter().take(random.below(separators.len()).saturating_sub(1)) {
        target += separator;
        target += random.pick(QUERIES);
    }
    if random.one_in(60) {
        target += &random.pick(&["a", "%41", "/", "%00", "?"]).repeat(random.below(30_000));
    }
    let version = if random.one_in(20) { random.pick(VERSIONS) } else { "HTTP/1.1" };
    let mut head = format!("{method} {target} {version}\r\n");
    if !random.one_in(20) {
        write!(head, "host: localhost:{port}\r\n").unwrap();
    }
    if !random.one_in(4) {
        write!(head, "cookie: authjs.session-token={SESSION}; {}\r\n", form.cookie).unwrap();
    }
    if target.starts_with("/api/people/") && !random.one_in(4) {
        head += "if-match: *\r\n";
    }
    for _ in 0..random.below(3) {
        head += random.pick(HEADERS);
        head += "\r\n";
    }
    if random.one_in(15) {
        head += random.pick(BROKEN_HEADERS);
        head += "\r\n";
    }
    if random.one_in(80) {
        write!(head, "x-long: {}\r\n", "x".repeat(random.below(200_000))).unwrap();
    }
    if random.one_in(80) {
        head += &"x-many: 1\r\n".repeat(random.below(2000));
    }
    let mut request = head.into_bytes();
    let has_body = !matches!(method, "GET" | "HEAD") || random.one_in(10);
    if has_body {
        add_body(random, &target, form, &mut request);
    } else {
        request.extend_from_slice(b"\r\n");
    }
    damage(random, &mut request);
    request
}

fn add_body(random: &mut Random, target: &str, form: &Form, request: &mut Vec<u8>) {
    let content_type = match target {
        _ if random.one_in(4) => random.pick(CONTENT_TYPES),
        _ if target.starts_with("/api/people") => "application/json",
        _ if target.starts_with("/people/import") => "multipart/form-data; boundary=x",
        _ => "application/x-www-form-urlencoded",
    };
    request.extend_from_slice(format!("content-type: {content_type}\r\n").as_bytes());
    if random.one_in(8) {
        request.extend_from_slice(b"transfer-encoding: chunked\r\n\r\n");
        request.extend_from_slice(random.pick(CHUNKS).as_bytes());
        return;
    }
    let kind = if random.one_in(12) { random.pick(CONTENT_TYPES) } else { content_type };
    let mut body = body(random, kind, form);
    damage_some(random, &mut body, 6);
    let length = match random.below(30) {
        0 => body.len() + 1 + random.below(100),
        1 => random.below(body.len() + 1),
        _ => body.len(),
    };
    request.extend_from_slice(format!("content-length: {length}\r\n\r\n").as_bytes());
    request.extend_from_slice(&body);
}

fn body(random: &mut Random, kind: &str, form: &Form) -> Vec<u8> {
    if kind.contains("json") {
        return match random.below(12) {
            0 => b"[".repeat(random.below(20_000)),
            1 => b"{\"name\":".repeat(random.below(5000)),
            2 => format!("{{\"name\":\"{}\"}}", "\u{1f4a9}".repeat(random.below(10_000))).into_bytes(),
            3 => b"{\"name\":\"\xff\xfe\xed\xa0\x80\"}".to_vec(),
            _ => random.pick(JSON).as_bytes().to_vec(),
        };
    }
    if kind.starts_with("multipart") {
        let token =
            format!("--x\r\nContent-Disposition: form-data; name=\"csrfToken\"\r\n\r\n{}\r\n", form.token);
        let parts = random.pick(PARTS);
        return if random.one_in(3) { parts.to_owned() } else { token + parts }.into_bytes();
    }
    let fields = random.pick(FORMS);
    match random.below(8) {
        0 => "a=b&".repeat(random.below(30_000)).into_bytes(),
        1 | 2 => fields.as_bytes().to_vec(),
        _ => format!("csrfToken={}&{fields}", form.token).into_bytes(),
    }
}

/// Changes the bytes themselves, now and then.
fn damage(random: &mut Random, bytes: &mut Vec<u8>) {
    damage_some(random, bytes, 10);
}

fn damage_some(random: &mut Random, bytes: &mut Vec<u8>, one_in: usize) {
    if bytes.is_empty() || !random.one_in(one_in) {
        return;
    }
    for _ in 0..=random.below(4) {
        let at = random.below(bytes.len());
        match random.below(5) {
            0 => bytes[at] = u8::try_from(random.below(256)).unwrap(),
            1 => bytes.insert(at, u8::try_from(random.below(256)).unwrap()),
            2 if bytes.len() > 1 => drop(bytes.remove(at)),
            3 => bytes.truncate(at.max(1)),
            _ => bytes[at] = 0,
        }
    }
}
