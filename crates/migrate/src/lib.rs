//! Catalogs, their differences, SQL, and the migration history.
