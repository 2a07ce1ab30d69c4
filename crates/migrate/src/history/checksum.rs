//! The checksum of a migration in the history.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

/// Returns the SHA-256 of the exact bytes of a script, in lower-case hex.
///
/// Source: Prisma 6.19, `schema-connector/src/checksum.rs`.
pub fn checksum(script: impl AsRef<[u8]>) -> String {
    hex::encode(digest(script.as_ref()))
}

/// Whether a recorded checksum belongs to a script. Accepts scripts whose line endings were all converted, as version control
/// may do, and checksums of old Prisma versions, which omit leading zeros of bytes.
///
/// Source: as [`checksum`].
pub fn matches_checksum(script: impl AsRef<[u8]>, kept: &str) -> bool {
    let script = script.as_ref();
    let with_lf = with_line_ends(script, b"\n");
    let with_crlf = with_line_ends(script, b"\r\n");
    [script, &with_lf, &with_crlf].into_iter().any(|script| {
        let digest = digest(script);
        if kept.len() == 64 { hex::encode(digest) == kept } else { without_leading_zeros(&digest) == kept }
    })
}

/// Returns the script with these line endings.
fn with_line_ends(script: &[u8], end: &[u8]) -> Vec<u8> {
    let lines: Vec<_> = script.split(|byte| *byte == b'\n').collect();
    let last = lines.len() - 1;
    let lines = lines.iter().enumerate().map(|(place, line)| match place {
        _ if place == last => *line,
        _ => line.strip_suffix(b"\r").unwrap_or(line),
    });
    lines.collect::<Vec<_>>().join(end)
}

fn without_leading_zeros(digest: &[u8]) -> String {
    digest.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:x}").expect("writing into a String cannot fail");
        text
    })
}

fn digest(script: &[u8]) -> [u8; 32] {
    Sha256::digest(script).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_endings_are_ignored() {
        let lf = "create table t ();\nselect 1;\n";
        let crlf = "create table t ();\r\nselect 1;\r\n";
        assert_ne!(checksum(lf), checksum(crlf));
        assert!(matches_checksum(lf, &checksum(crlf)));
        assert!(matches_checksum(crlf, &checksum(lf)));
        assert!(!matches_checksum("create table t ();", &checksum(lf)));
    }

    #[test]
    fn the_checksum_is_sha256_in_hex() {
        assert_eq!(checksum(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }

    #[test]
    fn an_old_checksum_without_leading_zeros_matches() {
        let old = |script: &str| without_leading_zeros(&digest(script.as_bytes()));
        let script = (0..100).map(|n| format!("select {n};")).find(|it| old(it).len() < 64).unwrap();
        assert!(matches_checksum(&script, &old(&script)));
        assert!(!matches_checksum("", &old(&script)));
    }
}
