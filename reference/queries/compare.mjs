// When two answers are equal: by meaning, not by text, and in order only where the request determines it.

/** What of a schema decides whether an order is total, and what the engines make by themselves. */
export class Models {
  constructor({ datamodel }) {
    this.byName = new Map(datamodel.models.map((model) => [model.name, model]))
    for (const model of datamodel.models) model.byName = new Map(model.fields.map((field) => [field.name, field]))
    const own = datamodel.models.flatMap((model) => model.fields).filter(isVolatile)
    this.volatile = new Set(own.map((field) => field.name))
    this.hiddenColumns = own.map((field) => field.dbName ?? field.name)
  }
  /** The lists of fields that tell any two rows of a model apart. */
  keys(model) {
    const { fields, primaryKey, uniqueFields, byName } = this.byName.get(model)
    const single = fields.filter((field) => field.isId || field.isUnique).map((field) => [field.name])
    const keys = [...single, ...(primaryKey ? [primaryKey.fields] : []), ...uniqueFields]
    return keys.filter((key) => key.every((name) => byName.get(name).isRequired))
  }
  isTotal(model, orderBy, keys = this.keys(model)) {
    const names = new Set()
    for (const order of [orderBy ?? []].flat()) {
      for (const [name, value] of Object.entries(order ?? {})) {
        if (typeof value === 'string' || typeof value?.sort === 'string') names.add(name)
      }
    }
    return keys.some((key) => key.every((name) => names.has(name)))
  }

  /** Whether the request has one right answer, apart from the order of rows. */
  isDetermined(request) {
    if (request.batch) return request.batch.every((part) => this.isDetermined(part))
    const { modelName, action, query } = request
    const { arguments: given = {}, selection = {} } = query ?? {}
    if (!this.byName.has(modelName)) return true
    if (action === 'groupBy') {
      const isPaged = given.take !== undefined || given.skip !== undefined
      return !isPaged || this.isTotal(modelName, given.orderBy, [[given.by ?? []].flat()])
    }
    if (given.limit !== undefined && given.limit > 0 && given.limit < 1000) return false
    if (action.startsWith('findFirst') && !this.isTotal(modelName, given.orderBy)) return false
    return this.#isPageDetermined(modelName, given) && this.#isSelectionDetermined(modelName, selection)
  }
  #isPageDetermined(model, { orderBy, take, skip, cursor, distinct }) {
    const hasOrder = [orderBy ?? []].flat().some((order) => Object.keys(order ?? {}).length > 0)
    if (distinct !== undefined) return this.isTotal(model, orderBy)
    // Without an order of its own, a page is ordered by the primary key.
    const isPaged = take !== undefined || skip !== undefined || cursor !== undefined
    return !isPaged || !hasOrder || this.isTotal(model, orderBy)
  }
  #isSelectionDetermined(model, selection) {
    return Object.entries(selection ?? {}).every(([name, selected]) => {
      const field = this.byName.get(model).byName.get(name)
      if (field?.kind !== 'object' || typeof selected !== 'object' || selected === null) return true
      const isPageDetermined = this.#isPageDetermined(field.type, selected.arguments ?? {})
      return isPageDetermined && this.#isSelectionDetermined(field.type, selected.selection)
    })
  }
}

/** Whether the engine itself makes the value of a field: another one each time. */
export function isVolatile(field) {
  return field.isUpdatedAt || field.default?.name === 'now'
}

const sorted = (value, but = []) => {
  if (Array.isArray(value)) return value.map((part) => sorted(part, but))
  if (typeof value !== 'object' || value === null) return value
  const keys = Object.keys(value).filter((key) => !but.includes(key))
  return Object.fromEntries(keys.sort().map((key) => [key, sorted(value[key], but)]))
}

/** What of an error's `meta` is in words, or the driver's. */
const WORDS = ['driverAdapterError', 'details', 'underlyingError']

function decimal(text) {
  const match = /^([+-]?)(\d*)\.?(\d*)(?:e([+-]?\d+))?$/i.exec(String(text))
  if (!match) return text
  const digits = (match[2] + match[3]).replace(/^0+/, '')
  const short = digits.replace(/0+$/, '')
  if (short === '') return '0'
  const exponent = Number(match[4] ?? 0) - match[3].length + digits.length - short.length
  return `${match[1] === '-' ? '-' : ''}${short}e${exponent}`
}

