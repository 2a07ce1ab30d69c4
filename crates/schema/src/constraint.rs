//! Default names of constraints, indexes and implicit tables in the database.
//!
//! This is the only implementation of the rule: the validator looks for conflicts, migrations create the names, and
//! the client reads them in errors.
//!
//! Source: Prisma 6.19 documentation, "Naming conventions for constraints and indexes".

/// The maximum length of an identifier in PostgreSQL, in bytes.
///
/// Source: PostgreSQL 17 manual, 4.1.1.
pub(crate) const MAX_BYTES: usize = 63;

/// Returns the default name of a primary key, `{table}_pkey`.
pub fn primary_key(table: &str) -> String {
    fit(table.to_owned(), "_pkey")
}

/// Returns the default name of a unique key, `{table}_{columns}_key`.
pub fn unique(table: &str, columns: &[&str]) -> String {
    fit(joined(table, columns), "_key")
}

/// Returns the default name of an index, `{table}_{columns}_idx`.
pub fn index(table: &str, columns: &[&str]) -> String {
    fit(joined(table, columns), "_idx")
}

/// Returns the default name of a foreign key, `{table}_{columns}_fkey`.
pub fn foreign_key(table: &str, columns: &[&str]) -> String {
    fit(joined(table, columns), "_fkey")
}

/// Returns the name of the table of an implicit many-to-many relation, `_{relation}`.
pub fn join_table(relation: &str) -> String {
    fit(format!("_{relation}"), "")
}

/// Returns the name of a constraint or index of a join table. Suffixes: `_AB_pkey`, `_B_index`, `_A_fkey`, `_B_fkey`.
pub fn of_join_table(table: &str, suffix: &str) -> String {
    fit(table.to_owned(), suffix)
}

fn joined(table: &str, columns: &[&str]) -> String {
    let mut name = table.to_owned();
    for column in columns {
        name.push('_');
        name.push_str(column);
    }
    name
}

/// Truncates `name` at a character boundary, so that it fits with its suffix.
fn fit(mut name: String, suffix: &str) -> String {
    name.truncate(name.floor_char_boundary(MAX_BYTES - suffix.len()));
    name.push_str(suffix);
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_suffix_survives_the_cut() {
        let long = "x".repeat(80);
        assert_eq!(unique(&long, &["a"]), format!("{}_key", "x".repeat(59)));
        assert_eq!(join_table(&long), format!("_{}", "x".repeat(62)));
    }

    #[test]
    fn a_character_is_not_cut_in_half() {
        let name = index("t", &["é".repeat(40).as_str()]);
        assert_eq!(name, format!("t_{}_idx", "é".repeat(28)));
    }

    #[test]
    fn short_names_stay() {
        assert_eq!(foreign_key("accounts", &["user_id"]), "accounts_user_id_fkey");
        assert_eq!(of_join_table("_AToB", "_AB_pkey"), "_AToB_AB_pkey");
    }
}
