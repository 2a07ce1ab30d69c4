//! The model of valid schemas.

use nicol_schema::model::{
    Arity, ConfigValue, DefaultValue, FieldKind, FieldType, IndexAlgorithm, Literal, NativeType,
    OperatorClass, ReferentialAction, RelationKind, RelationMode, Scalar, ScalarType, Side, SortOrder,
    StringOrEnv,
};
use nicol_schema::{Schema, validate};

const DATASOURCE: &str = "datasource db {\n  provider = \"postgresql\"\n  url = env(\"DATABASE_URL\")\n}\n";

#[track_caller]
fn schema(models: &str) -> Schema {
    match validate(&format!("{DATASOURCE}{models}")).into_result() {
        Ok(schema) => schema,
        Err(findings) => panic!("{findings:#?}"),
    }
}

#[track_caller]
fn column<'s>(schema: &'s Schema, model: &str, field: &str) -> &'s Scalar {
    let model = schema.models.iter().find(|candidate| candidate.name == model).expect("the model is there");
    let field = model.fields.iter().find(|candidate| candidate.name == field);
    match &field.expect("the field is there").kind {
        FieldKind::Scalar(scalar) => scalar,
        FieldKind::Relation(_) => panic!("the field is a relation"),
    }
}

/// The default of a field, written as `Type @default(…)`.
#[track_caller]
fn default_of(field: &str) -> DefaultValue {
    let schema =
        schema(&format!("model A {{\n  id Int @id\n  field {field}\n}}\nenum Kind {{\n  LOW\n  HIGH\n}}\n"));
    let default = column(&schema, "A", "field").default.clone();
    default.expect("there is a default").value
}

#[test]
fn defaults_keep_what_was_written() {
    let string = |text: &str| Literal::String(text.to_owned());
    for (field, expected) in [
        ("Int @default(autoincrement())", DefaultValue::Autoincrement),
        ("DateTime @default(now())", DefaultValue::Now),
        ("String @default(cuid())", DefaultValue::Cuid(1)),
        ("String @default(cuid(2))", DefaultValue::Cuid(2)),
        ("String @default(uuid())", DefaultValue::Uuid(4)),
        ("String @default(uuid(7))", DefaultValue::Uuid(7)),
        ("String @default(ulid())", DefaultValue::Ulid),
        ("String @default(nanoid())", DefaultValue::Nanoid(None)),
        ("String @default(nanoid(8))", DefaultValue::Nanoid(Some(8))),
        ("String @default(dbgenerated())", DefaultValue::DbGenerated(None)),
        ("String @default(dbgenerated(\"a('b')\"))", DefaultValue::DbGenerated(Some("a('b')".to_owned()))),
        ("Decimal @default(10.50)", DefaultValue::Literal(Literal::Number("10.50".to_owned()))),
        ("Decimal @default(\"1e3\")", DefaultValue::Literal(string("1e3"))),
        ("Boolean @default(true)", DefaultValue::Literal(Literal::Boolean(true))),
        ("String @default(\"a\\n\\u00e9\")", DefaultValue::Literal(string("a\né"))),
        ("Kind @default(HIGH)", DefaultValue::Literal(Literal::EnumValue("HIGH".to_owned()))),
        ("String[] @default([\"a\", \"b\"])", DefaultValue::List(vec![string("a"), string("b")])),
        ("Int[] @default([])", DefaultValue::List(Vec::new())),
    ] {
        assert_eq!(default_of(field), expected, "{field}");
    }
}

