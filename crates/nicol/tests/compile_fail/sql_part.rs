//~ error[E0277]: `Duration` cannot be part of SQL
//~ neither a value nor SQL
//~ error[E0277]: `usize` cannot be part of SQL
//~ convert other integers with `i64::from` or `i64::try_from`
//~ error[E0425]: cannot find value `missing` in this scope
//~ error: the text must be a string literal

pub fn keep(time: std::time::Duration, count: usize, text: &'static str) -> [nicol::Sql; 4] {
    [
        nicol::sql!("select {time}"),
        nicol::sql!("select 1 limit {count}"),
        nicol::sql!("select {missing}"),
        nicol::sql!(text),
    ]
}
