// How long Prisma 6.19.0's schema engine takes for what catalogs.rs measures: one JSON object, in milliseconds.
//
//   NICOL_REFERENCE_DIR=… DATABASE_URL=… node prisma.mjs BEFORE.prisma AFTER.prisma TABLES.prisma
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const reference = process.env.NICOL_REFERENCE_DIR
const { Adapter } = await import(pathToFileURL(join(reference, 'adapter.mjs')))
const { loadSchemaEngine } = await import(pathToFileURL(join(reference, 'schema-engine.mjs')))
const { bindMigrationAwareSqlAdapterFactory } = createRequire(join(reference, 'x.js'))('@prisma/driver-adapter-utils')

const [before, after, tables] = process.argv.slice(2).map((path) => ({ path: 'schema.prisma', content: readFileSync(path, 'utf8') }))
const factory = bindMigrationAwareSqlAdapterFactory(new Adapter(process.env.DATABASE_URL))
const engine = await loadSchemaEngine(reference).new({ datamodels: [[tables.path, tables.content]] }, () => {}, factory)

async function median(rounds, work) {
  const times = []
  for (let round = 0; round < rounds; round++) {
    const start = performance.now()
    await work()
    times.push(performance.now() - start)
  }
  return times.sort((a, b) => a - b)[rounds >> 1]
}

const filters = { externalTables: [], externalEnums: [] }
const diff = await median(5, () =>
  engine.diff({
    from: { tag: 'schemaDatamodel', files: [before] },
    to: { tag: 'schemaDatamodel', files: [after] },
    script: true,
    shadowDatabaseUrl: null,
    exitCode: false,
    filters,
  }),
)
const introspect = await median(3, () =>
  engine.introspect({ schema: { files: [tables] }, force: false, compositeTypeDepth: -1, namespaces: null, baseDirectoryPath: '/' }),
)
console.log(JSON.stringify({ diff, introspect }))
process.exit(0)