#[test]
fn columns_have_types_and_names() {
    let schema = schema(
        r#"model Thing {
  id    Int      @id
  price Decimal? @db.Decimal(10, 2) @map("the_price")
  tags  String[]
  kind  Kind
  place Unsupported("point")?
  at    DateTime @updatedAt @db.Timestamptz

  @@map("things")
}

enum Kind {
  LOW
  HIGH @map("high")

  @@map("kinds")
}
"#,
    );
    let model = &schema.models[0];
    assert_eq!(model.database_name(), "things");
    assert_eq!(model.fields[1].database_name(), "the_price");
    assert_eq!(model.fields[1].arity, Arity::Optional);
    assert_eq!(model.fields[2].arity, Arity::List);
    let price = column(&schema, "Thing", "price");
    assert_eq!(price.ty, FieldType::Scalar(ScalarType::Decimal));
    assert_eq!(price.native_type, Some(NativeType::Decimal(Some((10, 2)))));
    let (kind, kinds) = schema.enums().next().expect("there is an enum");
    assert_eq!(column(&schema, "Thing", "kind").ty, FieldType::Enum(kind));
    assert_eq!(kinds.database_name(), "kinds");
    assert_eq!(kinds.values[1].database_name(), "high");
    assert_eq!(column(&schema, "Thing", "place").ty, FieldType::Unsupported("point".to_owned()));
    let at = column(&schema, "Thing", "at");
    assert!(at.is_updated_at);
    assert_eq!(at.native_type, Some(NativeType::Timestamptz(None)));
}

#[test]
fn keys_and_indexes_keep_their_order() {
    let schema = schema(
        r#"model A {
  a Int
  b Int    @unique(map: "b_key")
  c Json
  d String

  @@id([a, b], map: "pk")
  @@index([c(ops: JsonbPathOps)], type: Gin)
  @@unique([d(sort: Desc), a], name: "key")
  @@index([d(ops: raw("text_pattern_ops"))], name: "old_name")
}
"#,
    );
    let model = &schema.models[0];
    let names = |fields: &[nicol_schema::model::KeyField]| -> Vec<&str> {
        fields.iter().map(|key| model.field(key.field).name.as_str()).collect()
    };
    let primary_key = model.primary_key.as_ref().expect("there is a primary key");
    assert_eq!(names(&primary_key.fields), ["a", "b"]);
    assert_eq!(primary_key.map.as_deref(), Some("pk"));
    assert!(model.uniques[0].on_field);
    assert_eq!(model.uniques[0].map.as_deref(), Some("b_key"));
    assert_eq!(names(&model.uniques[1].fields), ["d", "a"]);
    assert_eq!(model.uniques[1].fields[0].sort, Some(SortOrder::Desc));
    assert_eq!(model.uniques[1].name.as_deref(), Some("key"));
    assert_eq!(model.indexes[0].algorithm, Some(IndexAlgorithm::Gin));
    assert_eq!(
        model.indexes[0].fields[0].operator_class,
        Some(OperatorClass::Known("JsonbPathOps".to_owned()))
    );
    assert_eq!(model.indexes[1].map.as_deref(), Some("old_name"));
    assert_eq!(
        model.indexes[1].fields[0].operator_class,
        Some(OperatorClass::Raw("text_pattern_ops".to_owned()))
    );
}

