// A driver adapter that connects Prisma's schema engine to PostgreSQL without downloading an engine.
//
// Prisma's own adapter is designed for an application's queries. This file patches it at run time for the schema engine:
// the adapter does not know the types of PostgreSQL's catalogs, which introspection reads; it splits a script at every
// semicolon, even in a function's body; it ignores the URL's `schema`; and its shadow database is the database itself if
// that is given by a URL, and cannot be dropped otherwise.
import { randomUUID } from 'node:crypto'
import { PrismaPg } from '@prisma/adapter-pg'
import { parse } from 'pg-connection-string'

// Column types for the engine (ColumnTypeEnum of @prisma/driver-adapter-utils).
const CHARACTER = 6
// Maps the catalogs' types, by id, to types with the same text format that the adapter knows.
const standIns = new Map([
  [18, 1042], // "char" as bpchar; announced as a character below
  [19, 25], // name as text
  [24, 25], // regproc as text
  [194, 25], // pg_node_tree as text
  [1003, 1009], // name[] as text[]
  [2205, 25], // regclass as text
  [2206, 25], // regtype as text
  [4089, 25], // regnamespace as text
])

export class Adapter extends PrismaPg {
  // As in Prisma's own connections, the schema is first in the search path and passed to the engine. Idle connections do
  // not keep the process alive.
  constructor(connectionString) {
    const schema = new URL(connectionString).searchParams.get('schema') ?? 'public'
    const settings = { ...parse(connectionString), options: `-c search_path="${schema}"`, idleTimeoutMillis: 100 }
    super(settings, { schema })
    this.open = (database) => new PrismaPg({ ...settings, database }, { schema }).connect()
  }
  async connect() {
    return mend(await super.connect())
  }
  async connectToShadowDb() {
    const main = await this.connect()
    const name = `prisma_migrate_shadow_db_${randomUUID()}`
    await main.executeScript(`CREATE DATABASE "${name}"`)
    const shadow = mend(await this.open(name))
    const { dispose } = shadow
    shadow.dispose = async () => {
      await dispose.call(shadow)
      await main.executeScript(`DROP DATABASE "${name}" WITH (FORCE)`)
      await main.dispose()
    }
    return shadow
  }
}

function mend(adapter) {
  const { queryRaw, performIO } = adapter
  adapter.queryRaw = async function (query) {
    let ids = []
    const once = Object.create(adapter, {
      performIO: {
        async value(query) {
          const result = await performIO.call(adapter, query)
          ids = result.fields.map((field) => field.dataTypeID)
          for (const field of result.fields) {
            field.dataTypeID = standIns.get(field.dataTypeID) ?? field.dataTypeID
          }
          return result
        },
      },
    })
    const answer = await queryRaw.call(once, query)
    ids.forEach((id, column) => {
      if (id === 18) answer.columnTypes[column] = CHARACTER
    })
    return answer
  }
  adapter.executeScript = async function (script) {
    try {
      await adapter.underlyingDriver().query(script)
    } catch (error) {
      adapter.onError(error)
    }
  }
  return adapter
}
