//! A person as the API reads and writes it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::schema::{KnownFormat, Object, ObjectBuilder, SchemaFormat, Type};

use super::body::{FromMembers, Members};
use super::problem::ApiError;
use crate::db::Person;
use crate::export::timestamp;
use crate::validate::{EMAIL_MAX, NAME_MAX, PHONE_MAX, PartialForm, PersonForm};
use crate::version::Version;

/// The pattern of a name: at least one visible character and no control characters.
const NAME_PATTERN: &str = concat!(
    r"^[^\u0000-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f]*",
    r"[^\u0000-\u0020\u007f-\u00a0\u00ad\u061c\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff\ufff9-\ufffb]",
    r"[^\u0000-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f]*$"
);

/// The usual ways to write a phone number: 7 to 15 digits after a plus, 3 to 15 without, single marks between them, one
/// group in parentheses, perhaps an extension.
const PHONE_PATTERN: &str = concat!(
    r"^(\+[1-9]([ ./-]?[0-9]){6,14}",
    r"|\+[1-9][0-9]?[ ./-]?\([0-9]{1,3}\)([ ./-]?[0-9]){6,10}",
    r"|[0-9]([ ./-]?[0-9]){2,14}",
    r"|\([0-9]{1,5}\)([ ./-]?[0-9]){3,10})( ext\. [0-9]{1,8})?$"
);

/// A person in the directory.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Person, examples(json!({
    "id": "cmhz1k2ab0000v7x2example1",
    "name": "Ann Lee",
    "email": "ann@example.com",
    "phoneNumber": "+61 2 5550 1234",
    "createdAt": "2026-11-24T08:15:30.000Z",
    "updatedAt": "2026-11-24T08:15:30.000Z",
    "version": "0123456789abcdef0123456789abcdef",
})))]
pub(crate) struct PersonJson {
    /// Never changes.
    #[schema(min_length = 1)]
    id: String,
    /// The full name.
    name: String,
    /// The e-mail address, unique in the directory.
    email: String,
    /// The phone number as entered.
    phone_number: String,
    /// When the person was added.
    #[schema(format = DateTime)]
    created_at: String,
    /// When the details last changed.
    #[schema(format = DateTime)]
    updated_at: String,
    /// The version of these details. In quotation marks it is the `ETag`, for `If-Match`.
    #[schema(pattern = "^[0-9a-f]{32}$")]
    version: String,
}

impl PersonJson {
    /// A person with its version, which the header needs, too.
    pub(crate) fn of(person: Person) -> (Self, Version) {
        let version = Version::of(&person);
        let Person { id, name, email, phone_number, created_at, updated_at } = person;
        let (created_at, updated_at) = (timestamp(created_at), timestamp(updated_at));
        (
            Self { id, name, email, phone_number, created_at, updated_at, version: version.to_string() },
            version,
        )
    }

    pub(crate) fn to_json(&self) -> String {
        serde_json::to_string(self).expect("texts can be written as JSON")
    }
}

/// The id and the version of a person that was written as JSON before.
pub(crate) fn id_and_version(json: &str) -> Option<(String, Version)> {
    #[derive(Deserialize)]
    struct Written {
        id: String,
        version: String,
    }
    let Written { id, version } = serde_json::from_str(json).ok()?;
    Some((id, version.parse().ok()?))
}

/// All details of a person.
#[derive(Debug, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(examples(json!({
    "name": "Ann Lee",
    "email": "ann@example.com",
    "phoneNumber": "+61 2 5550 1234",
})))]
pub(crate) struct PersonFields {
    #[schema(schema_with = name)]
    name: String,
    #[schema(schema_with = email)]
    email: String,
    #[schema(schema_with = phone_number)]
    phone_number: String,
}

/// The fields to change; omitted fields keep their values.
#[derive(Debug, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(examples(json!({"phoneNumber": "(02) 5550 1234"})))]
pub(crate) struct PersonPatch {
    #[schema(schema_with = name)]
    name: Option<String>,
    #[schema(schema_with = email)]
    email: Option<String>,
    #[schema(schema_with = phone_number)]
    phone_number: Option<String>,
}

fn name() -> Object {
    let text = "The full name. Surrounding whitespace is removed, other whitespace becomes single spaces, and characters \
                are composed (NFC).";
    field(text, 1, NAME_MAX).pattern(Some(NAME_PATTERN)).build()
}

fn email() -> Object {
    let text = "The e-mail address, unique in the directory. It is stored in lower case.";
    field(text, 3, EMAIL_MAX).format(Some(SchemaFormat::KnownFormat(KnownFormat::Email))).build()
}

fn phone_number() -> Object {
    let text = "The phone number, international or national, with an optional extension. The pattern covers the usual forms.";
    field(text, 3, PHONE_MAX).pattern(Some(PHONE_PATTERN)).build()
}

fn field(text: &'static str, min: usize, max: usize) -> ObjectBuilder {
    let field = ObjectBuilder::new().schema_type(Type::String).description(Some(text));
    field.min_length(Some(min)).max_length(Some(max))
}

/// A missing member counts as empty, so that the response lists it with the other invalid fields.
impl FromMembers for PersonFields {
    const MEDIA_TYPES: &'static [&'static str] = &["application/json"];

    fn from_members(members: Members) -> Result<Self, ApiError> {
        let PartialForm { name, email, phone_number } = members.details()?;
        let or_empty = Option::unwrap_or_default;
        Ok(Self { name: or_empty(name), email: or_empty(email), phone_number: or_empty(phone_number) })
    }
}

/// Source: RFC 7396: members that are not there stay, and `null` removes, which no field of a person allows.
impl FromMembers for PersonPatch {
    const MEDIA_TYPES: &'static [&'static str] = &["application/merge-patch+json", "application/json"];

    fn from_members(members: Members) -> Result<Self, ApiError> {
        let PartialForm { name, email, phone_number } = members.details()?;
        Ok(Self { name, email, phone_number })
    }
}

impl From<PersonFields> for PersonForm {
    fn from(PersonFields { name, email, phone_number }: PersonFields) -> Self {
        Self { name, email, phone_number }
    }
}

impl From<PersonPatch> for PartialForm {
    fn from(PersonPatch { name, email, phone_number }: PersonPatch) -> Self {
        Self { name, email, phone_number }
    }
}
