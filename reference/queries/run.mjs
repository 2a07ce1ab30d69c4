// Compares nicol with Prisma Client 6.19.0: seeded random requests to both, on equal databases.
//
//   cargo build -p nicol-cli
//   node reference/queries/run.mjs --server URL [--seed N] [--requests N] [--schema NAME] [--cases FOLDER] [--show N] [--examples N]
//
// The requests of an episode start on empty tables and follow from the seed, so that any of them can be run again. Answers,
// errors and, after each write, the contents of all tables are compared. A difference is made as small as possible, and
// written as a case of the conformance suite. What differs on purpose is in crates/engine/DEVIATIONS.md.
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { difference, unsupported } from './compare.mjs'
import { Database, aligned } from './database.mjs'
import { caseOf } from './case.mjs'
import { formOf, meant } from './deviations.mjs'
import { Nicol, Prisma, generate, tables } from './engines.mjs'
import { Generator } from './generate.mjs'
import { Random } from './random.mjs'
import { describe, root } from './reference.mjs'
import { smaller } from './shrink.mjs'

const EPISODE = 40
const schemas = join(root, 'reference/queries/schemas')
const options = { server: '', seed: 1, requests: 2000, schema: '', cases: '', episode: -1, show: 0, examples: 0, shrink: 300 }
for (let words = process.argv.slice(2); words.length > 0;) {
  const name = words.shift().replace(/^--/, '')
  if (!(name in options)) throw new Error(`unknown option \`--${name}\``)
  const value = words.shift()
  options[name] = typeof options[name] === 'number' ? Number(value) : value
}
if (!options.server) throw new Error('no server\nhelp: pass `--server postgresql://…`, a server on which it can make databases')

/** One schema on both engines. */
class Pair {
  static async open(name) {
    const pair = new Pair()
    pair.name = name
    pair.schema = readFileSync(join(schemas, `${name}.prisma`), 'utf8')
    pair.dmmf = describe(pair.schema)
    pair.models = new Generator(pair.dmmf, new Random(0)).models
    const folder = generate(pair.schema)
    pair.setup = tables(folder)
    const open = (engine) => Database.create(options.server, `queries_${process.pid}_${name}_${engine}`, pair.setup)
    pair.databases = await Promise.all([open('prisma'), open('nicol')])
    for (const database of pair.databases) await database.prepare(pair.models.hiddenColumns)
    pair.engines = [new Prisma(folder, pair.databases[0].url), new Nicol(folder, pair.databases[1].url)]
    return pair
  }
  async close() {
    for (const engine of this.engines) await engine.stop()
    for (const database of this.databases) await database.drop()
  }

  /** Makes the sequences equal: how many numbers a failed write takes is not compared. */
  async align(...contents) {
    if (contents.length === 0) contents = await Promise.all(this.databases.map((database) => database.contents()))
    const statements = aligned(this.databases[0].sequences, ...contents)
    for (const sql of statements) for (const database of this.databases) await database.client.query(sql)
    return statements
  }

