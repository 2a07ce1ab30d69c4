// Random requests for a schema. Prisma's own description of all request types (the DMMF) decides what may be where, so that
// no form of a request is left out; this file only decides how often, and which values.
import { Models, isVolatile } from './compare.mjs'
import { fresh, scalar } from './values.mjs'

/** Relations that a request follows. */
const DEPTH = 3

const ACTIONS = {
  findUnique: 3, findUniqueOrThrow: 1, findFirst: 3, findFirstOrThrow: 1, findMany: 16, aggregate: 5, groupBy: 5,
  createOne: 12, createMany: 3, createManyAndReturn: 3, updateOne: 16, updateMany: 4, updateManyAndReturn: 3,
  upsertOne: 7, deleteOne: 3, deleteMany: 2,
}
/** Defaults that the engine makes. */
const MADE = ['uuid', 'cuid', 'ulid', 'nanoid']
const isRead = (action) => /^(find|aggregate|groupBy)/.test(action)

export class Generator {
  constructor(dmmf, random) {
    this.random = random
    this.models = new Models(dmmf)
    this.inputs = new Map(dmmf.schema.inputObjectTypes.prisma.map((type) => [type.name, type]))
    const { prisma = [], model = [] } = dmmf.schema.outputObjectTypes
    this.outputs = new Map([...prisma, ...model].map((type) => [type.name, type]))
    const { prisma: prismaEnums = [], model: modelEnums = [] } = dmmf.schema.enumTypes
    const values = (type) => (type.data ?? type.values).map((value) => value.key ?? value)
    this.enums = new Map([...prismaEnums, ...modelEnums].map((type) => [type.name, values(type)]))
    this.operations = new Map(dmmf.mappings.modelOperations.map((operations) => [operations.model, operations]))
    const queries = ['Query', 'Mutation'].flatMap((name) => this.outputs.get(name)?.fields ?? [])
    this.queries = new Map(queries.map((field) => [field.name, field]))
    this.names = dmmf.datamodel.models.map((model) => model.name)
    /** Values of keys that rows probably have, by model and field. */
    this.known = new Map()
  }

  /** A request that Prisma Client could send, or one in ten that it refuses. */
  request() {
    const request = this.valid()
    return this.random.chance(0.1) ? this.spoiled(request) : request
  }

  /** Requests that make rows of all models, first of those that others refer to. */
  seeds() {
    const { random } = this
    const made = new Map()
    const visit = (model) => {
      if (made.has(model)) return
      const rows = []
      made.set(model, rows)
      const references = this.fields(model).filter((field) => field.relationFromFields?.length > 0)
      references.filter((field) => field.isRequired).forEach((field) => visit(field.type))
      for (let count = 2 + random.below(3); count > 0; count -= 1) {
        const row = this.input(`${model}CreateManyInput`, { model, depth: 0 })
        for (const field of this.fields(model)) if (field.default?.name === 'autoincrement') delete row[field.name]
        for (const { type, relationFromFields, relationToFields, isRequired } of references) {
          const parent = random.pick(made.get(type) ?? []) ?? {}
          // The first row has the first number of the sequence.
          const at = made.get(type)?.indexOf(parent) + 1
          relationFromFields.forEach((name, place) => {
            const value = parent[relationToFields[place]] ?? this.numbered(type, relationToFields[place], at)
            if (value !== undefined && (isRequired || random.chance(0.7))) row[name] = value
            else delete row[name]
          })
        }
        rows.push(row)
        for (const [name, value] of Object.entries(row)) this.remember(model, name, value)
        const numbered = this.fields(model).find((field) => field.default?.name === 'autoincrement')
        if (numbered) this.remember(model, numbered.name, this.numbered(model, numbered.name, rows.length))
      }
    }
    this.names.forEach(visit)
    return [...made].map(([modelName, data]) => {
      const query = { arguments: { data, skipDuplicates: true }, selection: { count: true } }
      return { modelName, action: 'createMany', query }
    }).sort((a, b) => this.rank(a.modelName) - this.rank(b.modelName))
  }
  numbered(model, name, at) {
    const { type, default: made } = this.models.byName.get(model).byName.get(name)
    if (made?.name !== 'autoincrement' || !(at > 0)) return undefined
    return type === 'BigInt' ? { $type: 'BigInt', value: String(at) } : at
  }
  /** How many models lie below. */
  rank(model, above = []) {
    const needed = this.fields(model).filter((field) => field.relationFromFields?.length > 0 && !above.includes(field.type) && field.type !== model)
    return Math.max(0, ...needed.map((field) => 1 + this.rank(field.type, [...above, model])))
  }

