//~ error[E0277]: `Row` cannot be read from a row
//~ add `#[derive(nicol::FromRow)]` to a struct

pub struct Row {
    pub id: i32,
}

pub fn keep(db: nicol::Client) -> nicol::builder::RawQuery<Row> {
    db.query_raw::<Row>(nicol::sql!("select 1 as id"))
}
