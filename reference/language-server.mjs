// Sends the same requests to `nicol lsp` and to Prisma's language server, and prints how the answers differ, as the tables of
// docs/guide/editor.md.
//
//   npm install --prefix FOLDER @prisma/language-server@6.19.0
//   node reference/language-server.mjs target/debug/nicol FOLDER

import { spawn } from 'node:child_process'
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const [nicol, folder] = [2, 3].map((at) => resolve(process.argv[at] ?? ''))
const require = createRequire(pathToFileURL(resolve(folder, 'package.json')))
const prisma = require.resolve('@prisma/language-server/dist/bin.js')

/** A language server that answers one request after the other. */
class Server {
  constructor(command, args, cwd) {
    this.process = spawn(command, args, { cwd, stdio: ['pipe', 'pipe', 'ignore'] })
    this.buffer = Buffer.alloc(0)
    this.waiting = new Map()
    this.diagnostics = new Map()
    this.nextId = 1
    this.process.stdout.on('data', (data) => {
      this.buffer = Buffer.concat([this.buffer, data])
      this.read()
    })
  }

  read() {
    for (;;) {
      const end = this.buffer.indexOf('\r\n\r\n')
      if (end < 0) return
      const length = Number(/Content-Length: (\d+)/.exec(this.buffer.subarray(0, end).toString())[1])
      if (this.buffer.length < end + 4 + length) return
      const message = JSON.parse(this.buffer.subarray(end + 4, end + 4 + length).toString())
      this.buffer = this.buffer.subarray(end + 4 + length)
      if (message.method && message.id !== undefined) this.send({ id: message.id, result: null })
      else if (message.method === 'textDocument/publishDiagnostics') {
        this.diagnostics.set(message.params.uri, message.params.diagnostics)
      } else if (message.id !== undefined) this.waiting.get(message.id)?.(message.result ?? null)
    }
  }

  send(message) {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message })
    this.process.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
  }

  request(method, params) {
    const id = this.nextId++
    return new Promise((done) => {
      this.waiting.set(id, done)
      this.send({ id, method, params })
    })
  }

  notify(method, params) {
    this.send({ method, params })
  }

  async start(root) {
    const textDocument = {
      codeAction: { codeActionLiteralSupport: { codeActionKind: { valueSet: ['quickfix'] } } },
      completion: { completionItem: { snippetSupport: true } },
    }
    await this.request('initialize', { processId: process.pid, rootUri: uri(root), capabilities: { textDocument } })
    this.notify('initialized', {})
  }

  async stop() {
    await this.request('shutdown', null)
    this.notify('exit', null)
  }
}

const uri = (path) => pathToFileURL(path).href

const datasource = 'datasource db {\n  provider = "postgresql"\n  url      = env("DATABASE_URL")\n}\n\n'
const generator = 'generator client {\n  provider = "prisma-client-js"\n}\n\n'
const models = `/// Who writes.
model User {
  id    Int    @id @default(autoincrement())
  /// Where letters go.
  email String @unique
  role  Role   @default(READER)
  posts Post[]
}

model Post {
  id     Int  @id
  userId Int
  user   User @relation(fields: [userId], references: [id])
}

enum Role {
  READER
  WRITER
}
`
const all = datasource + generator + models
const field = (line) => all.replace('  userId Int\n', `  userId Int\n${line}\n`)

