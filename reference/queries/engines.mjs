// The two engines: both take a request as Prisma Client sends it to its engine, and give the answer or the error.
import { execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { PrismaPg, modules, nicol, root } from './reference.mjs'

/** Generates Prisma Client for a schema, unless an earlier run has, and returns its folder. */
export function generate(text) {
  const clients = join(process.env.CARGO_TARGET_DIR ?? join(root, 'target'), 'reference-clients')
  const folder = join(clients, createHash('sha256').update(text).digest('hex').slice(0, 16))
  if (existsSync(folder)) return folder
  // Another run may do the same at the same time.
  const own = `${folder}.${process.pid}`
  mkdirSync(own, { recursive: true })
  symlinkSync(modules, join(own, 'node_modules'))
  writeFileSync(join(own, 'schema.prisma'), text)
  const env = {
    ...process.env,
    CHECKPOINT_DISABLE: '1',
    PRISMA_HIDE_UPDATE_MESSAGE: '1',
    // Prisma looks for engines even if it uses none.
    PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
    PRISMA_QUERY_ENGINE_BINARY: process.execPath,
    DATABASE_URL: 'postgresql://none',
  }
  const program = join(modules, 'prisma/build/index.js')
  execFileSync(process.execPath, [program, 'generate'], { cwd: own, env, stdio: ['ignore', 'ignore', 'inherit'] })
  try {
    renameSync(own, folder)
  } catch (error) {
    if (!existsSync(folder)) throw error
    rmSync(own, { recursive: true })
  }
  return folder
}

/** Returns the SQL that makes the tables of a schema. */
export function tables(folder) {
  const words = ['migrate', 'diff', '--from-empty', '--to-schema-datamodel', 'schema.prisma', '--script']
  const env = { ...process.env, DATABASE_URL: 'postgresql://none' }
  return execFileSync(nicol, words, { cwd: folder, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
}

const error = ({ code, meta, message, name }) => ({ error: { code, meta, message, name } })

/** Prisma Client's own engine. */
export class Prisma {
  constructor(folder, url) {
    const { PrismaClient } = createRequire(join(folder, 'package.json'))('./client')
    this.client = new PrismaClient({ adapter: new PrismaPg({ connectionString: url, max: 3 }) })
  }
  async ask({ txId, transaction, options, id, ...request }) {
    const engine = this.client._engine
    try {
      if (transaction === 'start') return { data: { id: (await engine.transaction('start', {}, options)).id } }
      if (transaction === 'commit' || transaction === 'rollback') {
        await engine.transaction(transaction, {}, { id })
        return { data: {} }
      }
      if (request.batch) {
        const within = txId ? { kind: 'itx', options: { id: txId } } : transaction && { kind: 'batch', options: transaction }
        const answers = await engine.requestBatch(request.batch, { transaction: within })
        return { batchResult: answers.map((answer) => (answer instanceof Error ? error(answer) : { data: answer.data })) }
      }
      const answer = await engine.request(request, { interactiveTransaction: txId && { id: txId } })
      return { data: answer.data }
    } catch (failure) {
      return error(failure)
    }
  }
  async stop() {
    await this.client.$disconnect()
  }
}

/** nicol, line by line. */
export class Nicol {
  constructor(folder, url) {
    this.schema = join(folder, 'schema.prisma')
    this.url = url
  }
  async start() {
    this.process = spawn(nicol, ['query', '--persistent'], { stdio: ['pipe', 'pipe', 'pipe'] })
    this.errors = ''
    this.process.stderr.on('data', (text) => (this.errors = (this.errors + text).slice(-2000)))
    this.process.stdin.on('error', () => {})
    this.lines = createInterface({ input: this.process.stdout })[Symbol.asyncIterator]()
    const answer = await this.line({ open: { schema: this.schema, url: this.url } })
    if (!answer.opened) throw new Error(`nicol cannot open the schema: ${JSON.stringify(answer)}`)
  }
  async line(request) {
    this.process.stdin.write(`${JSON.stringify(request)}\n`)
    const { value, done } = await this.lines.next()
    return done ? { error: { code: 'ended', message: `the process has ended: ${this.errors}` } } : JSON.parse(value)
  }
  async ask(request) {
    if (!this.process) await this.start()
    let timer
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, 20_000, { error: { code: 'late', message: 'no answer in 20 s' } })
    })
    const answer = await Promise.race([this.line(request), late])
    clearTimeout(timer)
    if (['ended', 'late'].includes(answer.error?.code)) await this.stop()
    return answer
  }
  async stop() {
    if (!this.process) return
    const ended = new Promise((resolve) => this.process.once('exit', resolve))
    if (this.process.exitCode !== null || this.process.signalCode) this.process = null
    else {
      this.process.kill()
      await ended
      this.process = null
    }
  }
}
