// The driver through which Prisma's schema engine reaches PostgreSQL, so that no engine has to be downloaded.
//
// Prisma's own adapter is made for an application's queries. What keeps the schema engine from working with it is mended
// here, at run time: it has no names for the types of PostgreSQL's own catalogs, which introspection reads; it cuts a
// script at each semicolon, also within a function's body; it does not do what a URL's `schema` asks for; and its shadow
// database is the database itself where that is given by a URL, and cannot be dropped otherwise.
import { randomUUID } from 'node:crypto'
import { PrismaPg } from '@prisma/adapter-pg'
import { parse } from 'pg-connection-string'

// The type of a value, as the engine is told (ColumnTypeEnum of @prisma/driver-adapter-utils).
const CHARACTER = 6
// Types of the catalogs, by their ids, each with one whose text form is the same and which the adapter has a name for.
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
  // The schema is the first in the search path and named to the engine, as Prisma's own connections have it. A process
  // that has nothing left to do does not wait for its idle connections.
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