#[test]
fn relations_are_seen_by_both_ends() {
    let schema = schema(
        r#"model User {
  id      Int      @id
  posts   Post[]
  profile Profile?
  friends User[]   @relation("friends")
  fans    User[]   @relation("friends")
}

model Profile {
  userId Int  @id
  user   User @relation(fields: [userId], references: [id], onDelete: Cascade, map: "fk")
}

model Post {
  id       Int   @id
  authorId Int?
  author   User? @relation(fields: [authorId], references: [id])
  tags     Tag[]
}

model Tag {
  id    Int    @id
  posts Post[]
}
"#,
    );
    let seen: Vec<_> = schema
        .relations
        .iter()
        .map(|relation| {
            let kind = match &relation.kind {
                RelationKind::OneToOne(_) => "1-1",
                RelationKind::OneToMany(_) => "1-n",
                RelationKind::ManyToMany => "m-n",
            };
            let end = |model, field: Option<_>| {
                let model = schema.model(model);
                let field = field.expect("both ends are there");
                format!("{}.{}", model.name, model.field(field).name)
            };
            let from = end(relation.from, relation.from_field);
            let to = end(relation.to, relation.to_field);
            format!("{kind} {} {from} {to}", relation.effective_name)
        })
        .collect();
    assert_eq!(
        seen,
        [
            "1-n PostToUser Post.author User.posts",
            "1-1 ProfileToUser Profile.user User.profile",
            "m-n friends User.fans User.friends",
            "m-n PostToTag Post.tags Tag.posts",
        ]
    );
    let RelationKind::OneToOne(key) = &schema.relations[1].kind else {
        panic!("it is one to one");
    };
    assert_eq!(key.on_delete, Some(ReferentialAction::Cascade));
    assert_eq!(key.on_update, None);
    assert_eq!(key.map.as_deref(), Some("fk"));
    let (_, _, end) = schema.models[0].relation_fields().next().expect("there are relations");
    assert_eq!((end.relation.index(), end.side, end.model.index()), (0, Side::To, 2));
}

#[test]
fn comments_become_documentation() {
    let schema = schema(
        r"// plain
/// A user,
/// documented.
model User {
  /// first
  // plain

  id Int @id /// behind
  /* a block */
  b Int
  c Int // plain
}

/// far away

enum Role {
  /// the one
  A
}
",
    );
    let model = &schema.models[0];
    assert_eq!(model.documentation.as_deref(), Some("A user,\ndocumented."));
    let of_fields: Vec<_> = model.fields.iter().map(|field| field.documentation.as_deref()).collect();
    assert_eq!(of_fields, [Some("first\nbehind"), Some("a block"), None]);
    assert_eq!(schema.enums[0].documentation, None);
    assert_eq!(schema.enums[0].values[0].documentation.as_deref(), Some("the one"));
}

#[test]
fn settings_are_kept() {
    let schema = validate(
        r#"generator client {
  provider        = "nicol"
  output          = "../generated"
  previewFeatures = ["views", "postgresqlExtensions"]
  names           = ["a", env("B")]
  depth           = 3
}

datasource pg {
  provider          = "postgres"
  url               = env("DATABASE_URL")
  directUrl         = env("DIRECT_URL")
  shadowDatabaseUrl = "postgres://shadow"
  relationMode      = "prisma"
  schemas           = ["shop", "auth"]
  extensions        = [pgcrypto, postgis(version: "3.4", schema: "public", map: "post_gis")]
}
"#,
    )
    .into_result()
    .expect("the schema is in order");
    let generator = &schema.generators[0];
    assert_eq!(generator.provider, StringOrEnv::Literal("nicol".to_owned()));
    assert_eq!(generator.preview_features, ["views", "postgresqlExtensions"]);
    assert_eq!(
        generator.config,
        [
            ("output".to_owned(), ConfigValue::One(StringOrEnv::Literal("../generated".to_owned()))),
            (
                "names".to_owned(),
                ConfigValue::Many(vec![
                    StringOrEnv::Literal("a".to_owned()),
                    StringOrEnv::Env("B".to_owned())
                ])
            ),
            ("depth".to_owned(), ConfigValue::One(StringOrEnv::Literal("3".to_owned()))),
        ]
    );
    let datasource = schema.datasource.expect("there is a datasource");
    assert_eq!(datasource.name, "pg");
    assert_eq!(datasource.url, Some(StringOrEnv::Env("DATABASE_URL".to_owned())));
    assert_eq!(datasource.direct_url, Some(StringOrEnv::Env("DIRECT_URL".to_owned())));
    assert_eq!(datasource.relation_mode, RelationMode::Prisma);
    assert_eq!(datasource.schemas, ["auth", "shop"]);
    assert_eq!(datasource.extensions[1].database_name.as_deref(), Some("post_gis"));
    assert_eq!(datasource.extensions[1].version.as_deref(), Some("3.4"));
}