/** The places of each feature: a text whose cursor is `<|>`. */
const places = {
  completion: {
    'start of a line outside of blocks': `${all}\n<|>`,
    'type of a field': field('  other <|>'),
    'attribute of an Int': field('  other Int <|>'),
    'attribute of an Int after `@`': field('  other Int @<|>'),
    'attribute of a DateTime': field('  other DateTime <|>'),
    'attribute of a relation': field('  other User <|>'),
    'attribute of an enum': field('  other Role <|>'),
    'block attribute': field('  @@<|>'),
    'native type of a String': field('  other String @db.<|>'),
    'native type of a DateTime': field('  other DateTime @db.<|>'),
    'default of an Int': field('  other Int @default(<|>)'),
    'default of a String': field('  other String @default(<|>)'),
    'default of a Boolean': field('  other Boolean @default(<|>)'),
    'default of a DateTime': field('  other DateTime @default(<|>)'),
    'default of an enum': field('  other Role @default(<|>)'),
    'default of a list': field('  other Int[] @default(<|>)'),
    'arguments of `@relation`': field('  other User @relation(<|>)'),
    'argument after a comma': field('  other User @relation(fields: [userId], <|>)'),
    '`fields` of a relation': field('  other User @relation(fields: [<|>])'),
    '`references` of a relation': field('  other User @relation(fields: [userId], references: [<|>])'),
    '`onDelete`': field('  other User @relation(fields: [userId], references: [id], onDelete: <|>)'),
    '`onUpdate`': field('  other User @relation(fields: [userId], references: [id], onUpdate: <|>)'),
    'arguments of `@@index`': field('  @@index(<|>)'),
    'fields of `@@index`': field('  @@index([<|>])'),
    'fields of `@@unique`': field('  @@unique([<|>])'),
    'fields of `@@id`': field('  @@id([<|>])'),
    'arguments of a field in `@@index`': field('  @@index([userId(<|>)])'),
    '`sort`': field('  @@index([userId(sort: <|>)])'),
    '`ops`': field('  @@index([userId(ops: <|>)], type: Brin)'),
    '`type` of an index': field('  @@index([userId], type: <|>)'),
    'arguments of `@unique`': field('  other Int @unique(<|>)'),
    'arguments of `@id`': all.replace('Int  @id\n', 'Int  @id(<|>)\n'),
    'setting of a datasource': all.replace('"postgresql"\n', '"postgresql"\n  <|>\n'),
    '`provider` of a datasource': all.replace('"postgresql"', '<|>'),
    '`provider` within quotes': all.replace('"postgresql"', '"<|>"'),
    '`url`': all.replace('env("DATABASE_URL")', '<|>'),
    'variable of `env`': all.replace('DATABASE_URL', '<|>'),
    '`relationMode`': all.replace('"postgresql"\n', '"postgresql"\n  relationMode = "<|>"\n'),
    'setting of a generator': all.replace('"prisma-client-js"\n', '"prisma-client-js"\n  <|>\n'),
    '`provider` of a generator': all.replace('"prisma-client-js"', '<|>'),
    '`previewFeatures`': all.replace('"prisma-client-js"\n', '"prisma-client-js"\n  previewFeatures = [<|>]\n'),
    '`previewFeatures` within quotes': all.replace('"prisma-client-js"\n', '"prisma-client-js"\n  previewFeatures = ["<|>"]\n'),
    '`engineType`': all.replace('"prisma-client-js"\n', '"prisma-client-js"\n  engineType = <|>\n'),
    'attribute of an enum block': all.replace('WRITER\n', 'WRITER\n  @@<|>\n'),
    'attribute of an enum value': all.replace('WRITER\n', 'WRITER @<|>\n'),
  },
  hover: {
    'model, where it is defined': all.replace('model User', 'model Us<|>er'),
    'model, where it is used': all.replace('user   User', 'user   Us<|>er'),
    'field, where it is defined': all.replace('email', 'em<|>ail'),
    'relation field': all.replace('posts ', 'po<|>sts '),
    'field, where it is used': all.replace('[userId]', '[user<|>Id]'),
    'enum, where it is used': all.replace('role  Role', 'role  Ro<|>le'),
    'enum value, where it is used': all.replace('(READER)', '(READ<|>ER)'),
    'attribute': all.replace('@unique', '@uni<|>que'),
  },
  definition: {
    'model': all.replace('user   User', 'user   Us<|>er'),
    'enum': all.replace('role  Role', 'role  Ro<|>le'),
    'field in `fields`': all.replace('[userId]', '[user<|>Id]'),
    'field in `references`': all.replace('[id]', '[i<|>d]'),
    'enum value in `@default`': all.replace('(READER)', '(READ<|>ER)'),
    'field in `@@index`': field('\n  @@index([us<|>erId])'),
    'datasource in `@db`': field('  other String @d<|>b.Text'),
  },
  references: {
    'model': all.replace('model User', 'model Us<|>er'),
    'enum': all.replace('enum Role', 'enum Ro<|>le'),
    'field': all.replace('  userId', '  us<|>erId'),
    'enum value': all.replace('  READER', '  REA<|>DER'),
  },
  rename: {
    'model, where it is defined': all.replace('model User', 'model Us<|>er'),
    'model, where it is used': all.replace('user   User', 'user   Us<|>er'),
    'field': all.replace('  userId', '  us<|>erId'),
    'field, where it is used': all.replace('[userId]', '[us<|>erId]'),
    'field with a comment': field('  other Int // Why.').replace('  other', '  oth<|>er'),
    'relation field': all.replace('posts ', 'po<|>sts '),
    'enum': all.replace('enum Role', 'enum Ro<|>le'),
    'enum value': all.replace('  READER', '  REA<|>DER'),
    'enum value, where it is used': all.replace('(READER)', '(REA<|>DER)'),
    'model of a many-to-many relation': all.replace('  userId Int\n  user   User @relation(fields: [userId], references: [id])', '  users User[]').replace('model User', 'model Us<|>er'),
  },
  codeAction: {
    'misspelled type': field('  other In<|>tt'),
    'unknown type': field('  other Colo<|>ur'),
    'misspelled block': all.replace('model User', 'mod<|>le User'),
    'misspelled attribute': field('  other Int @uni<|>qe'),
    'missing opposite field': all.replace('  posts Post[]\n', '').replace('  user   User', '  us<|>er   User'),
    'missing foreign key': all.replace(' @relation(fields: [userId], references: [id])', '').replace('  user   User', '  us<|>er   User'),
    'one-to-one without a unique key': all.replace('posts Post[]', 'post Post?').replace('  user   User', '  us<|>er   User'),
    'reference that is not unique': all.replace('email String @unique', 'email String').replace('userId Int', 'userId String').replace('references: [id]', 'references: [email]').replace('  user   User', '  us<|>er   User'),
    'required relation with an optional column': all.replace('userId Int', 'userId Int?').replace('  user   User', '  us<|>er   User'),
    'model without a key': all.replace('model Post {\n  id     Int  @id', 'model Po<|>st {\n  id     Int'),
    '`experimentalFeatures`': all.replace('"prisma-client-js"\n', '"prisma-client-js"\n  experiment<|>alFeatures = ["views"]\n'),
    'no index with `relationMode = "prisma"`': all.replace('"postgresql"\n', '"postgresql"\n  relationMode = "prisma"\n').replace('@relation(', '@rel<|>ation('),
    'misspelled argument': all.replace('references:', 'refer<|>ence:'),
  },
  formatting: {
    'a schema': `<|>${all.replaceAll('  ', ' ')}`,
    'a missing relation field': `<|>${all.replace('  posts Post[]\n', '')}`,
    'a syntax error': `<|>${all.replace('  userId Int', ' userId   Int ???')}`,
    'line breaks of Windows': `<|>${all.replaceAll('  ', ' ').replaceAll('\n', '\r\n')}`,
  },
  diagnostics: {
    'a valid schema': `<|>${all}`,
    'an unknown type': `<|>${field('  other Colour')}`,
    'two independent errors': `<|>${field('  other Colour').replace('  id    Int    @id', '  id    Int   ')}`,
    'a syntax error': `<|>${all.replace('  userId Int', '  userId Int ???')}`,
    '`@@ignore`': `<|>${all.replace('model Post {', 'model Old {\n  id Int @id\n\n  @@ignore\n}\n\nmodel Post {')}`,
  },
  documentSymbol: {
    'blocks': `<|>${all}`,
  },
}

