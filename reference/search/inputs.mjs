// Schemas for the search: mutated and generated ones.

/** Numbers that are the same in each run with the same seed (mulberry32). */
export function random(seed) {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  const chance = {
    /** A whole number below `limit`. */
    below: (limit) => Math.floor(next() * limit),
    pick: (list) => list[Math.floor(next() * list.length)],
    /** True once in `n` times. */
    once: (n) => next() * n < 1,
  }
  return chance
}

const TOKEN = /\r\n|[\n\r]|[ \t\u00a0\u3000]+|\/\/[^\n\r]*|\/\*[\s\S]*?\*\/|"(?:\\.|[^"\\\n])*"|@@?|[\p{L}\p{N}_-]+|[\s\S]/gu

const TYPES = ['String', 'Boolean', 'Int', 'BigInt', 'Float', 'Decimal', 'DateTime', 'Json', 'Bytes']
const NATIVE = [
  'Text', 'Char', 'VarChar', 'Bit', 'VarBit', 'Uuid', 'Xml', 'Inet', 'Citext', 'Boolean', 'Integer', 'SmallInt', 'Oid',
  'BigInt', 'Real', 'DoublePrecision', 'Decimal', 'Money', 'Timestamp', 'Timestamptz', 'Date', 'Time', 'Timetz', 'Json',
  'JsonB', 'ByteA', 'TinyInt', 'ObjectId', 'Nope', 'Interval', 'Serial',
]
const ACTIONS = ['NoAction', 'Restrict', 'Cascade', 'SetNull', 'SetDefault']
const FUNCTIONS = [
  'autoincrement()', 'now()', 'cuid()', 'cuid(1)', 'cuid(2)', 'cuid(3)', 'uuid()', 'uuid(4)', 'uuid(7)', 'uuid(1)', 'ulid()',
  'ulid(1)', 'nanoid()', 'nanoid(1)', 'nanoid(2)', 'nanoid(21)', 'nanoid(255)', 'nanoid(256)', 'nanoid(-1)', 'nanoid("a")',
  'dbgenerated()', 'dbgenerated("")', 'dbgenerated("now()")', 'dbgenerated(1)', 'auto()', 'sequence()', 'foo()', 'env("X")',
  'now(1)', 'autoincrement(1)', 'uuid("4")', 'cuid(4.0)', 'autoincrement(start: 1)', 'dbgenerated(value: "x")', 'nanoid(length: 5)',
]
const LITERALS = [
  '0', '1', '-1', '007', '1.5', '-0.0', '1.0', '99999999999', '9223372036854775807', '9223372036854775808', '1e10', 'true', 'false',
  '"text"', '""', '"1"', '"1.5"', '"2020-01-01T00:00:00Z"', '"2020-01-01"', '"{}"', '"[1]"', '"aGk="', '"é"', '"\\u00e9"', '"\\n"',
  '"\\""', '[]', '[1]', '["a"]', '["a", "b"]', '[true]', '[1, "a"]', '[[1]]', 'A', 'B', 'null', '[A]', '[A, B]', '[now()]',
  '0.1', '0.7', '123456789012345678901234567890', '1.10', '"{\\"a\\":1}"', '"x y"', '[1, 2, 3,]',
]
const OPERATOR_CLASSES = [
  'InetOps', 'JsonbOps', 'JsonbPathOps', 'ArrayOps', 'TextOps', 'BitMinMaxOps', 'VarBitMinMaxOps', 'BpcharBloomOps', 'BpcharMinMaxOps',
  'ByteaBloomOps', 'ByteaMinMaxOps', 'DateBloomOps', 'DateMinMaxOps', 'DateMinMaxMultiOps', 'Float4BloomOps', 'Float4MinMaxOps',
  'Float4MinMaxMultiOps', 'Float8BloomOps', 'Float8MinMaxOps', 'Float8MinMaxMultiOps', 'InetInclusionOps', 'InetBloomOps',
  'InetMinMaxOps', 'InetMinMaxMultiOps', 'Int2BloomOps', 'Int2MinMaxOps', 'Int2MinMaxMultiOps', 'Int4BloomOps', 'Int4MinMaxOps',
  'Int4MinMaxMultiOps', 'Int8BloomOps', 'Int8MinMaxOps', 'Int8MinMaxMultiOps', 'NumericBloomOps', 'NumericMinMaxOps',
  'NumericMinMaxMultiOps', 'OidBloomOps', 'OidMinMaxOps', 'OidMinMaxMultiOps', 'TextBloomOps', 'TextMinMaxOps', 'TimestampBloomOps',
  'TimestampMinMaxOps', 'TimestampMinMaxMultiOps', 'TimestampTzBloomOps', 'TimestampTzMinMaxOps', 'TimestampTzMinMaxMultiOps',
  'TimeBloomOps', 'TimeMinMaxOps', 'TimeMinMaxMultiOps', 'TimeTzBloomOps', 'TimeTzMinMaxOps', 'TimeTzMinMaxMultiOps', 'UuidBloomOps',
  'UuidMinMaxOps', 'UuidMinMaxMultiOps', 'NopeOps', 'raw("gin_trgm_ops")', 'raw("")', 'raw(1)', 'raw()', '"JsonbOps"', 'IntOps',
]
const INDEX_TYPES = ['BTree', 'Hash', 'Gist', 'Gin', 'SpGist', 'Brin', 'Nope', '"Gin"']
const FEATURES = [
  'views', 'postgresqlExtensions', 'multiSchema', 'fullTextSearch', 'fullTextSearchPostgres', 'fullTextIndex', 'metrics', 'typedSql',
  'relationJoins', 'driverAdapters', 'nope', 'nativeDistinct', 'strictUndefinedChecks', 'shardKeys', 'tracing', 'queryCompiler',
  'prismaSchemaFolder', 'omitApi', 'schemaEngineDriverAdapters', 'deno', 'middlewares', 'mongoDb', 'partialIndexes', 'clientExtensions',
]
const NAMES = [
  'String', 'Int', 'Model', 'Prisma', 'PrismaClient', 'async', 'await', 'delete', 'class', 'return', 'enum', 'model', 'type', 'null', 'true',
  'Json', 'A', 'B', 'id', 'user', 'userId', '_id', '1a', 'a-b', 'aé', 'é', 'Unsupported', 'name', 'AND', 'view', 'datasource', 'env', 'Promise',
  'transaction', 'x'.repeat(64), 'DateTime', 'User', 'Post', 'ID', 'in', 'let', 'UserArgs',
]
const ATTRIBUTES = [
  '@id', '@unique', '@default(1)', '@updatedAt', '@map("x")', '@map("")', '@ignore', '@relation', '@relation("x")', '@db.Text', '@db.VarChar(10)',
  '@id(map: "pk")', '@id(sort: Desc)', '@id(length: 3)', '@unique(map: "u")', '@unique(sort: Desc)', '@unique(length: 3)', '@unique("x")',
  '@nope', '@db.Nope', '@mysql.Text', '@db', '@map', '@map()', '@map(1)', '@map(name: "y")', '@default()', '@default', '@ignore(1)', '@updatedAt()',
  '@relation(fields: [id], references: [id])', '@relation(fields: [id])', '@relation(references: [id])', '@relation(onDelete: Cascade)',
  '@relation(map: "fk")', '@relation(name: "n")', '@relation("n", name: "n")', '@relation("")', '@relation(name: 1)', '@default(value: 1)',
  '@default(1, map: "d")', '@id(clustered: true)', '@unique(clustered: false)', '@unique(name: "x")', '@id(name: "x")',
]
const BLOCK_ATTRIBUTES = [
  '@@id([id])', '@@id([id, name])', '@@unique([id])', '@@unique([id, name])', '@@index([id])', '@@index([id, name])', '@@map("t")', '@@map("")',
  '@@schema("public")', '@@schema("other")', '@@schema()', '@@ignore', '@@ignore()', '@@fulltext([name])', '@@nope', '@@shardKey([id])',
  '@@id([id], map: "k")', '@@id([id, name], name: "k")', '@@unique([id], name: "k")', '@@unique([id, name], map: "k")', '@@index([id], map: "k")',
  '@@index([id], name: "k")', '@@index([id], type: Hash)', '@@index([id(sort: Desc)])', '@@index([name(length: 3)])', '@@index([name(ops: TextOps)], type: SpGist)',
  '@@index([])', '@@index', '@@index(id)', '@@index([id, id])', '@@index([nope])', '@@unique([])', '@@id([])', '@@id([nope])', '@@index(fields: [id])',
  '@@index([id], fields: [id])', '@@index([id.x])', '@@unique(fields: [id], name: "a", map: "b")', '@@id([id(sort: Desc)])', '@@index([id(sort: Nope)])',
  '@@index([id], clustered: true)', '@@unique([id], clustered: false)', '@@id([id], clustered: true)', '@@map(name: "n")', '@@map', '@@map(1)', '@@schema(map: "public")',
  '@@index([name(ops: raw("x"))])', '@@index([id], type: Gin)', '@@unique([id], type: Hash)', '@@index([id], name: "a", map: "b")', '@@index("id")',
]
const SETTINGS = [
  'relationMode = "prisma"', 'relationMode = "foreignKeys"', 'relationMode = "nope"', 'relationMode = prisma', 'schemas = ["public"]',
  'schemas = ["public", "other"]', 'schemas = []', 'schemas = "public"', 'extensions = [pgcrypto]', 'extensions = []', 'directUrl = env("D")',
  'shadowDatabaseUrl = env("S")', 'shadowDatabaseUrl = ""', 'directUrl = ""', 'url = "postgresql://x"', 'url = env("X")', 'url = ""', 'url = env()',
  'provider = "postgres"', 'provider = "nope"', 'provider = ["postgresql"]', 'provider = env("P")', 'referentialIntegrity = "prisma"',
  'extensions = [uuid_ossp(map: "uuid-ossp", schema: "x", version: "1")]', 'nope = 1', 'previewFeatures = ["views"]', 'provider =', 'schemas = ["a", "a"]',
  'shadowDatabaseUrl = env("X")', 'directUrl = env("X")', 'url = env(name: "X")', 'url = env(X)', 'url = env(1)', 'url = 1', 'provider = 1', 'provider = ""',
]
const GENERATOR_SETTINGS = [
  'output = "x"', 'output = env("X")', 'output = 1', 'engineType = "library"', 'engineType = 1', 'engineType = env("X")', 'binaryTargets = ["native"]',
  'binaryTargets = "native"', 'binaryTargets = env("X")', 'binaryTargets = [env("X")]', 'provider = "x"', 'provider = ["x"]', 'provider = env("X")', 'custom = "x"',
  'custom = 1', 'custom = true', 'custom = [1, "a"]', 'custom = [[1]]', 'custom = foo(1)', 'custom =', 'custom = env("X")', 'previewFeatures = []', 'previewFeatures = "views"',
  'previewFeatures = [views]', 'previewFeatures = ["views"]', 'previewFeatures = ["views", "nope"]', 'previewFeatures = ["fullTextSearch"]', 'provider = ""', 'provider = 1',
]
const SIGNS = ['{', '}', '(', ')', '[', ']', ',', ':', '.', '=', '?', '!', '@', '@@', '"', '\\', '/', '//', '///', '-', '_', '#', '|', '\n', '\r', '\r\n', ' ', '\t', '\u00a0', '\u3000', '\u200b', '\ufeff', 'é', '日', '😀', '/*', '*/', '/* c */', '// c', '/// d', '\f', '\v', '\u2028', '\u0085']