function tagged({ $type, value }) {
  switch ($type) {
    case 'BigInt':
      return { $type, value: BigInt(value).toString() }
    case 'Decimal':
      return { $type, value: decimal(value) }
    case 'DateTime': {
      const time = new Date(value).getTime()
      return { $type, value: Number.isNaN(time) ? value : time }
    }
    case 'Bytes':
      return { $type, value: Buffer.from(value, 'base64').toString('base64') }
    case 'Json':
      return { $type, value: sorted(JSON.parse(value)) }
    default:
      return { $type, value }
  }
}

/** The value in the one form that all equal values have. */
function canonical(value, models, model, query) {
  if (Array.isArray(value)) {
    const parts = value.map((part) => canonical(part, models, model, query))
    const isRows = query !== undefined && value.some((part) => typeof part === 'object' && part !== null && !part.$type)
    if (isRows && !query.isOrdered) parts.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
    return parts
  }
  if (typeof value !== 'object' || value === null) return value
  if (Object.keys(value).length === 2 && '$type' in value && 'value' in value) return tagged(value)
  const entries = Object.keys(value).sort().map((key) => {
    if (models.volatile.has(key) && value[key] !== null && typeof value[key] !== 'number') return [key, 'made']
    const field = models.byName.get(model)?.byName.get(key)
    if (field?.kind !== 'object') return [key, canonical(value[key], models, model, undefined)]
    const given = query?.selection?.[key]
    const isOrdered = models.isTotal(field.type, given?.arguments?.orderBy)
    return [key, canonical(value[key], models, field.type, { isOrdered, selection: given?.selection })]
  })
  return Object.fromEntries(entries)
}

function rows(models, request, data) {
  const { modelName, action, query = {} } = request
  const values = Object.values(data ?? {})
  const value = values.length === 1 ? values[0] : data
  const given = query.arguments ?? {}
  const keys = action === 'groupBy' ? [[given.by ?? []].flat()] : undefined
  const isOrdered = models.byName.has(modelName) && models.isTotal(modelName, given.orderBy, keys)
  return canonical(value, models, modelName, { isOrdered, selection: query.selection })
}

/** The first place at which two canonical values differ, without numbers of elements. */
function place(one, other, path = '') {
  const isObject = (value) => typeof value === 'object' && value !== null
  if (!isObject(one) || !isObject(other)) return JSON.stringify(one) === JSON.stringify(other) ? null : path || 'the answer'
  if (Array.isArray(one) && one.length !== other.length) return `${path} (number of elements)`
  for (const key of new Set([...Object.keys(one), ...Object.keys(other)])) {
    const found = place(one[key], other[key], Array.isArray(one) ? path : path ? `${path}.${key}` : key)
    if (found) return found
  }
  return null
}

const code = ({ error }) => (error ? (error.code ?? 'error without code') : 'data')

function one(models, request, prisma, nicol) {
  const action = request.batch ? 'batch' : (request.action ?? request.transaction)
  if (prisma.error || nicol.error) {
    if (code(prisma) !== code(nicol)) {
      return { kind: `${action}: Prisma ${code(prisma)}, nicol ${code(nicol)}` }
    }
    for (const [key, value] of Object.entries(prisma.error.meta ?? {})) {
      if (WORDS.includes(key)) continue
      const found = place(sorted(value, WORDS), sorted(nicol.error.meta?.[key], WORDS), key)
      if (found) return { kind: `${action}: ${code(prisma)}: meta: ${found}` }
    }
    return null
  }
  if (request.transaction && !request.batch) return null
  const [theirs, ours] = [rows(models, request, prisma.data), rows(models, request, nicol.data)]
  const found = place(theirs, ours)
  return found && { kind: `${action}: data: ${found}` }
}

/** Returns null if the answers are equal, else what kind of difference it is. */
export function difference(models, request, prisma, nicol) {
  if (!request.batch || prisma.error || nicol.error) return one(models, request, prisma, nicol)
  if (prisma.batchResult.length !== nicol.batchResult?.length) return { kind: 'batch: number of answers' }
  for (const [at, part] of request.batch.entries()) {
    if (at >= prisma.batchResult.length) break
    const found = one(models, part, prisma.batchResult[at], nicol.batchResult[at])
    if (found) return { kind: `batch: ${found.kind}` }
  }
  return null
}

/** What nicol says that it does not support, if that is its answer. */
export function unsupported(nicol) {
  const errors = [nicol, ...(nicol.batchResult ?? [])].map((answer) => answer.error)
  return errors.find((error) => error?.code === 'P2026')?.message
}
