// Makes a run of requests that shows a difference as small as possible.

/** Every place in a value from which something can be taken away, outermost first. */
function* places(value, path = []) {
  if (typeof value !== 'object' || value === null || '$type' in value || '$var' in value) return
  for (const key of Object.keys(value)) yield [...path, key]
  for (const key of Object.keys(value)) yield* places(value[key], [...path, key])
}

function without(value, path) {
  const copy = structuredClone(value)
  let parent = copy
  for (const key of path.slice(0, -1)) parent = parent?.[key]
  const key = path.at(-1)
  if (parent === undefined || !(key in Object(parent))) return null
  if (Array.isArray(parent)) parent.splice(Number(key), 1)
  else delete parent[key]
  return copy
}

const FIXED = new Set(['modelName', 'action', 'query', 'batch', 'transaction', 'txId', 'id', 'name', 'options'])

/** Drops steps, then parts of requests, as long as the last step still differs in the same way. */
export async function smaller(steps, isAlike, models, budget) {
  const attempt = async (fewer) => {
    budget -= 1
    const isDetermined = fewer.every((request) => !request.action || models.isDetermined(request))
    return isDetermined && (await isAlike(fewer))
  }
  for (let size = Math.ceil(steps.length / 2); size > 0; size = size > 1 ? Math.ceil(size / 2) : 0) {
    for (let at = 0; at < steps.length - 1 && budget > 0;) {
      const end = Math.min(at + size, steps.length - 1)
      const fewer = [...steps.slice(0, at), ...steps.slice(end)]
      if (await attempt(fewer)) steps = fewer
      else at = end
    }
  }
  for (let number = steps.length - 1; number >= 0; number -= 1) {
    for (let isSmaller = true; isSmaller && budget > 0;) {
      isSmaller = false
      for (const path of [...places(steps[number])]) {
        if (budget <= 0) break
        if (path.length === 1 && FIXED.has(path[0])) continue
        const request = without(steps[number], path)
        if (!request) continue
        const fewer = steps.with(number, request)
        if (await attempt(fewer)) {
          steps = fewer
          isSmaller = true
        }
      }
    }
  }
  return steps
}