const anyToken = (chance) => {
  const pool = chance.pick([TYPES, NATIVE.map((n) => `@db.${n}`), ACTIONS, FUNCTIONS, LITERALS, NAMES, ATTRIBUTES, BLOCK_ATTRIBUTES, SIGNS, SIGNS, SIGNS, INDEX_TYPES, ['onDelete', 'onUpdate', 'fields', 'references', 'name', 'map', 'sort', 'Desc', 'ops', 'type', 'length', 'Unsupported("x")', 'model', 'enum', 'view', 'type', 'generator', 'datasource']])
  return chance.pick(pool)
}

const isWord = (token) => /^[\p{L}\p{N}_]/u.test(token)
const isBlank = (token) => /^[ \t]+$/.test(token)

const TOKEN_CHANGES = [
  (tokens, at) => tokens.splice(at, 1),
  (tokens, at) => tokens.splice(at, 0, tokens[at]),
  (tokens, at, chance) => tokens.splice(at, 0, anyToken(chance)),
  (tokens, at, chance) => tokens.splice(at, 1, anyToken(chance)),
  (tokens, at, chance) => tokens.splice(at, 1, tokens[chance.below(tokens.length)]),
  (tokens, at, chance) => {
    const to = Math.min(tokens.length - 1, at + 1 + chance.below(3))
    ;[tokens[at], tokens[to]] = [tokens[to], tokens[at]]
  },
  (tokens, at, chance) => tokens.splice(at, 0, chance.pick([' ', '  ', '\t', '\n', '\r\n', ' // c\n', ' /* c */ ', '/// doc\n', '\n\n'])),
]

