// Writes what Prisma 6.19.0 makes of the databases in ../data/pull: <case>/database.sql → <case>/pulled/*.prisma.
//
//   NICOL_REFERENCE_DIR=… DATABASE_URL=postgresql://… node pull.mjs [case …]
//
// The URL is of any database on a server where others may be created. Prisma's comments give place to nicol's, which
// are found in src/pull/remark.rs.
import Module, { createRequire } from 'node:module'
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const reference = process.env.NICOL_REFERENCE_DIR
const require = createRequire(join(reference, 'x.js'))
const pg = require('pg')
const { Adapter } = await import(pathToFileURL(join(reference, 'adapter.mjs')))
const { bindMigrationAwareSqlAdapterFactory } = require('@prisma/driver-adapter-utils')
const admin = process.env.DATABASE_URL
// The engine's connections hear that their database goes.
process.on('uncaughtException', (error) => {
  if (error.code !== '57P01') throw error
})
const SchemaEngine = await schemaEngine()

// The schema engine is bundled into Prisma's command line. It is caught when that starts it, once, for nothing.
async function schemaEngine() {
  const { argv, exit } = process
  const { log, error } = console
  const Instance = WebAssembly.Instance
  const caught = new Promise((resolve) => {
    WebAssembly.Instance = function (module, imports) {
      const glue = imports['./schema_engine_bg.js']
      if (glue) setTimeout(() => resolve(glue.SchemaEngine), 500)
      return new Instance(module, imports)
    }
  })
  Object.assign(process.env, {
    PRISMA_SCHEMA_ENGINE_BINARY: '/bin/true',
    PRISMA_QUERY_ENGINE_LIBRARY: '/bin/true',
    CHECKPOINT_DISABLE: '1',
  })
  process.exit = console.log = console.error = () => {}
  process.argv = [...argv.slice(0, 2), 'migrate', 'diff', '--from-empty', '--to-empty', '--config', join(reference, 'prisma.config.ts')]
  Module._load(join(reference, 'node_modules/prisma/build/index.js'), null, true)
  const engine = await caught
  Object.assign(process, { argv, exit })
  Object.assign(console, { log, error })
  WebAssembly.Instance = Instance
  return engine
}

async function introspect(url, files) {
  const datamodels = files.map((file) => [file.path, file.content])
  const engine = await SchemaEngine.new({ datamodels }, () => {}, bindMigrationAwareSqlAdapterFactory(new Adapter(url)))
  const answer = await engine.introspect({
    schema: { files },
    force: false,
    compositeTypeDepth: -1,
    namespaces: null,
    baseDirectoryPath: '/',
  })
  return answer.schema.files
}

async function run(url, script) {
  const client = new pg.Client(url)
  await client.connect()
  await client.query(script)
  await client.end()
}

// What is special in each of Prisma's comments, and nicol's comment.
const remarks = [...readFileSync(join(here, '../../src/pull/remark.rs'), 'utf8').matchAll(/"([^"]+)",\s+"([^"]+)";/g)]
const comments = remarks.map(([, comment, mark]) => [mark, comment])

function withOwnComments(text) {
  return text.replace(/^( *)\/\/\/ (.*)$/gm, (line, indent, words) => {
    const own = comments.find(([mark]) => words.includes(mark))
    if (own) return `${indent}/// ${own[1]}`
    const renamed = words.match(/original name '(.*)' is reserved/)
    if (renamed) return `${indent}/// Called \`${renamed[1]}\` in the database, which is a reserved name.`
    if (words.includes('because of an invalid name'))
      return `${indent}// The column's name has no letter: name the field, and keep the name in \`@map\`.`
    return line
  })
}

const data = join(here, '../data/pull')
const wanted = process.argv.slice(2)
for (const name of readdirSync(data).sort()) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  const folder = join(data, name)
  const url = new URL(admin)
  url.pathname = '/nicol_pull_reference'
  await run(admin, 'DROP DATABASE IF EXISTS nicol_pull_reference WITH (FORCE)')
  await run(admin, 'CREATE DATABASE nicol_pull_reference')
  await run(String(url), readFileSync(join(folder, 'database.sql'), 'utf8'))
  const sources = readdirSync(folder).filter((file) => file.endsWith('.prisma'))
  const files = sources.map((file) => ({ path: `/${file}`, content: readFileSync(join(folder, file), 'utf8') }))
  rmSync(join(folder, 'pulled'), { recursive: true, force: true })
  mkdirSync(join(folder, 'pulled'))
  for (const { path, content } of await introspect(String(url), files)) {
    writeFileSync(join(folder, 'pulled', path.split('/').at(-1)), withOwnComments(content))
  }
  console.log(name)
}
await run(admin, 'DROP DATABASE nicol_pull_reference WITH (FORCE)')
process.exit(0)
