//! The URLs of docs/databases.md, on a server whose certificate names the providers' hosts.

use nicol_pg::ConnectionUrl;
use nicol_pg::url::Address;
use testkit::{Authority, Pooler, Prepared, TlsOptions, TlsServer};

use crate::support::Folder;

const SCHEMA: &str = r#"datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}

model Note {
  id   Int    @id
  text String
}
"#;

const MIGRATION: &str = r#"CREATE TABLE "Note" ("id" INTEGER PRIMARY KEY, "text" TEXT NOT NULL);"#;

const FIND: &str =
    r#"{"modelName": "Note", "action": "findMany", "query": {"arguments": {}, "selection": {"id": true}}}"#;

/// The variables of a section, as the guide writes them.
struct Section {
    title: String,
    variables: Vec<(String, String)>,
}

fn sections() -> Vec<Section> {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/databases.md"));
    let text = text.expect("the guide is there");
    let sections = text.split("\n## ").map(|section| Section {
        title: section.lines().next().unwrap_or_default().to_owned(),
        variables: section
            .lines()
            .filter_map(|line| line.strip_prefix("DATABASE_URL"))
            .filter_map(|line| line.split_once("='"))
            .map(|(suffix, url)| (format!("DATABASE_URL{suffix}"), url.trim_end_matches('\'').to_owned()))
            .collect(),
    });
    sections.filter(|section| !section.variables.is_empty()).collect()
}

/// Returns the URL for a port of this machine, with the certificate authority of the test.
fn here(url: &str, port: u16, server: &TlsServer, database: &str, is_pooler: bool) -> String {
    let credentials = server.url().to_url_with_password();
    let (credentials, _) = credentials.split_once('@').expect("it has a password");
    let (_, rest) = url.split_once('@').expect("URLs of the guide have a user");
    let (hosts, rest) = rest.split_once('/').expect("URLs of the guide have a database");
    let hosts: Vec<_> = hosts.split(',').map(|host| host.split(':').next().unwrap_or_default()).collect();
    let (_, parameters) = rest.split_once('?').expect("URLs of the guide have parameters");
    let parameters = parameters.split('&').filter(|parameter| {
        // PgBouncer does not offer channel binding, and Neon's pooler is not here.
        let is_left_out =
            parameter.starts_with("sslrootcert=") || is_pooler && parameter.starts_with("channel_binding=");
        !is_left_out
    });
    format!(
        "{credentials}@{}/{database}?{}&hostaddr={}&sslrootcert={}",
        hosts.iter().map(|host| format!("{host}:{port}")).collect::<Vec<_>>().join(","),
        parameters.collect::<Vec<_>>().join("&"),
        hosts.iter().map(|_| "127.0.0.1").collect::<Vec<_>>().join(","),
        server.folder().join("authority.pem").display(),
    )
}

#[tokio::test]
async fn the_urls_of_the_guide_reach_a_server_of_that_name() {
    let sections = sections();
    let titles: Vec<_> = sections.iter().map(|section| section.title.as_str()).collect();
    assert_eq!(titles, ["A plain server", "PgBouncer", "Neon", "Amazon RDS", "Patroni"]);
    let urls = sections.iter().flat_map(|section| &section.variables);
    let names: Vec<_> = urls.flat_map(|(_, url)| hosts(url)).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();

    let authority = Authority::new("the provider");
    let certificate = authority.server(&names);
    let server = TlsServer::start(&TlsOptions { certificate: Some(&certificate), ..TlsOptions::default() });
    server.write("authority.pem", authority.pem());
    let file = |name, text| server.write(name, text).display().to_string();
    let (key, certificate) =
        (file("pooler.key", &certificate.key), file("pooler.pem", &certificate.certificate));
    let tls = [
        ("client_tls_sslmode", "allow"),
        ("client_tls_key_file", key.as_str()),
        ("client_tls_cert_file", certificate.as_str()),
    ];
    let socket = Address::Socket(server.folder().join("data"));
    let upstream =
        ConnectionUrl::new(socket, server.port(), "postgres").with_user("postgres", Some(&server.password()));
    let pooler = Pooler::start(&upstream, Prepared::Lost, &tls).await;
    let pooler_port = pooler.url().port();

    for (n, section) in sections.iter().enumerate() {
        let is_pooled = section.variables.len() > 1;
        let mut folder = Folder::new(&[
            ("prisma/schema.prisma", SCHEMA),
            ("prisma/migrations/20250101000000_one/migration.sql", MIGRATION),
        ]);
        for (name, url) in &section.variables {
            let is_pooler = is_pooled && name == "DATABASE_URL";
            let port = if is_pooler { pooler_port } else { server.port() };
            let url = here(url, port, &server, &format!("guide{n}"), is_pooler);
            folder = folder.with_env(name, &url);
        }
        println!("{}", section.title);
        folder.run(&["migrate", "deploy"]).check(0, &["applied 1 migration"]);
        folder.run(&["migrate", "status"]).check(0, &["up to date"]);
        let found = folder.run_with_input(&["query"], FIND);
        assert_eq!((found.code, found.out.trim()), (0, r#"{"data":{"findMany":[]}}"#), "{}", found.err);
    }
}

fn hosts(url: &str) -> Vec<String> {
    let url = ConnectionUrl::parse(&url.replace('…', "x")).expect("the guide has valid URLs");
    url.hosts()
        .iter()
        .map(|host| host.to_string().rsplit_once(':').expect("it has a port").0.to_owned())
        .collect()
}
