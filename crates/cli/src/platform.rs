//! The platform, in the words of Prisma.

use std::fs;
use std::path::Path;

/// Returns Prisma's name for the platform, such as `debian-openssl-3.0.x`: the system, OpenSSL and the processor.
///
/// Source: Prisma 6.19, `@prisma/get-platform`.
pub(crate) fn binary_target() -> String {
    let is_arm = std::env::consts::ARCH == "aarch64";
    match std::env::consts::OS {
        "macos" if is_arm => "darwin-arm64".to_owned(),
        "macos" => "darwin".to_owned(),
        "windows" => "windows".to_owned(),
        "linux" => {
            let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
            let system = linux(&release);
            let openssl = if has_openssl_3() { "3.0.x" } else { "1.1.x" };
            match (system, is_arm) {
                (system @ ("debian" | "rhel"), false) => format!("{system}-openssl-{openssl}"),
                ("musl", true) => format!("linux-musl-arm64-openssl-{openssl}"),
                (_, true) => format!("linux-arm64-openssl-{openssl}"),
                _ => format!("linux-musl-openssl-{openssl}"),
            }
        }
        other => other.to_owned(),
    }
}

/// Returns the family of a distribution, by the fields of `os-release`.
fn linux(release: &str) -> &'static str {
    let field = |name: &str| {
        let line = release.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
        line.unwrap_or_default().trim_matches('"').to_lowercase()
    };
    let (id, like) = (field("ID"), field("ID_LIKE"));
    let is_like = |name: &str| like.split(' ').any(|other| other == name);
    if id == "alpine" {
        "musl"
    } else if ["fedora", "rhel", "centos", "amzn"].contains(&&*id) || is_like("fedora") || is_like("rhel") {
        "rhel"
    } else {
        "debian"
    }
}

/// Whether the system has OpenSSL 3, which is also assumed if it has none.
fn has_openssl_3() -> bool {
    let folders =
        ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib", "/lib"];
    let has = |name: &str| folders.iter().any(|folder| Path::new(folder).join(name).exists());
    has("libssl.so.3") || !has("libssl.so.1.1")
}

#[cfg(test)]
mod tests {
    use super::linux;

    #[test]
    fn distributions_have_families() {
        for (release, family) in [
            ("ID=debian\n", "debian"),
            ("ID=ubuntu\nID_LIKE=debian\n", "debian"),
            ("NAME=x\nID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n", "rhel"),
            ("ID=alpine\n", "musl"),
            ("", "debian"),
        ] {
            assert_eq!(linux(release), family, "{release}");
        }
    }
}
