//~ error: `{id}` stands within quotes, where it is not bound
//~ help: a value needs no quotes, remove them
//~ error: `{"a": 1}` stands within quotes, where it is not bound
//~ for braces in the SQL text, write `{{` and `}}`
//~ error: `{name}` stands within quotes, where it is not bound
//~ help: write `{Ident(name)}` without quotes

pub fn keep(id: i32, name: &str) -> [nicol::Sql; 3] {
    [
        nicol::sql!("select '{id}'"),
        nicol::sql!(r#"select '{"a": 1}'::jsonb"#),
        nicol::sql!(r#"select "{name}""#),
    ]
}
