//! Parses connection URLs.

use std::net::IpAddr;
use std::path::PathBuf;

use super::params::Settings;
use super::{Address, ConnectionUrl, Host, UrlError};

const DEFAULT_PORT: u16 = 5432;

pub(super) fn parse(text: &str) -> Result<ConnectionUrl, UrlError> {
    let text = text.trim();
    if text.starts_with(['"', '\'', '`', '\u{201c}', '\u{2018}']) {
        return Err(UrlError::Quoted);
    }
    let rest = ["postgresql://", "postgres://"]
        .iter()
        .find_map(|scheme| strip_prefix_ignoring_case(text, scheme))
        .ok_or(UrlError::Scheme)?;
    if rest.contains('#') {
        return Err(UrlError::Fragment);
    }
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    // The last `@`, so that an unescaped one in a password does no harm.
    let (credentials, authority) = match authority.rsplit_once('@') {
        Some((credentials, hosts)) => (Some(credentials), hosts),
        None => (None, authority),
    };

    let (mut user, mut password) = (None, None);
    if let Some(credentials) = credentials {
        let (name, secret) = match credentials.split_once(':') {
            Some((name, secret)) => (name, Some(secret)),
            None => (credentials, None),
        };
        user = Some(decode(name, "user")?).filter(|name| !name.is_empty());
        password = secret.map(|secret| decode(secret, "password")).transpose()?;
    }
    if path.contains('@') || credentials.is_none() && query.contains('@') {
        return Err(UrlError::Unescaped);
    }
    let path = path.strip_suffix('/').unwrap_or(path);
    let mut database = Some(decode(path, "database")?).filter(|name| !name.is_empty());
    let (mut names, mut ports) = split_hosts(authority)?;
    let mut addresses = Vec::new();

    let mut parameters = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = decode(&name.replace('+', " "), "parameters")?;
        let value = decode(&value.replace('+', " "), "parameters")?;
        match name.as_str() {
            "user" => user = Some(value).filter(|v| !v.is_empty()),
            "password" => password = Some(value),
            "dbname" => database = Some(value).filter(|v| !v.is_empty()),
            "host" => names = value.split(',').map(str::to_owned).collect(),
            "hostaddr" => addresses = value.split(',').map(parse_ip).collect::<Result<_, _>>()?,
            "port" => ports = value.split(',').map(parse_port).collect::<Result<_, _>>()?,
            _ => parameters.push((name, value)),
        }
    }

    Ok(ConnectionUrl {
        hosts: join_hosts(&names, &ports, &addresses)?,
        user,
        password,
        database,
        settings: Settings::from_parameters(&parameters)?,
        parameters,
    })
}

/// Splits `host:port,[::1]:port,…` into names and ports, lists of the same length.
fn split_hosts(authority: &str) -> Result<(Vec<String>, Vec<Option<u16>>), UrlError> {
    let mut names = Vec::new();
    let mut ports = Vec::new();
    for host in authority.split(',') {
        let (name, port) = if let Some(inner) = host.strip_prefix('[') {
            let (ip, rest) = inner.split_once(']').ok_or(UrlError::Brackets)?;
            // An interface may follow, as in `fe80::1%eth0`.
            let bare = ip.split('%').next().unwrap_or(ip);
            if bare.parse::<std::net::Ipv6Addr>().is_err() {
                return Err(UrlError::Brackets);
            }
            match rest.strip_prefix(':') {
                None if rest.is_empty() => (ip.to_owned(), ""),
                Some(port) => (ip.to_owned(), port),
                None => return Err(UrlError::Brackets),
            }
        } else {
            let is_ipv6 = |c: char| c.is_ascii_hexdigit() || ":.".contains(c);
            if host.matches(':').count() > 1
                && host.split('%').next().is_some_and(|ip| ip.chars().all(is_ipv6))
            {
                return Err(UrlError::BracketsMissing);
            }
            let (name, port) = host.split_once(':').unwrap_or((host, ""));
            (decode(name, "host")?, port)
        };
        names.push(name);
        ports.push(parse_port(port)?);
    }
    Ok((names, ports))
}

fn parse_port(text: &str) -> Result<Option<u16>, UrlError> {
    if text.is_empty() {
        return Ok(None);
    }
    match text.parse() {
        Ok(port) if port > 0 => Ok(Some(port)),
        _ => Err(UrlError::Port { port: text.to_owned() }),
    }
}

fn parse_ip(text: &str) -> Result<Option<IpAddr>, UrlError> {
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| UrlError::Value {
        parameter: "hostaddr".to_owned(),
        value: text.to_owned(),
        expected: "IP addresses",
    })
}

fn join_hosts(
    names: &[String],
    ports: &[Option<u16>],
    addresses: &[Option<IpAddr>],
) -> Result<Vec<Host>, UrlError> {
    let count = names.len().max(addresses.len());
    let check = |others: usize, parameter| {
        if others == count || others <= 1 {
            Ok(())
        } else {
            Err(UrlError::HostCount { hosts: count, others, parameter })
        }
    };
    check(ports.len(), "port")?;
    check(names.len(), "host")?;
    if !addresses.is_empty() && addresses.len() != count {
        return Err(UrlError::HostCount { hosts: count, others: addresses.len(), parameter: "hostaddr" });
    }
    let mut hosts = Vec::with_capacity(count);
    for index in 0..count {
        let name = names.get(index).or(names.first()).map_or("", String::as_str);
        let ip = addresses.get(index).copied().flatten();
        let address = if name.starts_with('/') && ip.is_none() {
            Address::Socket(PathBuf::from(name))
        } else {
            // libpq would use the socket folder of its build, which is unknown here.
            let name = if name.is_empty() { "localhost" } else { name };
            Address::Tcp { name: name.to_owned(), ip }
        };
        let port = ports.get(index).or(ports.first()).copied().flatten().unwrap_or(DEFAULT_PORT);
        hosts.push(Host { address, port });
    }
    Ok(hosts)
}

fn strip_prefix_ignoring_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let head = text.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then(|| &text[prefix.len()..])
}

fn decode(text: &str, part: &'static str) -> Result<String, UrlError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |index: usize| rest.get(index).and_then(|b| char::from(*b).to_digit(16));
        let (Some(high), Some(low)) = (digit(0), digit(1)) else { return Err(UrlError::Escape { part }) };
        bytes.push(u8::try_from(high * 16 + low).expect("two hexadecimal digits make a byte"));
        rest = &rest[2..];
    }
    match String::from_utf8(bytes) {
        // No name and no value in PostgreSQL's startup message can contain a NUL byte.
        Ok(text) if !text.contains('\0') => Ok(text),
        _ => Err(UrlError::Escape { part }),
    }
}
