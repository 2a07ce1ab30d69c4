-- Names that the generated code needs itself, and names that Rust keeps.
-- @param {String} $1:self
-- @param {Int} $2:type
select $1::text as "self", $2::int as "type", $3::text as "String", 1::int8 as "a b", null::text[] as vec