  /**
   * Runs the steps on empty tables, and tells each step's outcome. Ends early if the tables differ or the callback says so.
   * Returns the steps that were run, with answers.
   */
  async run(steps, told) {
    await Promise.all(this.databases.map((database) => database.empty()))
    const names = [{}, {}]
    const open = new Set()
    /** Whether something has failed in the transaction, or may have written something else. */
    let hasFailed = false
    const done = []
    for (const request of steps) {
      const filled = names.map((known) => filling(request, known))
      const nicol = await this.engines[1].ask(filled[1])
      const lacking = unsupported(nicol)
      if (lacking) {
        // Neither database has changed, unless a part of a batch has changed nicol's.
        const isEnd = await told?.({ request, prisma: {}, nicol, lacking })
        if (isEnd || (request.batch && !request.transaction)) break
        await this.align()
        continue
      }
      const prisma = await this.engines[0].ask(filled[0])
      const step = { request, prisma, nicol, difference: difference(this.models, request, prisma, nicol), sql: [] }
      done.push(step)
      if (request.transaction === 'start') {
        const answers = [prisma, nicol]
        names.forEach((known, at) => (known[request.name] = answers[at].data?.id ?? 'none'))
        open.add(request.name)
      } else if (['commit', 'rollback'].includes(request.transaction)) open.delete(request.id.$var)
      const isWrite = !/^(find|aggregate|groupBy)/.test(request.action ?? '')
      if (request.txId && (prisma.error || formOf(this.models, request))) hasFailed = true
      step.hasFailed = hasFailed
      if (open.size === 0) hasFailed = false
      if (isWrite) {
        const [one, other] = await Promise.all(this.databases.map((database) => database.contents()))
        const isOther = (name) => String(one[name]) !== String(other[name])
        const tables = Object.keys(one).filter((name) => !this.databases[0].sequences.includes(name) && isOther(name))
        if (tables.length > 0 && open.size === 0) {
          step.difference ??= { kind: `${request.action ?? request.transaction ?? 'batch'}: tables: ${tables.join(', ')}` }
          step.tables = tables.map((name) => ({ name, prisma: one[name], nicol: other[name] }))
        }
        step.sql = await this.align(one, other)
      }
      const isEnd = await told?.(step)
      // After a write that differs, the tables do, even if a transaction hides it.
      if (step.tables || (step.difference && isWrite) || isEnd) break
    }
    // A transaction that is left open would keep the tables locked.
    for (const name of open) {
      await Promise.all(this.engines.map((engine, at) => engine.ask({ transaction: 'rollback', id: names[at][name] })))
    }
    return done
  }
}

/** The request with the ids that the engine gave its transactions. */
function filling(request, known) {
  const { name, ...rest } = request
  const filled = (value) => known[value?.$var] ?? value
  if (rest.txId) rest.txId = filled(rest.txId)
  if (rest.id) rest.id = filled(rest.id)
  return rest
}

function episode(pair, number) {
  const random = new Random(options.seed, pair.name, number)
  const generator = new Generator(pair.dmmf, random)
  const steps = generator.seeds()
  while (steps.length < EPISODE) {
    if (random.chance(0.08)) steps.push(generator.batch())
    else if (random.chance(0.04)) {
      const name = `v${steps.length}`
      const isolation = random.chance(0.2) ? { isolationLevel: 'Serializable' } : {}
      steps.push({ transaction: 'start', name, options: { maxWait: 5000, timeout: 20_000, ...isolation } })
      generator.isInTransaction = true
      for (let count = 1 + random.below(4); count > 0; count -= 1) steps.push({ ...generator.request(), txId: { $var: name } })
      generator.isInTransaction = false
      steps.push({ transaction: random.chance(0.7) ? 'commit' : 'rollback', id: { $var: name } })
    } else steps.push(generator.request())
  }
  return steps
}

const kindOf = (request) => (request.batch ? 'batch' : request.transaction ? 'transaction' : request.action)

const counts = new Map()
const found = new Map()
/** What nicol says that it does not support. */
const lacking = new Map()
/** Why answers differ on purpose. */
const reasons = new Map()
let compared = 0
let stopped = false
process.on('SIGINT', () => {
  if (stopped) process.exit(130)
  stopped = true
})

async function compare(pair, number) {
  const steps = episode(pair, number)
  const before = []
  await pair.run(steps, async (step) => {
    compared += 1
    const count = counts.get(kindOf(step.request)) ?? { all: 0, errors: 0, meant: 0, unsupported: 0, different: 0 }
    counts.set(kindOf(step.request), count)
    count.all += 1
    if (step.prisma.error) count.errors += 1
    if (step.lacking) {
      count.unsupported += 1
      lacking.set(step.lacking, (lacking.get(step.lacking) ?? 0) + 1)
      return stopped
    }
    before.push(step.request)
    if (!step.difference) return stopped
    const reason = meant(pair.models, step)
    if (reason) {
      count.meant += 1
      const known = reasons.get(reason) ?? { count: 0, examples: [] }
      reasons.set(reason, known)
      known.count += 1
      if (known.examples.length < options.examples) known.examples.push(step)
      return true
    }
    count.different += 1
    const { kind } = step.difference
    const known = found.get(kind)
    if (known) known.count += 1
    else found.set(kind, { kind, count: 1, pair, number, steps: [...before] })
    return stopped
  })
}