/** Applies edits to a text. */
function apply(text, edits) {
  const starts = [0]
  for (let at = 0; at < text.length; at++) if (text[at] === '\n') starts.push(at + 1)
  const offset = ({ line, character }) => {
    if (line >= starts.length) return text.length
    const end = starts[line + 1] ?? text.length
    return Math.min(starts[line] + character, end)
  }
  const sorted = edits.map((edit, at) => ({ at, start: offset(edit.range.start), end: offset(edit.range.end), new: edit.newText }))
  sorted.sort((a, b) => b.start - a.start || b.at - a.at)
  for (const edit of sorted) text = text.slice(0, edit.start) + edit.new + text.slice(edit.end)
  return text
}

const range = (it) => `${it.start.line}:${it.start.character}`

/** What of an answer is compared. */
const reduce = {
  completion: (answer) => (answer?.items ?? answer ?? []).map((it) => it.label),
  hover: (answer) => (answer ? ['yes'] : []),
  definition: (answer) => [answer ?? []].flat().map((it) => range(it.targetSelectionRange ?? it.range)),
  references: (answer) => (answer ?? []).map((it) => range(it.range)),
  rename: (answer, text) => (answer ? [apply(text, Object.values(answer.changes).flat())] : []),
  codeAction: (answer) => (answer ?? []).map((it) => it.title),
  formatting: (answer, text) => [apply(text, answer ?? [])],
  diagnostics: (answer) => answer.map((it) => `${range(it.range)} ${it.severity}`),
  documentSymbol: (answer) => (answer ?? []).map((it) => `${it.name} (${it.children?.length ?? 0} children)`),
}