/** Only words change into words, so that the schema stays readable. */
const WORD_CHANGES = [
  (word, chance) => chance.pick(TYPES),
  (word, chance) => chance.pick(NAMES),
  (word, chance) => chance.pick(ACTIONS),
  (word) => word + 'x',
  (word) => word[0].toUpperCase() + word.slice(1),
  (word) => word.toLowerCase(),
  (word, chance) => chance.pick(NATIVE),
  (word, chance, tokens) => chance.pick(tokens.filter(isWord)),
  (word, chance, tokens) => chance.pick(tokens.filter(isWord)),
  (word, chance, tokens) => chance.pick(tokens.filter(isWord)),
]

function changeWord(text, chance) {
  const tokens = text.match(TOKEN) ?? []
  const places = tokens.flatMap((token, at) => (isWord(token) ? [at] : []))
  if (places.length === 0) return text
  const at = chance.pick(places)
  tokens[at] = chance.pick(WORD_CHANGES)(tokens[at], chance, tokens)
  return tokens.join('')
}

function changeToken(text, chance) {
  const tokens = text.match(TOKEN) ?? []
  if (tokens.length === 0) return text
  chance.pick(TOKEN_CHANGES)(tokens, chance.below(tokens.length), chance)
  return tokens.join('')
}

function changeLines(text, chance) {
  const lines = text.split('\n')
  const at = chance.below(lines.length)
  const other = chance.below(lines.length)
  const insert = (line) => lines.splice(at, 0, line)
  const change = chance.below(13)
  if (change === 0) lines.splice(at, 1)
  else if (change === 1) insert(lines[at])
  else if (change === 2) insert(lines[other])
  else if (change === 3) [lines[at], lines[other]] = [lines[other], lines[at]]
  else if (change === 4) insert(chance.pick(['', ' ', '// c', '/// d', '/* a\nb */', '  // c  ', '///', '//', '/** x */']))
  else if (change === 5) insert('  ' + chance.pick(BLOCK_ATTRIBUTES))
  else if (change === 6) insert('  ' + field(chance))
  else if (change === 7) lines[at] += ' ' + chance.pick(ATTRIBUTES)
  else if (change === 8) lines[at] += chance.pick(['?', '[]', '!', ' // c', ' /// d', ' /* c */', '\r', ' ', '}', '{', ',', '[]?', '\t'])
  else if (change === 9) lines[at] += ' ' + chance.pick([...FUNCTIONS, ...LITERALS].map((value) => `@default(${value})`))
  else if (change === 10) insert('  ' + chance.pick([...SETTINGS, ...GENERATOR_SETTINGS]))
  else if (change === 11) lines[at] = lines[at] + lines.splice(at + 1, 1).join('')
  else lines[at] += ' ' + nativeType(chance)
  return lines.join('\n')
}

const nativeType = (chance) =>
  `@db.${chance.pick(NATIVE)}${chance.pick(['', '', '', '()', '(1)', '(3)', '(10, 2)', '(2, 10)', '(0)', '(7)', '("a")', '(-1)', '(1.5)', '(x)', '(1001, 1)', '(99999999999)', '(x: 1)', '(1, 2, 3)', '([1])'])}`