async function report(difference) {
  const { kind, count, pair, number } = difference
  const isAlike = async (steps) => {
    const last = (await pair.run(steps)).at(-1)
    return last?.difference?.kind === kind && !meant(pair.models, last)
  }
  const steps = await smaller(difference.steps, isAlike, pair.models, options.shrink)
  const done = await pair.run(steps)
  console.log(`\n=== ${count} × ${kind}\n    ${pair.name}, episode ${number}`)
  for (const step of done) console.log(`    ${JSON.stringify(step.request)}`)
  const last = done.at(-1)
  const short = (value) => JSON.stringify(value)?.slice(0, 1500)
  console.log(`    Prisma ${short(last.prisma)}\n    nicol  ${short(last.nicol)}`)
  for (const { name, prisma, nicol } of last.tables ?? []) console.log(`    ${name}\n    Prisma ${short(prisma)}\n    nicol  ${short(nicol)}`)
  const name = `${pair.name}.${kind.replace(/[^A-Za-z0-9]+/g, '_').slice(0, 80)}`
  const folder = options.cases || join(root, 'target/reference-differences')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(caseOf(pair, name, done), null, 1)}\n`)
}

const names = readdirSync(schemas).map((file) => file.replace(/\.prisma$/, '')).filter((name) => !options.schema || name === options.schema)
if (names.length === 0) throw new Error(`there is no schema \`${options.schema}\``)
const pairs = []
const began = Date.now()
try {
  for (const name of names) pairs.push(await Pair.open(name))
  let shown = Date.now()
  for (let number = 0; !stopped && compared < options.requests; number += 1) {
    for (const pair of pairs) {
      if (stopped || compared >= options.requests) break
      await compare(pair, options.episode >= 0 ? options.episode : number)
      if (Date.now() - shown > 10_000) {
        shown = Date.now()
        const different = [...found.values()].reduce((sum, { count }) => sum + count, 0)
        console.error(`${compared} of ${options.requests} requests, ${different} differences of ${found.size} kinds`)
      }
    }
    if (options.episode >= 0) break
  }
  const seconds = ((Date.now() - began) / 1000).toFixed(0)
  console.log(`${compared} requests in ${seconds} s, seed ${options.seed}\n`)
  const columns = ['all', 'errors', 'meant', 'unsupported', 'different']
  const line = (name, cells) => console.log(name.padEnd(22) + cells.map((cell) => String(cell).padStart(12)).join(''))
  line('kind', columns)
  for (const [kind, count] of [...counts].sort()) line(kind, columns.map((column) => count[column]))
  const sum = (column) => [...counts.values()].reduce((sum, count) => sum + count[column], 0)
  line('in all', columns.map(sum))
  console.log()
  for (const [what, count] of lacking) console.log(`${String(count).padStart(6)} × not supported: ${what}`)
  for (const [why, { count, examples }] of [...reasons].sort((a, b) => b[1].count - a[1].count)) {
    console.log(`${String(count).padStart(6)} × meant: ${why}`)
    for (const { request, prisma, nicol } of examples) {
      console.log([request, prisma, nicol].map((part) => `         ${JSON.stringify(part).slice(0, 600)}\n`).join(''))
    }
  }
  const sorted = [...found.values()].sort((a, b) => b.count - a.count)
  for (const { kind, count } of sorted) console.log(`${String(count).padStart(6)} × ${kind}`)
  for (const difference of sorted.slice(0, options.show || sorted.length)) if (!stopped) await report(difference)
} finally {
  for (const pair of pairs) await pair.close()
}
process.exitCode = found.size > 0 || stopped ? 1 : 0
