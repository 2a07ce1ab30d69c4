select
  true as bool, 1::int2 as int2, 1::int4 as int4, 1::int8 as int8, 1::oid as oid, 1::float4 as float4, 1::float8 as float8,
  1::numeric as numeric, 'a'::text as text, 'a'::varchar(3) as varchar, 'a'::char(3) as char, 'a'::name as name,
  '00000000-0000-0000-0000-000000000001'::uuid as uuid, '2020-01-02'::date as date, '03:04'::time as time,
  '2020-01-02'::timestamp as timestamp, '2020-01-02Z'::timestamptz as timestamptz, '{}'::json as json, '{}'::jsonb as jsonb,
  '\x01'::bytea as bytea, '127.0.0.1'::inet as inet, array[1, 2] as ints, array['a'] as texts