/** Whole-file changes. */
const FILE_CHANGES = [
  (text) => text.replace(/\n/g, '\r\n'),
  (text) => text.replace(/ +/g, ' '),
  (text) => text.replace(/ +/g, '\t'),
  (text) => text.replace(/\n\s*\n/g, '\n'),
  (text) => text.trimEnd(),
  (text) => text.replace(/\n/g, '\n\n'),
  (text) => text.replace(/env\("[A-Z_]+"\)\n/, 'env("X")\n  relationMode = "prisma"\n'),
  (text) => text.replace(/env\("[A-Z_]+"\)\n/, 'env("X")\n  schemas = ["public", "other"]\n'),
  (text) => text.slice(0, Math.floor(text.length / 2)),
  (text) => text + text,
  (text) => text.replace(/\n/g, '\r'),
  (text) => '\ufeff' + text,
]

const blocks = (text) => text.split(/(?<=^\}[^\n]*\n)/m)

/** A line or a block of another schema. */
function cross(text, chance, seeds) {
  const other = chance.pick(seeds)
  if (chance.once(3)) return text + '\n' + chance.pick(blocks(other))
  if (chance.once(4)) {
    const parts = blocks(text)
    parts.splice(chance.below(parts.length), 1, chance.pick(blocks(other)))
    return parts.join('')
  }
  const lines = text.split('\n')
  lines.splice(chance.below(lines.length + 1), chance.below(2), chance.pick(other.split('\n')))
  return lines.join('\n')
}

/** One of the schemas, with one to four changes. */
export function mutated(chance, seeds) {
  let text = chance.pick(seeds)
  // Most of a long schema is irrelevant for a difference.
  if (text.length > 4000) text = blocks(text).filter((block) => /^(datasource|generator)/m.test(block) || chance.once(4)).join('')
  for (let left = 1 + (chance.once(2) ? 0 : chance.below(3)); left > 0; left -= 1) {
    const kind = chance.below(25)
    if (kind > 20) text = cross(text, chance, seeds)
    else if (kind < 7) text = changeWord(text, chance)
    else if (kind < 12) text = changeToken(text, chance)
    else if (kind < 20) text = changeLines(text, chance)
    else text = chance.pick(FILE_CHANGES)(text)
  }
  return text
}

function field(chance) {
  const type = chance.pick([...TYPES, ...TYPES, 'E', 'A', 'B', 'User', 'Unsupported("x")', 'V', 'Nope'])
  const parts = [chance.pick(['id', 'name', 'a', 'b', 'c', 'aId', 'bId', 'x', ...NAMES]), type + chance.pick(['', '', '', '?', '[]', '[]?'])]
  if (chance.once(3)) parts.push(chance.pick(ATTRIBUTES))
  if (chance.once(3)) parts.push(`@default(${chance.pick(chance.once(2) ? FUNCTIONS : LITERALS)})`)
  if (chance.once(4)) parts.push(nativeType(chance))
  if (chance.once(8)) parts.push(chance.pick(['// c', '/// d', '/* c */']))
  return parts.join(' ')
}

export function generated(chance) {
  return chance.pick(GENERATORS)(chance)
}

const head = (settings = '', features = []) => `generator g {
  provider = "prisma-client-js"${features.length ? `\n  previewFeatures = [${features.map((f) => `"${f}"`).join(', ')}]` : ''}
}

datasource db {
  provider = "postgresql"
  url = env("DATABASE_URL")${settings ? `\n  ${settings}` : ''}
}

`

const some = (chance, list, most) => Array.from({ length: chance.below(most + 1) }, () => chance.pick(list))
const withSettings = (chance) =>
  chance.pick([
    () => head(),
    () => head(),
    () => head('relationMode = "prisma"'),
    () => head('schemas = ["public", "other"]'),
    () => head('', ['views']),
  ])()

