// Writes Prisma 6.19.0's migrations for pairs of schema files: for each folder of crates/migrate/tests/data/reference with
// previous.prisma and next.prisma, the script is written to migration.sql.
//
//     node reference/diff.mjs INSTALLED [FOLDER]
//
// INSTALLED is the folder of the installed reference.
import fs from 'node:fs'
import path from 'node:path'
import { loadSchemaEngine } from './schema-engine.mjs'

const [installed, folder = 'crates/migrate/tests/data/reference'] = process.argv.slice(2)
globalThis.PRISMA_WASM_PANIC_REGISTRY = { set_message: (message) => console.error(message) }

// A dummy connection, because none is needed.
const ok = (value) => ({ ok: true, value })
const about = { provider: 'postgres', adapterName: 'none', errorRegistry: {} }
const connection = {
  ...about,
  queryRaw: async () => ok({ columnTypes: [], columnNames: [], rows: [] }),
  executeRaw: async () => ok(0),
  executeScript: async () => ok(undefined),
  getConnectionInfo: () => ok({ schemaName: 'public', supportsRelationJoins: true }),
  dispose: async () => ok(undefined),
}
const adapter = { ...about, connect: async () => ok(connection), connectToShadowDb: async () => ok(connection) }
const SchemaEngine = loadSchemaEngine(installed)
const engine = await SchemaEngine.new({ datamodels: undefined }, () => {}, adapter)

const side = (file) => ({
  tag: 'schemaDatamodel',
  files: [{ path: 'schema.prisma', content: fs.readFileSync(file, 'utf8') }],
})
for (const name of fs.readdirSync(folder).sort()) {
  const file = (part) => path.join(folder, name, part)
  const { stdout } = await engine.diff({
    from: side(file('previous.prisma')),
    to: side(file('next.prisma')),
    script: true,
    shadowDatabaseUrl: null,
    exitCode: null,
    filters: { externalTables: [], externalEnums: [] },
  })
  fs.writeFileSync(file('migration.sql'), stdout)
}
process.exit()
