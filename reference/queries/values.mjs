// Small pools of values, so that requests meet each other's rows.

const STRINGS = ['a', 'b', 'ab', 'A', 'a_b', 'B%', 'é', '']
const TIMES = ['2024-02-29T12:34:56.789Z', '2024-02-29T00:00:00.000Z', '1999-12-31T23:59:59.999Z', '1970-01-01T00:00:00.000Z']
const DAYS = ['2024-02-29T00:00:00.000Z', '1999-12-31T00:00:00.000Z', '1970-01-01T00:00:00.000Z']
const HOURS = ['1970-01-01T12:34:56.789Z', '1970-01-01T00:00:00.000Z', '1970-01-01T23:59:59.000Z']
const DOCUMENTS = [
  { a: { b: ['x', 1, null] }, c: 'str' }, { a: 1 }, { a: { b: 2.5 } }, [1, 2, 3], ['a', 'b'], [], {}, 'str', 'a_b', 5, -1.5, true,
  [{ a: 1 }], { a: null },
]

/** By native type; each has the scalar type that the values belong to. */
const NATIVE = {
  Uuid: ['00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-000000000002', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
  Inet: ['10.0.0.1', '192.168.0.0/24', '::1'],
  Bit: ['101', '000'],
  VarBit: ['1', '10101', ''],
  Xml: ['<a/>', '<b>x</b>'],
  // As long as the columns of keys: Prisma Client itself compares a cursor with the padded text.
  Char: ['aa', 'bb', 'ab', 'AA'],
  VarChar: ['a', 'b', 'ab', 'A', 'a_b', '', 'abcdefgh'],
  SmallInt: [1, 2, 3, 7, -1, 32767],
  Oid: [0, 1, 2, 3],
  Real: [0, 1.5, -2.25, 3],
  Decimal: ['1.5', '2', '-0.25', '10.10', '0'],
  // Prisma Client loses the sign of negative ones.
  Money: ['1.5', '2', '3.25'],
  Date: DAYS,
  Time: HOURS,
  Timetz: HOURS,
}
const SCALAR = {
  String: STRINGS,
  Int: [1, 2, 3, 4, 5, 0, -1, 7],
  BigInt: ['1', '2', '3', '-4', '9007199254740993'],
  Float: [0, 1.5, -2.25, 3, 10000000000],
  Decimal: ['1.5', '2', '-0.25', '10.10', '0', '123456789012345.6789'],
  Boolean: [true, false],
  DateTime: TIMES,
  Bytes: ['AP8=', '', 'YWI='],
  Json: DOCUMENTS,
}
const TAGGED = new Set(['BigInt', 'Decimal', 'DateTime', 'Bytes'])

/** Returns a value of a scalar type, as requests have it. The field, if there is one, decides by its native type. */
export function scalar(random, type, field) {
  const pool = (field?.type === type && NATIVE[field.nativeType?.[0]]) || SCALAR[type]
  // The first values are met more often, above all those of keys.
  const value = random.chance(0.6) ? random.pick(pool.slice(0, 4)) : random.pick(pool)
  return TAGGED.has(type) ? { $type: type, value } : structuredClone(value)
}

/** Returns a value of a key that no other row has, probably. */
export function fresh(random, type, field) {
  const number = 1 + random.below(60)
  const native = field.nativeType?.[0]
  if (type === 'Int') return 10 + number
  if (type === 'BigInt') return { $type: type, value: String(10 + number) }
  if (type === 'Decimal') return { $type: type, value: `${number}.5` }
  if (type === 'Bytes') return { $type: type, value: Buffer.from([number]).toString('base64') }
  if (type === 'DateTime') {
    const time = new Date(Date.UTC(2020, 0, number, ...(native === 'Date' ? [] : [number % 24])))
    return { $type: type, value: time.toISOString() }
  }
  if (type !== 'String') return scalar(random, type, field)
  if (native === 'Uuid') return `00000000-0000-4000-8000-0000000000${number + 10}`
  if (native === 'Char') return `x${number % 10}`
  return native ? number.toString(36) : `k${number}`
}