const GENERATORS = [
  // A column with attributes.
  (chance) => {
    const type = chance.pick([...TYPES, 'E', 'Unsupported("x")'])
    const modifier = chance.pick(['', '', '?', '[]'])
    const attributes = [
      chance.once(2) ? nativeType(chance) : '',
      chance.once(2) ? `@default(${chance.pick(chance.once(2) ? FUNCTIONS : LITERALS)})` : '',
      ...some(chance, ATTRIBUTES, 2),
    ].filter(Boolean)
    const id = chance.once(3) ? '' : '  id Int @id\n'
    return `${withSettings(chance)}model M {\n${id}  f ${type}${modifier} ${attributes.join(' ')}\n}\n\nenum E {\n  A\n  B\n}\n`
  },
  // Matching native types, with any number of arguments.
  (chance) => {
    const fits = { String: NATIVE.slice(0, 9), Boolean: ['Boolean'], Int: ['Integer', 'SmallInt', 'Oid'], BigInt: ['BigInt'], Float: ['Real', 'DoublePrecision'], Decimal: ['Decimal', 'Money'], DateTime: NATIVE.slice(18, 23), Json: ['Json', 'JsonB'], Bytes: ['ByteA'] }
    const type = chance.pick(Object.keys(fits))
    const native = chance.pick(fits[type])
    const args = chance.pick(['', '', '()', '(1)', '(6)', '(10)', '(10, 2)', '(65, 30)', '(0)', '(1, 1)'])
    const index = chance.pick(['', `@@index([f(ops: ${chance.pick(OPERATOR_CLASSES)})], type: ${chance.pick(INDEX_TYPES)})`, `@@index([f], type: ${chance.pick(INDEX_TYPES)})`, `@@unique([f])`, `@@id([f])`])
    const id = index.startsWith('@@id') ? '' : '  id Int @id\n'
    const value = chance.once(3) ? ` @default(${chance.pick(chance.once(2) ? LITERALS : FUNCTIONS)})` : ''
    return `${head()}model M {\n${id}  f ${type}${chance.pick(['', '', '', '?', '[]'])} @db.${native}${args}${value}\n  ${index}\n}\n`
  },
  // Indexes.
  (chance) => {
    const type = chance.pick([...TYPES, 'E', 'Unsupported("point")', 'Unsupported("inet")', 'Unsupported("tsvector")'])
    const part = (name) => {
      const inner = some(chance, [`ops: ${chance.pick(OPERATOR_CLASSES)}`, `sort: ${chance.pick(['Asc', 'Desc', 'Desc', 'asc', '"Desc"'])}`, `length: ${chance.pick(['1', '10', '"1"', '0'])}`, `nope: 1`], 2)
      return inner.length ? `${name}(${inner.join(', ')})` : name
    }
    const details = some(chance, [`type: ${chance.pick(INDEX_TYPES)}`, `type: ${chance.pick(INDEX_TYPES)}`, 'map: "m"', 'name: "n"', 'map: "a-b"', 'map: ""', `map: "${'m'.repeat(64)}"`, 'name: ""', 'clustered: true', 'nope: 1', '"x"'], 2)
    const list = chance.pick([[part('f')], [part('f'), part('g')], [part('f'), 'id'], ['f', 'f'], ['r'], ['f', 'nope']])
    const argument = [chance.pick(['', '', '', 'fields: ']) + `[${list.join(', ')}]`, ...details]
    return `${withSettings(chance)}model M {\n  id Int @id\n  f ${type}${chance.pick(['', '', '?', '[]'])} ${chance.once(3) ? nativeType(chance) : ''}\n  g String\n  r M? @relation("r", fields: [id], references: [id])\n  s M? @relation("r")\n  ${chance.pick(['@@index', '@@unique', '@@index', '@@fulltext', '@@id'])}(${argument.join(', ')})\n}\n\nenum E {\n  A\n}\n`
  },
  // Several fields of every kind.
  (chance) => `${withSettings(chance)}model A {\n${Array.from({ length: 1 + chance.below(6) }, () => `  ${field(chance)}\n`).join('')}${some(chance, BLOCK_ATTRIBUTES, 3).map((line) => `  ${line}\n`).join('')}}\n\nmodel B {\n  id Int @id\n${some(chance, [0, 0], 3).map(() => `  ${field(chance)}\n`).join('')}}\n\nenum E {\n  A\n  B\n}\n`,
  // Two models and their relations.
  relations, relations, relations,
  // Datasource and generator blocks.
  (chance) => {
    const generators = Array.from({ length: chance.below(3) }, (_, n) => `generator g${chance.once(6) ? '' : n} {\n  provider = "x"\n${some(chance, GENERATOR_SETTINGS, 3).map((line) => `  ${line}\n`).join('')}}\n\n`)
    const base = ['provider = "postgresql"', 'url = env("X")'].filter(() => !chance.once(12))
    const lines = [...base, ...some(chance, SETTINGS, 3)]
    const shown = chance.once(4) ? lines.reverse() : lines
    return `${generators.join('')}datasource db {\n${shown.map((line) => `  ${line}\n`).join('')}}\n\nmodel A {\n  id Int @id\n  ${chance.pick(['', '@@schema("public")', '@@schema("a")'])}\n}\n`
  },
  // Preview features.
  (chance) => `generator g {\n  provider = "x"\n  previewFeatures = [${some(chance, FEATURES, 3).map((f) => `"${f}"`).join(', ')}]\n}\n\ndatasource db {\n  provider = "postgresql"\n  url = "x"\n${some(chance, SETTINGS, 1).map((line) => `  ${line}\n`).join('')}}\n\n${chance.pick(['model', 'view', 'type'])} A {\n  id Int ${chance.pick(['@id', '@unique', ''])}\n  ${field(chance)}\n  ${chance.pick(['', ...BLOCK_ATTRIBUTES])}\n}\n`,
  // Cycles of models.
  (chance) => {
    const names = ['A', 'B', 'C', 'D'].slice(0, 1 + chance.below(4))
    const fields = new Map(names.map((name) => [name, ['id Int @id']]))
    for (let n = 1 + chance.below(5); n > 0; n -= 1) {
      const [from, to] = [chance.pick(names), chance.pick(names)]
      const optional = chance.pick(['', '?'])
      const actions = some(chance, [`, onDelete: ${chance.pick(ACTIONS)}`, `, onUpdate: ${chance.pick(ACTIONS)}`], 2)
      const relation = chance.once(6) ? '' : `"r${n}", `
      const one = chance.once(3)
      fields.get(from).push(`k${n} Int${optional}${one ? ' @unique' : ''}`)
      fields.get(from).push(`f${n} ${to}${chance.once(9) ? '?' : optional} @relation(${relation}fields: [k${n}], references: [id]${[...new Set(actions)].join('')})`)
      if (!chance.once(9)) fields.get(to).push(`b${n} ${from}${one ? '?' : '[]'} ${relation ? `@relation(${relation.replace(', ', '')})` : ''}`)
      if (chance.once(3)) fields.get(from).push(`@@${chance.pick(['index', 'unique', 'index'])}([${chance.pick([`k${n}`, `k${n}, id`, `id, k${n}`])}])`)
      if (chance.once(20)) fields.get(from).push('@@ignore')
    }
    return head(chance.pick(['relationMode = "prisma"', 'relationMode = "prisma"', ''])) + names.map((name) => `model ${name} {\n${fields.get(name).map((line) => `  ${line}\n`).join('')}}\n\n`).join('')
  },
  // Incomplete relations between models with any name, for the formatter.
  (chance) => {
    const word = () => {
      const stem = chance.pick(['User', 'category', 'Box', 'Bus', 'Knife', 'Hero', 'Quiz', 'Child', 'Person', 'Person_tag', 'HTTPServer', 'news', 'Sheep', 'Day', 'API', 'Staff', 'Analysis', 'Datum', 'Index', 'Matrix', 'Status', 'address', 'Match', 'Dish', 'Leaf', 'Ox', 'Mouse', 'Tooth', 'Photo', 'Potato', 'Criterion', 'Medium', 'Series', 'A', 'x', 'X9', 'userRole', 'user_role', 'USER', 'Man', 'Woman', 'Human', 'German', 'Foot', 'Cactus', 'Alumna', 'Appendix', 'Fish', 'Deer', 'Piano', 'Zoo', 'Key', 'Toy', 'City', 'Buzz', 'Class', 'Gas', 'Virus', 'Octopus', 'Shelf', 'Roof', 'Chief', 'Life', 'Die', 'Goose', 'Move', 'Cookie', 'Movie', 'Data', 'Information', 'Equipment', 'Money', 'Rice', 'Police', 'Jeans', 'Users', 'Categories', 'People', 'Children'])
      return stem + chance.pick(['', '', '', '', 'y', 's', 'x', 'ch', 'sh', 'o', 'f', 'fe', 'us', 'is', 'on', 'um', 'a', '_x', '1', 'ss', 'zz', 'ey', 'man', 'ies', 'ves', 'ex', 'ix', 'ouse', 'ee', 'th', 'ix_', 'é', 'es', 'oo', 'eau', 'ma', 'ese', 'child', 'foot', 'Person'])
    }
    const [a, b] = [word(), chance.once(8) ? null : word()]
    const other = b ?? a
    const id = () => chance.pick(['id Int @id', 'id Int @id', 'id String @id @db.Uuid', 'uid Int @unique', 'id Int @id @map("x")', 'x Int\n  y String\n  @@id([x, y])', 'x Int\n  y String\n  @@unique([y, x])', 'id Int'])
    const taken = chance.once(4) ? `  ${chance.pick([other, other.toLowerCase(), `${other[0].toLowerCase()}${other.slice(1)}Id`, `${other}s`])} Int\n` : ''
    const relation = () => chance.pick(['', '', '', '@relation("r")', '@relation(fields: [fk], references: [id])', '@relation(onDelete: Cascade)', '@relation(fields: [fk])', '@relation("r", fields: [fk], references: [id])', '@relation(references: [id])', '@relation("r", onDelete: SetNull, map: "m")'])
    const line = (type) => `  ${chance.pick(['f', 'rel', type, `my${type}`])}${chance.below(9)} ${type}${chance.pick(['', '?', '[]', ''])} ${relation()}${chance.once(6) ? ' // c' : ''}\n`
    const comment = () => (chance.once(5) ? chance.pick(['  // c\n', '\n', '  @@map("z")\n', '\n  // end\n', '  @@index([id])\n\n']) : '')
    const first = `model ${a} {\n  ${id()}\n${chance.once(2) ? '  fk Int\n' : ''}${taken}${line(other)}${chance.once(4) ? line(other) : ''}${comment()}}\n`
    const second = b ? `\nmodel ${b} {\n  ${id()}\n${chance.once(3) ? line(a) : ''}${comment()}}${chance.pick(['\n', '\n', ''])}` : ''
    return withSettings(chance) + (chance.once(2) ? first + second : (second || '\n').trimStart() + '\n' + first)
  },
  // Values of strings and numbers.
  (chance) => {
    const part = () => chance.pick(['', 'a', '\\n', '\\"', '\\\\', "'", '\\u00e9', '\\ud83d\\ude00', '\\ud83d', '\\x', '\\u12', '\\/', '😀', 'é', '{', '}', '//', '/*', ' ', '\\t', '%', '$1', '`'])
    const string = () => `"${Array.from({ length: chance.below(5) }, part).join('')}"`
    const digits = () => Array.from({ length: 1 + chance.below(chance.once(5) ? 30 : 5) }, () => chance.below(10)).join('')
    const number = () => `${chance.pick(['', '', '-'])}${digits()}${chance.once(2) ? `.${digits()}` : ''}`
    const exponent = () => `${number()}${chance.pick(['', '', 'e5', 'E-3', 'e+2', 'e', 'e400', 'e-400', 'x', ' '])}`
    const json = () => chance.pick(['{}', '[]', '1', '-1.5e3', 'true', 'null', '{\\"a\\": [1, {\\"b\\": null}]}', '{\\"a\\": 1, \\"a\\": 2}', ' {} ', '[1,]', '01', '\\"x\\"', '\\"\\\\n\\"', '\\"\\n\\"', '1e999', 'nul', '[[[[]]]]', '{} {}', '\\"\\\\ud83d\\"', '1.', '-', '+1', '.5', '0.0', '-0', 'NaN', 'Infinity', '\\"é\\"', '\\u00e9', ''])
    const date = () => `${chance.pick(['2020', '0000', '9999', '1', '12020', '-001', '1969'])}-${chance.pick(['01', '02', '12', '13', '00', '1'])}-${chance.pick(['01', '28', '29', '30', '31', '32', '00', '1'])}${chance.pick(['T', 't', ' ', '', '_'])}${chance.pick(['00:00:00', '23:59:59', '23:59:60', '24:00:00', '12:60:00', '12:00', '1:00:00'])}${chance.pick(['', '.5', '.123', '.1234567', '.123456789', '.1234567891', '.000', '.', ',5'])}${chance.pick(['Z', 'z', '', '+00:00', '-02:30', '+24:00', '+02', '+0200', '-00:00', '+23:59', '+10:60', ' Z'])}`
    const bytes = () => chance.pick(['', 'aGk=', 'aGk', 'aGkh', 'a-_b', 'a+/b', 'aA==', 'aB==', '=', '====', 'a b=', 'aGk=\\n', 'AAAA', 'A', 'AA', 'AAA='])
    const values = { String: string, Json: () => `"${json()}"`, DateTime: () => `"${date()}"`, Bytes: () => `"${bytes()}"`, Decimal: () => chance.pick([number(), `"${exponent()}"`]), Float: number, Int: () => `${chance.pick(['', '-'])}${digits()}`, BigInt: () => `${chance.pick(['', '-'])}${digits()}`, Boolean: () => chance.pick(['true', 'false', '"true"', 'True', '1']) }
    const lines = Array.from({ length: 1 + chance.below(3) }, (_, n) => {
      const type = chance.pick(Object.keys(values))
      const list = chance.once(4)
      const value = list ? `[${Array.from({ length: chance.below(4) }, values[type]).join(', ')}]` : values[type]()
      return `  f${n} ${type}${list ? '[]' : ''} @default(${value}) ${chance.once(5) ? `@map(${string()})` : ''} ${chance.pick(['', '', '/// doc', '// c'])}\n`
    })
    return `${head()}${chance.pick(['', '/// a\n/// b\n', '///a\n// x\n///  b  \n', '/* a */\n', '/**\n * a\n * b\n */\n'])}model M {\n${chance.pick(['', '  /// id\n', '  /// a\n\n', '  // c\n  /// b\n'])}  id Int @id\n${lines.join('')}${chance.once(4) ? `  @@map(${string()})\n` : ''}}\n\n${chance.pick(['', '/// e\n'])}enum E {\n  ${chance.pick(['', '/// v\n'])}A ${chance.once(3) ? `@map(${string()})` : ''} ${chance.pick(['', '/// a', '// b'])}\n}\n`
  },
  // Extensions and their arguments.
  (chance) => {
    const argument = () => `${chance.pick(['map: ', 'schema: ', 'version: ', 'nope: ', '', 'map:', 'Map: '])}${chance.pick(['"x"', '"x-y"', '1', 'x', '', '["x"]', 'env("X")', '"public"', '""'])}`
    const extension = () => `${chance.pick(['pgcrypto', 'postgis', '"uuid-ossp"', 'uuid_ossp', 'uuid-ossp', '1x', 'hstore', 'citext', 'x.y', '1', 'env("X")', '[a]'])}${chance.once(2) ? `(${some(chance, [0, 0, 0], 3).map(argument).join(', ')})` : ''}`
    return `generator g {\n  provider = "x"\n  previewFeatures = [${chance.pick(['"postgresqlExtensions"', '"postgresqlExtensions"', '"views"', ''])}]\n}\n\ndatasource db {\n  provider = "postgresql"\n  url = "x"\n  extensions = ${chance.once(9) ? extension() : `[${some(chance, [0, 0, 0], 3).map(extension).join(', ')}]`}\n${chance.once(3) ? `  ${chance.pick(SETTINGS)}\n` : ''}}\n`
  },
  // Several schemas.
  (chance) => {
    const schema = () => chance.pick(['', '  @@schema("a")\n', '  @@schema("a")\n', '  @@schema("b")\n', '  @@schema("c")\n', '  @@schema(a)\n', '  @@schema("")\n'])
    const model = (name, body) => `${chance.pick(['model', 'model', 'model', 'view'])} ${name} {\n  id Int @id${chance.once(4) ? `(map: "${chance.pick(['k', 'A_pkey', 'l'])}")` : ''}\n${body}${schema()}${chance.once(4) ? `  @@map("${chance.pick(['A', 'B', 't'])}")\n` : ''}${chance.once(4) ? `  @@index([id]${chance.once(2) ? `, map: "${chance.pick(['k', 'A_pkey', 'l'])}"` : ''})\n` : ''}}\n\n`
    const ring = chance.once(2)
    return `generator g {\n  provider = "x"\n  previewFeatures = ["views"]\n}\n\ndatasource db {\n  provider = "postgresql"\n  url = "x"\n  ${chance.pick(['schemas = ["a", "b"]', 'schemas = ["b", "a"]', 'schemas = ["a"]', '', 'schemas = [a]', 'schemas = "a"', 'schemas = ["a", "a"]', 'schemas = []', 'schemas = ["a", ""]', 'schemas = [env("X")]'])}\n}\n\n${model('A', ring ? '  bId Int\n  b B @relation(fields: [bId], references: [id])\n' : '  e E\n')}${model('B', ring ? '  as A[]\n' : '')}enum E {\n  X\n${schema()}${chance.once(3) ? '  @@map("A")\n' : ''}}\n\nenum F {\n  X\n${schema()}${chance.once(3) ? '  @@map("E")\n' : ''}}\n`
  },
  // Conflicting names in the database.
  (chance) => {
    const name = () => chance.pick(['a', 'b', 'A', 'B', 'A_pkey', 'A_x_key', 'B_x_idx', 'A_bId_fkey', 'k', 'k', 'k', 'x', '_AToB', 'é', '', 'a b', 'm'.repeat(63), 'm'.repeat(64), 'é'.repeat(32)])
    const maybe = (text) => (chance.once(2) ? text : '')
    const model = (own, other) => `model ${own} {\n  id Int @id${maybe(`(map: "${name()}")`)}${maybe(` @map("${name()}")`)}\n  x String${maybe(` @unique${maybe(`(map: "${name()}")`)}`)}${maybe(` @map("${name()}")`)}\n  y Int ${maybe(`@map("${name()}")`)}\n${maybe(`  @@index([x]${maybe(`, map: "${name()}"`)})\n`)}${maybe(`  @@unique([x, y]${maybe(`, map: "${name()}"`)}${maybe(`, name: "${name()}"`)})\n`)}${maybe(`  @@map("${name()}")\n`)}${maybe(`  @@schema("${chance.pick(['public', 'other'])}")\n`)}`
    const schemas = chance.once(2)
    return `${head(schemas ? 'schemas = ["public", "other"]' : '')}${model('A', 'B')}  bId Int\n  b B @relation(fields: [bId], references: [id]${maybe(`, map: "${name()}"`)})\n}\n\n${model('B', 'A')}  as A[]\n}\n\nenum E {\n  ${chance.pick(['P', 'Q @map("P")', 'P @map("")'])}\n  ${chance.pick(['P', 'R', 'R @map("P")'])}\n${maybe(`  @@map("${name()}")\n`)}${schemas ? maybe(`  @@schema("${chance.pick(['public', 'other', 'nope'])}")\n`) : ''}}\n\nenum F {\n  P\n${maybe(`  @@map("${name()}")\n`)}}\n`
  },
]

