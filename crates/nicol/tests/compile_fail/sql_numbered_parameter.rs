//~ error: `$1` in line 2 of the text: the parameters are numbered by the macro
//~ help: write the value in braces, such as `{id}`

pub fn keep(id: i32) -> nicol::Sql {
    nicol::sql!(
        "select *
         from a where b = $1 and c = {id}"
    )
}
