//! `@db.…` and `Unsupported("…")`.

super::rules! {

NATIVE_TYPE_UNKNOWN = Error "native-type-unknown" {
    title: "A native type is one of those that the language knows",
    reason: "They are Text, Char, VarChar, Bit, VarBit, Uuid, Xml, Inet, Citext, Boolean, Integer, SmallInt, Oid, \
        BigInt, Real, DoublePrecision, Decimal, Money, Timestamp, Timestamptz, Date, Time, Timetz, Json, JsonB and \
        ByteA. Any other type of the database is written `Unsupported(\"…\")` in place of the field's type.",
    wrong: r#"
model User {
  id   Int    @id
  name String «@db.Varchar(50)»
}
"#,
    right: r#"
model User {
  id   Int    @id
  name String @db.VarChar(50)
}
"#,
}

NATIVE_TYPE_FIELD = Error "native-type-field" {
    title: "A native type fits the type of its field",
    reason: "The field's type is what the client works with, the native type how the database stores it. Each \
        native type belongs to one type of the schema.",
    wrong: r#"
model User {
  id  Int    @id
  age String «@db.SmallInt»
}
"#,
    right: r#"
model User {
  id  Int @id
  age Int @db.SmallInt
}
"#,
}

NATIVE_TYPE_ARGUMENTS = Error "native-type-arguments" {
    title: "A native type has the arguments that it takes",
    reason: "`Char`, `VarChar`, `Bit` and `VarBit` take a length, `Timestamp`, `Timestamptz`, `Time` and `Timetz` \
        the digits of a second, `Decimal` precision and scale. All may be left out. The others take none.",
    wrong: r#"
model User {
  id   Int    @id
  name String «@db.Text(50)»
}
"#,
    right: r#"
model User {
  id   Int    @id
  name String @db.VarChar(50)
}
"#,
}

NATIVE_TYPE_RANGE = Error "native-type-range" {
    title: "The arguments of a native type lie in PostgreSQL's range",
    reason: "The database would refuse the column.",
    wrong: r#"
model Price {
  id     Int     @id
  amount Decimal «@db.Decimal(2, 10)»
}
"#,
    right: r#"
model Price {
  id     Int     @id
  amount Decimal @db.Decimal(10, 2)
}
"#,
}

NATIVE_TYPE_DATASOURCE = Error "native-type-datasource" {
    title: "A native type begins with the name of the `datasource`",
    reason: "With `datasource db` that is `@db.…`; with another name it is that name.",
    wrong: r#"
model User {
  id   Int    @id
  name String «@pg.VarChar(50)»
}
"#,
    right: r#"
model User {
  id   Int    @id
  name String @db.VarChar(50)
}
"#,
}

UNSUPPORTED_NEEDLESS = Error "unsupported-needless" {
    title: "A type that the language knows is not marked as unsupported",
    reason: "As a field of a proper type the client can read and write it.",
    wrong: r#"
model User {
  id  Int                     @id
  «key Unsupported("Uuid")»
}
"#,
    right: r#"
model User {
  id  Int    @id
  key String @db.Uuid
}
"#,
}

}
