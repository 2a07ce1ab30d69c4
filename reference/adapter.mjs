// The driver through which Prisma's schema engine reaches PostgreSQL, so that no engine has to be downloaded.
//
// Prisma's own adapter is made for an application's queries. What keeps the schema engine from working with it is mended
// here, at run time: it has no names for the types of PostgreSQL's own catalogs, which introspection reads; it cuts a
// script at each semicolon, also within a function's body; and it does not do what a URL's `schema` asks for.
import { PrismaPg } from '@prisma/adapter-pg'

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
  // The schema is the first in the search path and named to the engine, as Prisma's own connections have it.
  constructor(connectionString) {
    const schema = new URL(connectionString).searchParams.get('schema') ?? 'public'
    super({ connectionString, options: `-c search_path="${schema}"` }, { schema })
  }
  async connect() {
    return mend(await super.connect())
  }
  async connectToShadowDb() {
    return mend(await super.connectToShadowDb())
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
