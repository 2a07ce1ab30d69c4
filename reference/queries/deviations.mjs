// What nicol means to answer otherwise than Prisma: the last two tables in crates/engine/DEVIATIONS.md.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './reference.mjs'

const text = readFileSync(join(root, 'crates/engine/DEVIATIONS.md'), 'utf8')

/** Returns the rows of the table whose heading begins so. */
function rows(heading) {
  const [, ...lines] = text.slice(text.indexOf(heading)).trim().split('\n\n')[0].split('\n').slice(1)
  return lines.map((row) => row.split('|').slice(1, -1).map((cell) => cell.trim().replace(/^`([^`]*)`$/, '$1')))
}

const answers = rows('| Prisma | text |')
const reasons = new Map(rows('| request |'))

const code = (answer) => (answer.error ? (answer.error.code ?? 'none') : 'data')

/** All pairs of answers, of which a batch has several. */
function pairs({ prisma, nicol }) {
  if (!prisma.batchResult) return nicol.batchResult ? [[prisma, { data: {} }]] : [[prisma, nicol]]
  return prisma.batchResult.map((answer, at) => [answer, nicol.batchResult?.[at] ?? nicol])
}

/** Calls the visitor with each object in a request, its key, its model, and the relation that led there, as far as they are known. */
function visit(models, request, visitor) {
  const walk = (value, key, model, relation) => {
    if (typeof value !== 'object' || value === null || value.$type) return
    if (Array.isArray(value)) return value.forEach((part) => walk(part, key, model, relation))
    visitor(value, key, model, relation)
    for (const [name, inner] of Object.entries(value)) {
      const field = models.byName.get(model)?.byName.get(name)
      if (field?.kind === 'object') walk(inner, name, field.type, field)
      else walk(inner, name, model, relation)
    }
  }
  const parts = request.batch ?? [request]
  parts.forEach((part) => walk(part.query?.arguments, 'arguments', part.modelName))
}

const found = (models, request, test) => {
  let isFound = false
  visit(models, request, (...place) => (isFound ||= Boolean(test(...place))))
  return isFound
}
const isComposite = (models, model) => (models.byName.get(model)?.primaryKey?.fields.length ?? 0) > 1
const wholeKey = (models, model) => {
  const { primaryKey, fields } = models.byName.get(model)
  return primaryKey?.fields ?? fields.filter((field) => field.isId).map((field) => field.name)
}

/** Which requests the rows of the table of requests are about. */
const FORMS = {
  'nested writes of several rows with a composite key': (models, request) =>
    found(models, request, (value, key, model) => isComposite(models, model) && (value.set || value.updateMany || value.deleteMany || value.delete || value.disconnect)),
  'an `upsert` with `where` of a row that a foreign key refers to': (models, request) =>
    found(models, request, (value, key, model, relation) => key === 'upsert' && value.where && relation?.relationFromFields?.length > 0),
  '`connectOrCreate` within one of several nested `create`': (models, request) =>
    found(models, request, (value, key) => ['create', 'connectOrCreate'].includes(key) && JSON.stringify(value).includes('"connectOrCreate"')),
  'an update of many rows that changes the key of rows that refer to each other': (models, request) =>
    /^updateMany/.test(request.action ?? '') && wholeKey(models, request.modelName).some((name) => name in (request.query?.arguments?.data ?? {})),
  '`findUnique` in a batch, with more than a key': (models, request) =>
    request.batch?.some(({ action, query }) => {
      const filters = Object.values(query?.arguments?.where ?? {})
      return /^findUnique/.test(action) && (filters.length > 1 || filters[0]?.equals !== undefined)
    }),
  'an update of a row that is named by the foreign key that `connectOrCreate` sets': (models, request) =>
    [request, ...(request.batch ?? [])].some(({ modelName, query }) => {
      const { where = {}, data, update } = query?.arguments ?? {}
      return Object.entries(data ?? update ?? {}).some(([name, value]) => {
        const foreign = models.byName.get(modelName)?.byName.get(name)?.relationFromFields ?? []
        return value?.connectOrCreate && foreign.some((field) => JSON.stringify(where).includes(`"${field}"`))
      })
    }),
  'an `upsert` whose `where` has more than the key': (models, request) =>
    [request, ...(request.batch ?? [])].some(({ action, query }) => action === 'upsertOne' && Object.keys(query?.arguments?.where ?? {}).length > 1),
  'the same row named twice in `connect`, with empty conditions': (models, request) =>
    found(models, request, ({ connect }) => {
      const named = [connect ?? []].flat().map(({ AND, OR, NOT, ...key }) => JSON.stringify(key))
      return new Set(named).size < named.length
    }),
}
for (const form of reasons.keys()) if (!(form in FORMS)) throw new Error(`DEVIATIONS.md has an unknown form of request: ${form}`)
for (const form of Object.keys(FORMS)) if (!reasons.has(form)) throw new Error(`DEVIATIONS.md lacks a form of request: ${form}`)

/** Returns the form of a request whose answer may differ, if it has one. */
export const formOf = (models, request) => Object.keys(FORMS).find((form) => FORMS[form](models, request))

/** Returns the reason why a step may differ, if there is one. */
export function meant(models, step) {
  // What Prisma leaves behind of a write that failed shows in the rest of the transaction.
  if (step.hasFailed && (step.request.txId || step.request.transaction)) return 'after a write that failed in the same transaction'
  for (const [prisma, nicol] of pairs(step)) {
    const row = answers.find(([theirs, text, ours]) => {
      const isMeta = step.difference.kind.includes(': meta:')
      const isOurs = ours === 'any' || (!isMeta && ours.split(' ').includes(code(nicol)))
      return theirs.split(' ').includes(code(prisma)) && isOurs && `${prisma.error?.message} ${nicol.error?.message}`.includes(text)
    })
    if (row) return `${code(prisma)} ${row[1]} / ${code(nicol)}: ${row[3]}`
  }
  const form = formOf(models, step.request)
  return form && `${form}: ${reasons.get(form)}`
}