  fields(model) {
    return this.models.byName.get(model).fields
  }

  valid(actions = ACTIONS) {
    for (;;) {
      const model = this.random.pick(this.names)
      const action = this.random.weighted(actions)
      const query = this.queries.get(this.operations.get(model)[action])
      if (!query) continue
      const given = this.arguments(query, { model, depth: 0, action })
      const request = { modelName: model, action, query: { arguments: given, selection: this.selection(query, given, model, action) } }
      if (this.models.isDetermined(request)) return request
    }
  }

  batch() {
    const { random } = this
    const isOneRead = random.chance(0.2)
    const only = (test) => Object.fromEntries(Object.entries(ACTIONS).filter(([action]) => test(action)))
    // Several `findUnique` of one model are what Prisma joins to one query.
    const actions = isOneRead ? { findUnique: 1 } : random.chance(0.3) ? only(isRead) : ACTIONS
    let batch = Array.from({ length: 2 + random.below(3) }, () => this.valid(actions))
    if (isOneRead && random.chance(0.7)) batch = batch.map(() => batch[0]).map((part) => this.otherKey(part))
    const transaction = random.chance(0.7) ? { transaction: random.chance(0.3) ? { isolationLevel: 'Serializable' } : {} } : {}
    return { batch, ...transaction }
  }
  otherKey(request) {
    const where = this.input(`${request.modelName}WhereUniqueInput`, { model: request.modelName, depth: DEPTH })
    return { ...request, query: { ...request.query, arguments: { ...request.query.arguments, where } } }
  }

  arguments(query, context) {
    const { random } = this
    const given = {}
    for (const argument of query.args) {
      const { name } = argument
      const often = { where: 0.7, orderBy: 0.7, having: 0.4, take: 0.3, skip: 0.25, cursor: 0.15, distinct: 0.12, skipDuplicates: 0.3, limit: 0.1 }
      if (!argument.isRequired && !random.chance(often[name] ?? 0.3)) continue
      const value = this.argument(argument, context)
      if (value !== undefined) given[name] = value
    }
    if (query.args.some((argument) => argument.name === 'orderBy')) this.totalOrder(given, context)
    if (context.action === 'groupBy') this.havingOfBy(given)
    return given
  }

  argument(argument, context) {
    const { random } = this
    switch (argument.name) {
      case 'take': {
        // Prisma answers `take: 0` without the database, even in a transaction that has failed.
        const take = random.pick([1, 2, 3, -1, -2, 0, 10])
        return take === 0 && this.isInTransaction ? 1 : take
      }
      case 'cursor': {
        // Prisma's engine crashes if there is more than a key.
        const key = () => Object.entries(this.input(argument.inputTypes[0].type, context)).slice(0, 1)
        // It compares bytes, dates, and the times of a key of several columns with what the database sent.
        const isTime = ([[, value]]) => value.$type === 'Bytes' || JSON.stringify(value).includes('DateTime')
        let found = key()
        while (isTime(found) && this.models.keys(context.model).length > 1) found = key()
        return isTime(found) ? undefined : Object.fromEntries(found)
      }
      case 'skip':
        return random.pick([0, 1, 1, 2, 5])
      case 'limit':
        return random.pick([0, 1000])
      case 'skipDuplicates':
        return random.chance(0.8)
      case 'by':
        return this.groupedBy(context.model)
      case 'distinct':
        return random.some(this.stable(context.model).map((field) => field.name), 1 + random.below(2))
      case 'relationLoadStrategy':
        return 'query'
      case 'data': {
        const types = argument.inputTypes
        const type = random.pick(types)
        const list = () => Array.from({ length: 1 + random.below(4) }, () => this.input(type.type, context))
        return types.some((type) => type.isList) ? (type.isList ? list() : this.input(type.type, context)) : this.input(type.type, context)
      }
      default:
        return this.value(argument, context)
    }
  }
  groupedBy(model) {
    const { random } = this
    const names = this.stable(model).map((field) => field.name)
    return random.chance(0.2) ? random.pick(names) : random.some(names, 1 + random.below(2))
  }
  stable(model) {
    return this.fields(model).filter((field) => field.kind !== 'object' && !isVolatile(field))
  }

