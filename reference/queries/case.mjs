// Cases in the form of the conformance suite: a schema, its tables, requests, and Prisma's answers.

/** The lists of an answer whose order is determined: "" is the answer itself, else paths of fields. */
function ordered(models, { modelName, action, query }) {
  const paths = []
  const visit = (model, given, selection, path, keys) => {
    if (models.isTotal(model, given?.orderBy, keys)) paths.push(path)
    for (const [name, selected] of Object.entries(selection ?? {})) {
      const field = models.byName.get(model).byName.get(name)
      if (field?.kind !== 'object' || typeof selected !== 'object' || !selected) continue
      visit(field.type, selected.arguments, selected.selection, path ? `${path}.${name}` : name)
    }
  }
  const given = query?.arguments
  const keys = action === 'groupBy' ? [[given?.by ?? []].flat()] : undefined
  if (models.byName.has(modelName)) visit(modelName, given, query?.selection, '', keys)
  return paths
}

/** The answer with variables for what each engine makes by itself. */
function expected(models, value) {
  if (Array.isArray(value)) return value.map((part) => expected(models, part))
  if (typeof value !== 'object' || value === null || '$type' in value) return value
  const any = (name, inner) => models.volatile.has(name) && inner !== null && typeof inner !== 'number'
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, any(name, inner) ? { $any: true } : expected(models, inner)]),
  )
}

export function caseOf(pair, name, done) {
  const { models, schema, setup } = pair
  const steps = done.flatMap(({ request: { name, ...request }, prisma, sql }) => {
    const paths = request.batch
      ? request.batch.flatMap((part, at) => ordered(models, part).map((path) => `${at}:${path}`))
      : ordered(models, request)
    const expect = request.transaction === 'start' && prisma.data ? { data: { id: { $var: name } } } : expected(models, prisma)
    const step = { request, ...(paths.length > 0 ? { ordered: paths } : {}), expect }
    return [step, ...sql.map((sql) => ({ sql }))]
  })
  return { name, group: `found/${pair.name}`, source: 'generated', schema, setup, steps }
}