async function ask(server, path, feature, marked, version) {
  const cursor = marked.indexOf('<|>')
  const text = marked.replace('<|>', '')
  const before = marked.slice(0, cursor)
  const line = before.split('\n').length - 1
  const position = { line, character: cursor - (before.lastIndexOf('\n') + 1) }
  const document = { uri: uri(path), languageId: 'prisma', version, text }
  server.diagnostics.delete(document.uri)
  server.notify('textDocument/didOpen', { textDocument: document })
  const params = { textDocument: { uri: document.uri }, position }
  for (let wait = 0; !server.diagnostics.has(document.uri) && wait < 500; wait++) await new Promise((done) => setTimeout(done, 10))
  const diagnostics = server.diagnostics.get(document.uri) ?? []
  let answer = diagnostics
  if (feature === 'rename') params.newName = 'Renamed'
  if (feature === 'references') params.context = { includeDeclaration: true }
  if (feature === 'completion') params.context = { triggerKind: 1 }
  if (feature === 'formatting') params.options = { tabSize: 2, insertSpaces: true }
  if (feature === 'codeAction') {
    const here = diagnostics.filter((it) => it.range.start.line <= line && line <= it.range.end.line)
    Object.assign(params, { range: { start: position, end: position }, context: { diagnostics: here } })
  }
  if (feature !== 'diagnostics') answer = await server.request(`textDocument/${feature}`, params)
  server.notify('textDocument/didClose', { textDocument: { uri: document.uri } })
  return reduce[feature](answer, text)
}

const root = mkdtempSync(join(tmpdir(), 'language-server-'))
mkdirSync(join(root, 'prisma'))
const path = join(root, 'prisma', 'schema.prisma')
writeFileSync(path, all)
const servers = [new Server(nicol, ['lsp'], root), new Server(process.execPath, [prisma, '--stdio'], root)]
for (const server of servers) await server.start(root)
let version = 0
const shown = (list) => (list.length ? list.map((it) => `\`${it.replaceAll('|', '\\|')}\``).join(', ') : '')
const isLong = (it) => it.length > 60
for (const [feature, texts] of Object.entries(places)) {
  console.log(`\n## ${feature}\n\n| place | more in nicol | less in nicol |\n|---|---|---|`)
  let same = 0
  for (const [name, text] of Object.entries(texts)) {
    const [ours, theirs] = [await ask(servers[0], path, feature, text, ++version), await ask(servers[1], path, feature, text, version)]
    const [more, less] = [ours.filter((it) => !theirs.includes(it)), theirs.filter((it) => !ours.includes(it))]
    if (more.length + less.length === 0) same++
    else if ([...more, ...less].some(isLong)) {
      console.log(`| ${name} | differs (${ours.length} / ${theirs.length}) | |`)
      if (process.env.VERBOSE) console.log(`--- nicol\n${ours}\n--- Prisma\n${theirs}\n---`)
    } else console.log(`| ${name} | ${shown(more)} | ${shown(less)} |`)
  }
  console.log(`\nThe same: ${same} of ${Object.keys(texts).length}.`)
}
for (const server of servers) await server.stop()
rmSync(root, { recursive: true })
process.exit(0)
