//! `@db.…` and `Unsupported("…")`.

super::rules! {

NATIVE_TYPE_UNKNOWN = Error "native-type-unknown" {
    title: "A native type must be one that the schema language knows",
    reason: "They are Text, Char, VarChar, Bit, VarBit, Uuid, Xml, Inet, Citext, Boolean, Integer, \
        SmallInt, Oid, BigInt, Real, DoublePrecision, Decimal, Money, Timestamp, Timestamptz, Date, \
        Time, Timetz, Json, JsonB and ByteA. For any other database type, use `Unsupported(\"…\")` as \
        the field's type.",
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
    title: "A native type must fit the type of its field",
    reason: "The field's type is what the client uses; the native type is how the database stores it. Each \
        native type belongs to one scalar type.",
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
    title: "A native type accepts only its own arguments",
    reason: "`Char`, `VarChar`, `Bit` and `VarBit` take a length; `Timestamp`, `Timestamptz`, `Time` and \
        `Timetz` the number of fractional digits of a second; `Decimal` precision and scale. All are \
        optional. The other types take no arguments.",
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
    title: "The arguments of a native type must be within PostgreSQL's limits",
    reason: "The database would reject the column.",
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
    title: "A native type starts with the name of the `datasource`",
    reason: "With `datasource db`, write `@db.…`; with another name, use that name.",
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
    title: "A type that the schema language knows must not be marked as unsupported",
    reason: "With the proper type, the client can read and write the field.",
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