  /** Mostly adds what makes an order total; a group is ordered by what it is grouped by. */
  totalOrder(given, { model, action }) {
    const { random } = this
    const isNeeded = !this.models.isDetermined({ modelName: model, action: action ?? 'findMany', query: { arguments: given, selection: {} } })
    if (!isNeeded && (given.orderBy === undefined || random.chance(0.2))) return
    const orders = [given.orderBy ?? []].flat()
    const names = action === 'groupBy' ? [given.by].flat() : random.pick(this.models.keys(model))
    given.orderBy = [...orders, ...names.map((name) => ({ [name]: random.pick(['asc', 'desc']) }))]
  }
  /** Prisma wants the fields of `having` and of the order in `by`, unless they are aggregated. */
  havingOfBy(given) {
    if (!this.random.chance(0.9)) return
    const by = [given.by].flat()
    const prune = (condition) => {
      for (const [name, value] of Object.entries(condition)) {
        if (['AND', 'OR', 'NOT'].includes(name)) [value].flat().forEach(prune)
        else if (!by.includes(name) && !/^\{"_/.test(JSON.stringify(value))) delete condition[name]
      }
    }
    if (given.having) prune(given.having)
    // Prisma's engine crashes on an empty one.
    if (given.having && Object.keys(given.having).length === 0) delete given.having
    if (given.orderBy) {
      given.orderBy = [given.orderBy].flat().filter((order) => Object.keys(order).every((name) => name.startsWith('_') || by.includes(name)))
    }
  }

  /** A value of one of the types that are allowed here. */
  value({ name, inputTypes, isRequired }, context) {
    const { random } = this
    const deeper = (type) => type.location === 'inputObjectTypes'
    let types = inputTypes.filter((type) => type.type !== 'Null')
    const canBeNull = types.length < inputTypes.length
    if (canBeNull && random.chance(isRequired ? 0.05 : 0.15)) return null
    const references = types.filter((type) => type.location === 'fieldRefTypes')
    types = types.filter((type) => type.location !== 'fieldRefTypes')
    if (references.length > 0 && random.chance(0.06)) {
      const reference = this.reference(random.pick(references), context)
      if (reference) return reference
    }
    if (name === 'path') return random.pick([['a'], ['a', 'b'], ['a', 'b', '0'], ['0'], ['c'], ['x']])
    // Values more often than their long forms.
    const short = types.filter((type) => !deeper(type))
    const isShort = short.length > 0 && (short.length === types.length || random.chance(context.field ? 0.7 : 0.35))
    const type = random.pick(isShort ? short : types.filter(deeper))
    const single = () => this.single(type, name, context)
    if (!type.isList) return single()
    const count = name === 'fields' ? 1 + random.below(2) : random.weighted(context.field ? { 0: 1, 1: 4, 2: 6, 3: 3 } : { 0: 1, 1: 12, 2: 4, 3: 1 })
    return Array.from({ length: Number(count) }, single)
  }
  single(type, name, context) {
    const { random } = this
    if (type.location === 'enumTypes') {
      const values = this.enums.get(type.type)
      if (values.some((value) => value.endsWith('Null') && value !== 'null')) return { $type: 'Enum', value: random.pick(values) }
      const model = /ScalarFieldEnum$/.test(type.type) && context.model
      return random.pick(model ? this.stable(model).map((field) => field.name) : values)
    }
    if (type.location === 'inputObjectTypes') return this.input(type.type, context)
    if (name === 'search') return random.pick(['a', 'b', 'a | b', 'a & ab', '!a', 'ab'])
    if (name.startsWith('string_')) return random.pick(['str', 's', 'a_', 'x', ''])
    if (name === 'isEmpty' || name === 'isSet') return random.chance(0.5)
    if (['disconnect', 'delete'].includes(name)) return random.chance(0.9)
    if (['divide', 'multiply'].includes(name)) return scalar(random, type.type, undefined)
    // Prisma's engine crashes on others.
    if (type.type === 'Json' && /^(lt|gt)e?$/.test(name)) return random.pick(['str', 'a', 5, 2.5, 0])
    if (type.type === 'Json' && name.startsWith('array_') && random.chance(0.5)) return random.pick([[1], 'a', ['a'], 1, [{ a: 1 }]])
    return context.field ? this.keyed(type.type, context) : scalar(random, type.type)
  }
  /** A value of a field: for a key mostly one that is there, or a new one for a new row. */
  keyed(type, { model, field, isNew }) {
    const { random } = this
    const isKey = field.isId || field.isUnique || field.isReadOnly || this.models.keys(model).some((key) => key.includes(field.name))
    if (!isKey || field.type !== type) return scalar(random, type, field)
    const known = this.known.get(`${model}.${field.name}`) ?? []
    const isReference = field.isReadOnly
    if (isNew && !isReference && random.chance(0.75)) {
      const value = fresh(random, type, field)
      this.remember(model, field.name, value)
      return value
    }
    return known.length > 0 && random.chance(0.8) ? structuredClone(random.pick(known)) : scalar(random, type, field)
  }
  remember(model, name, value) {
    if (value === null || value === undefined || (typeof value === 'object' && !value.$type)) return
    const place = `${model}.${name}`
    this.known.set(place, [...(this.known.get(place) ?? []).slice(-7), value])
  }
  reference(type, { model, field }) {
    const isList = type.type.startsWith('List')
    const native = (field) => field.nativeType?.[0]
    const fits = (other) =>
      other.type === field.type && native(other) === native(field) && other.isList === isList && !isVolatile(other)
    const fields = model && field ? this.fields(model).filter(fits) : []
    if (fields.length === 0) return null
    return { $type: 'FieldRef', value: { _ref: this.random.pick(fields).name, _container: model } }
  }

  /** An object of this type. The context tells the model and field that it is about. */
  input(typeName, context) {
    const { random } = this
    const type = this.inputs.get(typeName)
    if (/Create\w*Input$/.test(typeName)) context = { ...context, isNew: true }
    else if (/Where|Update/.test(typeName)) context = { ...context, isNew: false }
    const object = {}
    for (const field of this.chosen(type, context)) {
      const inner = this.within(field, context)
      object[field.name] = this.value(field, inner)
    }
    if (/OrderByRelevanceInput$/.test(typeName) && !Array.isArray(object.fields)) object.fields = [object.fields]
    return object
  }
  within(field, context) {
    if (context.field) return context
    const of = this.models.byName.get(context.model)?.byName.get(field.name)
    if (!of) return context
    return of.kind === 'object' ? { ...context, model: of.type, depth: context.depth + 1 } : { ...context, field: of }
  }

  chosen(type, context) {
    const { random } = this
    const { name, fields, constraints } = type
    const model = this.models.byName.get(context.model)
    const isRelation = (field) => !context.field && model?.byName.get(field.name)?.kind === 'object'
    const allowed = fields.filter((field) => {
      const of = !context.field && model?.byName.get(field.name)
      if (of && isVolatile(of)) return false
      return field.isRequired || !isRelation(field) || context.depth < DEPTH
    })
    const pick = (list, ...weights) => random.some(list, Number(random.weighted(Object.fromEntries(weights.map((weight, count) => [count, weight])))))
    if (/OrderBy.*Input$/.test(name) && !name.endsWith('RelevanceInput')) return constraints.maxNumFields === 1 ? [random.pick(allowed)] : allowed
    if (name.endsWith('WhereUniqueInput')) {
      const keys = allowed.filter((field) => constraints.fields.includes(field.name))
      const key = random.pick(keys)
      const more = random.chance(0.12) ? pick(allowed.filter((field) => field !== key && (!isRelation(field) || context.depth < 2)), 0, 1) : []
      return [key, ...more]
    }
    if (/Where(WithAggregates)?Input$/.test(name)) {
      const logical = (field) => ['AND', 'OR', 'NOT'].includes(field.name)
      const usual = allowed.filter((field) => !logical(field))
      const nesting = context.nesting ?? 0
      const isLogical = nesting < 2 && random.chance(0.25)
      context.nesting = nesting + (isLogical ? 1 : 0)
      return [...pick(usual, 1, 12, 4), ...(isLogical ? [random.pick(allowed.filter(logical))] : [])]
    }
    if (/Filter$|FilterBase$/.test(name) && !name.endsWith('RelationFilter')) {
      const usual = allowed.filter((field) => field.name !== 'mode' && field.name !== 'path')
      const operators = constraints.maxNumFields === 1 ? [random.pick(usual)] : pick(usual, 0, 8, 2)
      const names = operators.map((field) => field.name)
      const path = allowed.find((field) => field.name === 'path')
      const needsPath = names.some((name) => /^(string|array)_/.test(name))
      const mode = allowed.find((field) => field.name === 'mode')
      const isOfJson = name.startsWith('Json') || name.startsWith('NestedJson')
      const canIgnoreCase = mode && (!isOfJson || names.every((name) => name.startsWith('string_')))
      return [...operators, ...(path && random.chance(needsPath ? 0.8 : 0.4) ? [path] : []), ...(canIgnoreCase && random.chance(0.3) ? [mode] : [])]
    }
    if (constraints.maxNumFields === 1 && constraints.minNumFields === 1) return [random.pick(allowed)]
    // One row is changed in one way: which of several ways comes first is not told anywhere.
    if (/NestedOneWithout|Update(One|ToOne)\w*NestedInput$/.test(name)) return pick(allowed, 1, 12)
    if (/NestedManyWithout|NestedInput$/.test(name)) return pick(allowed, 0, 8, 2)
    if (/Create.*Input$/.test(name) && !/Envelope|OrConnect/.test(name)) {
      return allowed.filter((field) => {
        const of = model?.byName.get(field.name)
        // A key that the client would make is another one each time.
        if (MADE.includes(of?.default?.name)) return true
        return field.isRequired || random.chance(isRelation(field) ? 0.3 / (1 + context.depth) : of?.isId ? 0.25 : 0.35)
      })
    }
    if (/Update(Many)?(MutationInput|Input|Without\w+Input)$/.test(name) || /UpdateManyInput$/.test(name)) {
      const relations = allowed.filter(isRelation)
      const scalars = allowed.filter((field) => !isRelation(field))
      return [...pick(scalars, 2, 5, 2), ...(context.depth < DEPTH ? pick(relations, 4, 4, 1) : [])]
    }
    return allowed.filter((field) => field.isRequired || random.chance(0.5))
  }

  selection(query, given, model, action) {
    const { random } = this
    const { type, location } = query.outputType
    if (type === 'AffectedRowsOutput') return { count: true }
    if (action === 'aggregate') return this.aggregates(type, model, true)
    if (action === 'groupBy') {
      const by = Object.fromEntries([given.by].flat().map((name) => [name, true]))
      return { ...by, ...(random.chance(0.7) ? this.aggregates(type, model, false) : {}) }
    }
    return location === 'outputObjectTypes' ? this.columns(type, model, 0) : {}
  }
  aggregates(type, model, isNeeded) {
    const { random } = this
    const kinds = this.outputs.get(type).fields.filter((field) => field.name.startsWith('_'))
    const selection = {}
    for (const kind of random.some(kinds, (isNeeded ? 1 : 0) + random.below(3))) {
      const fields = this.outputs.get(kind.outputType.type).fields.map((field) => field.name).filter((name) => !this.models.volatile.has(name))
      if (fields.length === 0) continue
      selection[kind.name] = { arguments: {}, selection: Object.fromEntries(random.some(fields, 1 + random.below(3)).map((name) => [name, true])) }
    }
    return Object.keys(selection).length > 0 || !isNeeded ? selection : this.aggregates(type, model, isNeeded)
  }
  columns(type, model, depth) {
    const { random } = this
    const fields = this.outputs.get(type).fields
    const isRelation = (field) => field.outputType.location === 'outputObjectTypes' && field.name !== '_count'
    const scalars = fields.filter((field) => field.outputType.location !== 'outputObjectTypes').map((field) => field.name)
    let selection
    if (random.chance(0.5)) {
      // Without `select`, perhaps with `omit`.
      selection = { $composites: true, $scalars: true }
      if (scalars.length > 1 && random.chance(0.2)) for (const name of random.some(scalars, 1)) selection[name] = false
    } else selection = Object.fromEntries(random.some(scalars, 1 + random.below(3)).map((name) => [name, true]))
    if (depth < DEPTH) {
      const relations = fields.filter(isRelation)
      const count = random.chance(0.5 / (depth + 1)) ? 1 + (random.chance(0.3) ? 1 : 0) : 0
      for (const field of random.some(relations, count)) selection[field.name] = this.nested(field, depth + 1)
    }
    const counts = fields.find((field) => field.name === '_count')
    if (counts && random.chance(0.15)) selection._count = this.counts(counts.outputType.type, model)
    return selection
  }
  nested(field, depth) {
    const model = field.outputType.type
    if (this.random.chance(0.25)) return true
    const given = this.arguments(field, { model, depth: 2 })
    return { arguments: given, selection: this.columns(model, model, depth) }
  }
  counts(type, model) {
    const { random } = this
    const fields = this.outputs.get(type).fields
    const one = (field) => {
      const target = this.models.byName.get(model).byName.get(field.name)?.type
      if (!target || random.chance(0.5)) return true
      return { arguments: { where: this.input(`${target}WhereInput`, { model: target, depth: 2 }) }, selection: {} }
    }
    return { arguments: {}, selection: Object.fromEntries(random.some(fields, 1 + random.below(2)).map((field) => [field.name, one(field)])) }
  }

  /** The request with one thing that is wrong. */
  spoiled(request) {
    const { random } = this
    const copy = structuredClone(request)
    const places = []
    const visit = (parent) => {
      for (const key of Object.keys(parent)) {
        places.push([parent, key])
        if (typeof parent[key] === 'object' && parent[key] !== null && !parent[key].$type) visit(parent[key])
      }
    }
    visit(copy.query)
    // Without a key in the request, each engine makes another one.
    const isMade = (key) => this.fields(request.modelName).some((field) => field.name === key && MADE.includes(field.default?.name))
    const inner = places.filter(
      ([parent, key]) => parent !== copy.query && !Array.isArray(parent) && !key.startsWith('$') && !isMade(key),
    )
    if (inner.length === 0) return request
    const [parent, key] = random.pick(inner)
    const value = parent[key]
    switch (random.below(6)) {
      case 0:
        delete parent[key]
        parent[`${key}x`] = value
        break
      case 1:
        delete parent[key]
        break
      case 2:
        parent[key] = random.pick(['text', 1.5, true, 99999999999, { text: 1 }, { $type: 'Decimal', value: '1' }])
        // An object is never tagged where it is expected.
        if (typeof value === 'object' && value !== null && !value.$type) parent[key] = 'text'
        break
      case 3:
        parent[key] = null
        break
      case 4:
        parent[key] = Array.isArray(value) ? (value[0] ?? null) : [value]
        break
      default:
        parent.unknown = 1
    }
    return this.models.isDetermined(copy) ? copy : request
  }
}
