// Lets Prisma's command line reach PostgreSQL through its JavaScript driver, so that no engine has to be downloaded.
import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'

// The schema engine reads PostgreSQL's own catalogs, and the adapter has no name for some of the types there. Each is
// announced as a type that the adapter knows and that has the same text form.
const standIns = new Map([
  [18, 1042], // "char" as bpchar
  [19, 25], // name as text
  [26, 25], // oid as text
  [1002, 1009], // "char"[] as text[]
  [1003, 1009], // name[] as text[]
])
const describe = pg.Query.prototype.handleRowDescription
pg.Query.prototype.handleRowDescription = function (message) {
  for (const field of message.fields) {
    field.dataTypeID = standIns.get(field.dataTypeID) ?? field.dataTypeID
  }
  return describe.call(this, message)
}

export default {
  experimental: { adapter: true },
  engine: 'js',
  adapter: async () => new PrismaPg({ connectionString: process.env.DATABASE_URL }),
}
