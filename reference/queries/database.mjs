// Two equal databases, one for each engine, and what is in them.
import { pg } from './reference.mjs'

const TABLES = `
  SELECT format('%I.%I', n.nspname, c.relname) AS name,
    (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
      WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND NOT attname = ANY ($1)) AS columns
  FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
  WHERE relkind = 'r' AND nspname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1`
const SEQUENCES = `
  SELECT format('%I.%I', schemaname, sequencename) AS name FROM pg_sequences ORDER BY 1`

/** One of the databases. */
export class Database {
  /** Makes it anew, as the cases of the conformance folder want it, with the tables of the script. */
  static async create(admin, name, script) {
    const server = new pg.Client(admin)
    await server.connect()
    try {
      await server.query(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`)
      await server.query(
        `CREATE DATABASE "${name}" TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'`,
      )
      await server.query(`ALTER DATABASE "${name}" SET timezone = 'UTC'`)
    } finally {
      await server.end()
    }
    const database = new Database()
    database.admin = admin
    database.name = name
    const url = new URL(admin)
    url.pathname = `/${name}`
    database.url = url.href
    database.client = new pg.Client(database.url)
    // The query that needs a lost connection tells of it.
    database.client.on('error', () => {})
    await database.client.connect()
    await database.client.query(script)
    return database
  }

  /** Learns the tables; the columns named `hidden` hold what each engine makes by itself, and are not compared. */
  async prepare(hidden) {
    const tables = (await this.client.query(TABLES, [hidden])).rows
    this.sequences = (await this.client.query(SEQUENCES)).rows.map((row) => row.name)
    const contents = tables.map(
      ({ name, columns }) =>
        `SELECT '${name}' AS name, (SELECT coalesce(json_agg(r ORDER BY r COLLATE "C"), '[]')
         FROM (SELECT "#row"::text AS r FROM (SELECT ${columns} FROM ${name}) "#row") rows) AS rows`,
    )
    const sequences = this.sequences.map(
      (name) => `SELECT '${name}', (SELECT json_build_array(last_value, is_called) FROM ${name})`,
    )
    this.look = [...contents, ...sequences].join(' UNION ALL ')
    this.clear = `TRUNCATE ${tables.map((table) => table.name).join(', ')} RESTART IDENTITY CASCADE`
  }

  async empty() {
    await this.client.query(this.clear)
  }

  /** Returns the rows of each table as text, sorted, and the state of each sequence. */
  async contents() {
    const { rows } = await this.client.query({ text: this.look, name: 'look' })
    return Object.fromEntries(rows.map((row) => [row.name, row.rows]))
  }

  async drop() {
    await this.client.end().catch(() => {})
    const server = new pg.Client(this.admin)
    await server.connect()
    await server.query(`DROP DATABASE IF EXISTS "${this.name}" WITH (FORCE)`).catch(() => {})
    await server.end()
  }
}

/** Returns the statements after which the sequences of both databases are equal, and where the greater one was. */
export function aligned(sequences, one, other) {
  return sequences
    .filter((name) => String(one[name]) !== String(other[name]))
    .map((name) => `SELECT setval('${name}', ${Math.max(one[name][0], other[name][0])})`)
}