function relations(chance) {
  const arity = () => chance.pick(['', '', '?', '[]'])
  const columns = chance.pick(['', '', '?', '?', '[]'])
  const names = ['', '', '', '"r"', '"r"', 'name: "r"', '"s"', '""']
  const lists = ['fields: [bId], references: [id]', 'fields: [bId], references: [id]', 'fields: [bId], references: [id]', 'fields: [bId, b2], references: [id, k]', 'fields: [bId, b2], references: [k, id]', 'fields: [bId], references: [u]', 'fields: [bId], references: [k]', 'fields: [bId]', 'references: [id]', 'fields: [bId], references: [id, k]', 'fields: [], references: []', 'fields: [bId], references: [nope]', 'fields: [nope], references: [id]', 'fields: [b], references: [as]', 'fields: [bId, bId], references: [id, id]', 'fields: bId, references: id', '']
  const details = () => some(chance, [`onDelete: ${chance.pick(ACTIONS)}`, `onUpdate: ${chance.pick(ACTIONS)}`, 'map: "fk"', 'onDelete: Nope', 'onUpdate: "Cascade"', 'nope: 1'], chance.once(2) ? 0 : 2)
  const relation = (withLists) => {
    const parts = [chance.pick(names), withLists ? chance.pick(lists) : '', ...details()].filter(Boolean)
    return parts.length || chance.once(6) ? `@relation(${parts.join(', ')})` : ''
  }
  const self = chance.once(4)
  const other = self ? 'A' : 'B'
  const extras = () => some(chance, ['@ignore', '@unique', '@id', '@map("x")', '@default(1)'], chance.once(8) ? 1 : 0).join(' ')
  const id = chance.pick(['Int @id', 'Int @id', 'Int @id', 'Int @unique', 'Int', 'String @id', 'BigInt @id', 'Int @id @db.SmallInt'])
  const key = chance.pick(['', '', '  @@id([id, k])\n', '  @@unique([id, k])\n', '  @@unique([k, id])\n', '  @@unique([k])\n'])
  const own = `  bId Int${columns} ${chance.pick(['', '', '', '@unique', '@ignore', '@default(1)', '@map("b_id")'])}\n  b2 ${chance.pick(['Int', 'Int?', 'String', 'E'])}\n`
  const there = `  id ${id}\n  k ${chance.pick(['Int', 'Int', 'Int?', 'String'])}\n  u ${chance.pick(['Int @unique', 'Int? @unique', 'Int'])}\n${key}`
  const forward = `  b ${other}${arity()} ${relation(!chance.once(5))} ${extras()}\n`
  const back = chance.once(6) ? '' : `  as A${chance.pick(['[]', '[]', '', '?'])} ${relation(chance.once(6))} ${extras()}\n`
  const second = chance.once(4) ? `  c ${other}${arity()} ${relation(chance.once(2))}\n` : ''
  const secondBack = chance.once(4) ? `  cs A[] ${relation(chance.once(6))}\n` : ''
  const block = some(chance, ['  @@ignore\n', '  @@unique([bId])\n', '  @@index([bId])\n', '  @@id([bId])\n', '  @@unique([bId, b2])\n', '  @@index([bId, b2])\n', '  @@map("t")\n'], 1).join('')
  const blockB = some(chance, ['  @@ignore\n', '  @@map("t")\n', '  @@map("u")\n'], chance.once(3) ? 1 : 0).join('')
  const settings = withSettings(chance)
  if (self) return `${settings}model A {\n${there}${own}${forward}${back}${second}${block}}\n\nenum E {\n  A\n}\n`
  const keyword = chance.once(8) ? 'view' : 'model'
  return `${settings}${keyword} A {\n  id Int @id\n${own}${forward}${second}${block}}\n\n${chance.once(12) ? 'view' : 'model'} B {\n${there}${back}${secondBack}${blockB}}\n\nenum E {\n  A\n}\n`
}
