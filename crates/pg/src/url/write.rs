//! Formats URLs so that [`super::parse`], libpq and Prisma can parse them.

use super::{Address, ConnectionUrl, params};

/// With all values.
pub(super) fn write(url: &ConnectionUrl) -> String {
    write_with(url, url.password.as_deref(), |_, value| value)
}

/// Without the password, without the values of settings in `options`, which may be secrets of the application, and without
/// the values of unknown parameters: one may be a misspelt password.
pub(super) fn write_for_people(url: &ConnectionUrl) -> String {
    let password = url.password.as_ref().map(|_| HIDDEN);
    let options = url.parameters.iter().find(|(name, _)| name == "options");
    let options = options.map(|(_, value)| names_of_options(value)).unwrap_or_default();
    write_with(url, password, |name, value| match name {
        "options" => &options,
        _ if params::is_known(name) => value,
        _ => HIDDEN,
    })
}

/// Returns startup options with the names of the settings only. A backslash takes the next character as it is, as in the
/// server (`pg_split_opts`).
fn names_of_options(options: &str) -> String {
    let (mut words, mut word, mut characters) = (Vec::new(), String::new(), options.chars());
    while let Some(character) = characters.next() {
        match character {
            '\\' => word.extend(characters.next()),
            _ if character.is_ascii_whitespace() => words.push(std::mem::take(&mut word)),
            _ => word.push(character),
        }
    }
    words.push(word);
    let is_name = |it: char| it.is_ascii_alphanumeric() || "-_.".contains(it);
    let shown = words.iter().filter(|word| !word.is_empty()).map(|word| match word.split_once('=') {
        Some((name, _)) if name.chars().all(is_name) => format!("{name}={HIDDEN}"),
        None if word == "-c" => word.clone(),
        _ => HIDDEN.to_owned(),
    });
    shown.collect::<Vec<_>>().join(" ")
}

const HIDDEN: &str = "***";

fn write_with<'a>(
    url: &'a ConnectionUrl,
    password: Option<&str>,
    shown: impl Fn(&str, &'a str) -> &'a str,
) -> String {
    let mut text = String::from("postgresql://");
    if url.user.is_some() || password.is_some() {
        encode(&mut text, url.user.as_deref().unwrap_or_default(), "");
        if let Some(password) = password {
            text.push(':');
            // Keep the asterisks of the hidden password readable.
            encode(&mut text, password, "*");
        }
        text.push('@');
    }
    let in_authority = url.hosts.iter().all(|host| matches!(&host.address, Address::Tcp { ip: None, .. }));
    let mut parameters: Vec<(&str, String)> = Vec::new();
    if in_authority {
        for (index, host) in url.hosts.iter().enumerate() {
            if index > 0 {
                text.push(',');
            }
            push_tcp(&mut text, host);
        }
    } else {
        // The host before the path is for parsers that require one; `host` overrides it in all of them.
        text.push_str("localhost");
        parameters.push((
            "host",
            list(url, |address| match address {
                Address::Socket(folder) => folder.to_string_lossy().into_owned(),
                Address::Tcp { name, .. } => name.clone(),
            }),
        ));
        if url.hosts.iter().any(|host| matches!(&host.address, Address::Tcp { ip: Some(_), .. })) {
            parameters.push((
                "hostaddr",
                list(url, |address| match address {
                    Address::Tcp { ip: Some(ip), .. } => ip.to_string(),
                    _ => String::new(),
                }),
            ));
        }
        let ports: Vec<String> = url.hosts.iter().map(|host| host.port.to_string()).collect();
        if let [port] = ports.as_slice() {
            text.push(':');
            text.push_str(port);
        } else {
            parameters.push(("port", ports.join(",")));
        }
    }
    text.push('/');
    if let Some(database) = &url.database {
        encode(&mut text, database, "");
    }
    let pairs = parameters
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .chain(url.parameters.iter().map(|(name, value)| (name.as_str(), shown(name, value))));
    for (index, (name, value)) in pairs.enumerate() {
        text.push(if index == 0 { '?' } else { '&' });
        encode(&mut text, name, "");
        text.push('=');
        encode(&mut text, value, if value.contains(HIDDEN) { "*=" } else { "/,:" });
    }
    text
}

fn push_tcp(text: &mut String, host: &super::Host) {
    let Address::Tcp { name, .. } = &host.address else { return };
    if name.contains(':') {
        text.push('[');
        text.push_str(name);
        text.push(']');
    } else {
        encode(text, name, "");
    }
    text.push(':');
    text.push_str(&host.port.to_string());
}

fn list(url: &ConnectionUrl, part: impl Fn(&Address) -> String) -> String {
    url.hosts.iter().map(|host| part(&host.address)).collect::<Vec<_>>().join(",")
}

/// Percent-encodes all but unreserved characters (RFC 3986, 2.3) and those in `plain`.
fn encode(text: &mut String, value: &str, plain: &str) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for byte in value.bytes() {
        let character = char::from(byte);
        if character.is_ascii_alphanumeric() || "-._~".contains(character) || plain.contains(character) {
            text.push(character);
        } else {
            text.push('%');
            text.push(char::from(DIGITS[usize::from(byte >> 4)]));
            text.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
    }
}
