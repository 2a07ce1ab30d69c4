// Searches for schemas for which nicol and Prisma 6.19.0 give different answers.
//
//   cargo build --release -p nicol-schema --example answers
//   node reference/search.mjs [--seed N] [--count N] [--only PART] [--show N] [--generate] [FOLDER or FILE…]
//
// Mutates the schemas in the folders (files ending in `.prisma`); with --generate, generates schemas instead. Differences
// are grouped by kind, and each group is shown with the smallest schema found, reduced as far as possible.
import { spawn } from 'node:child_process'
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { generated, mutated, random } from './search/inputs.mjs'

const here = new URL('..', import.meta.url).pathname
const reference = process.env.NICOL_REFERENCE_DIR ?? join(here, '.reference')
const target = process.env.CARGO_TARGET_DIR ?? join(here, 'target')
const require = createRequire(join(reference, 'package.json'))
const wasm = '@prisma/prisma-schema-wasm'

const options = { seed: 1, count: 2000, show: 12, only: '', generate: false, whole: false }
const places = []
for (let rest = process.argv.slice(2); rest.length > 0;) {
  const word = rest.shift()
  if (word === '--generate' || word === '--whole') options[word.slice(2)] = true
  else if (word.startsWith('--')) {
    const value = rest.shift()
    options[word.slice(2)] = typeof options[word.slice(2)] === 'number' ? Number(value) : value
  } else places.push(word)
}

// Receives the module's panic message; without it, a panic becomes a different kind of error.
globalThis.PRISMA_WASM_PANIC_REGISTRY = { set_message: () => {} }
let prisma = require(wasm)

/** Prisma's answer, or null when it panics. */
function prismaAnswer(text) {
  try {
    const findings = JSON.parse(prisma.lint(JSON.stringify([['schema.prisma', text]])))
    const errors = findings.filter((finding) => !finding.is_warning)
    const warnings = findings.filter((finding) => finding.is_warning)
    const [[, format]] = JSON.parse(
      prisma.format(JSON.stringify([['schema.prisma', text]]), JSON.stringify({
        textDocument: { uri: 'file:/schema.prisma' }, options: { tabSize: 2, insertSpaces: true },
      })),
    )
    let dmmf = null
    if (errors.length === 0) {
      const { datamodel } = JSON.parse(prisma.get_dmmf(JSON.stringify({ prismaSchema: [['schema.prisma', text]] })))
      dmmf = datamodel
    }
    return { errors, warnings, format, dmmf }
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError) {
      for (const key of Object.keys(require.cache)) if (key.includes('prisma-schema-wasm')) delete require.cache[key]
      prisma = require(wasm)
      return null
    }
    throw error
  }
}

const own = spawn(join(target, 'release/examples/answers'), { stdio: ['pipe', 'pipe', 'ignore'] })
const lines = createInterface({ input: own.stdout })[Symbol.asyncIterator]()

async function ownAnswer(text) {
  own.stdin.write(JSON.stringify(text) + '\n')
  const { value } = await lines.next()
  const answer = JSON.parse(value)
  if (answer.dmmf) answer.dmmf = JSON.parse(answer.dmmf)
  return answer
}

const words = (message) =>
  message.replace(/\u001b\[[0-9;]*m/g, '').replace(/`[^`]*`|"[^"]*"|\d+/g, '_').replace(/\s+/g, ' ').slice(0, 150)

function spanDifference(theirs, ours) {
  const key = (finding) => `${finding.start}-${finding.end}`
  const left = new Set(theirs.map(key))
  const right = new Set(ours.map(key))
  const missing = new Set(theirs.filter((finding) => !right.has(key(finding))).map((finding) => words(finding.text)))
  const surplus = new Set(ours.filter((finding) => !left.has(key(finding))).map((finding) => words(finding.text)))
  if (missing.size + surplus.size === 0) return null
  return [...[...missing].map((text) => `- ${text}`), ...[...surplus].map((text) => `+ ${text}`)].sort().join(' ')
}

function unequal(path, ours, theirs) {
  if (typeof ours !== typeof theirs || ours === null || theirs === null || typeof ours !== 'object') {
    return Object.is(ours, theirs) ? null : path
  }
  const keys = new Set([...Object.keys(ours), ...Object.keys(theirs)])
  for (const key of keys) {
    const found = unequal(Array.isArray(ours) ? `${path}[]` : `${path}.${key}`, ours[key], theirs[key])
    if (found) return found
  }
  return null
}

/** What differs, by a short text for each kind; an empty list when nothing does. */
async function differences(text) {
  const theirs = prismaAnswer(text)
  const ours = await ownAnswer(text)
  if (ours.panic) return [{ kind: 'panic', key: 'panic' }]
  if (theirs === null) return []
  const found = []
  const verdicts = [theirs, ours].map((answer) => (answer.errors.length === 0 ? 'valid' : 'invalid'))
  const errors = spanDifference(theirs.errors, ours.errors)
  if (verdicts[0] !== verdicts[1]) found.push({ kind: 'verdict', key: `${verdicts[1]}, to Prisma ${verdicts[0]}: ${errors}` })
  else if (errors) found.push({ kind: 'errors', key: errors })
  const warnings = spanDifference(theirs.warnings, ours.warnings)
  if (warnings && verdicts[0] === verdicts[1] && !errors) found.push({ kind: 'warnings', key: warnings })
  if (theirs.format !== ours.format) {
    found.push({ kind: 'format', key: formatDifference(theirs.format, ours.format), theirs: theirs.format, ours: ours.format })
  }
  if (theirs.dmmf && ours.dmmf) {
    const path = unequal('', ours.dmmf, theirs.dmmf)
    if (path) found.push({ kind: 'dmmf', key: path, theirs: theirs.dmmf, ours: ours.dmmf })
  }
  return found
}

/** The shapes of the first line that differs, so that like is grouped with like. */
function formatDifference(theirs, ours) {
  const [left, right] = [theirs.split('\n'), ours.split('\n')]
  let at = 0
  while (left[at] === right[at]) at += 1
  const shape = (line) => (line === undefined ? 'nothing' : line.replace(/[\p{L}\p{N}_]+/gu, 'w').replace(/ +/g, ' ').slice(0, 60))
  return `${shape(left[at])} ≠ ${shape(right[at])}`
}

async function isAlike(text, kind, key) {
  return (await differences(text)).some((found) => found.kind === kind && found.key === key)
}

/** Takes away lines, then tokens, as long as the difference stays. */
async function reduced(text, kind, key) {
  let budget = 1500
  const pass = async (parts) => {
    for (let size = Math.ceil(parts.length / 2); size > 0; size = size > 1 ? Math.ceil(size / 2) : 0) {
      for (let at = 0; at < parts.length && budget > 0;) {
        const fewer = [...parts.slice(0, at), ...parts.slice(at + size)]
        budget -= 1
        if (await isAlike(fewer.join(''), kind, key)) parts = fewer
        else at += size
      }
    }
    return parts
  }
  let best = text
  for (let round = 0; round < 3 && budget > 0; round += 1) {
    const before = best
    best = (await pass(best.split(/(?<=\n)/))).join('')
    best = (await pass(best.split(/(\s+|[\p{L}\p{N}_]+)/u).filter((part) => part !== ''))).join('')
    if (best === before) break
  }
  return best
}

function* files(place) {
  if (statSync(place).isDirectory()) for (const name of readdirSync(place).sort()) yield* files(join(place, name))
  else if (place.endsWith('.prisma') && !place.endsWith('.fmt.prisma')) yield place
}

const chance = random(options.seed)
const seeds = places.flatMap((place) => [...files(place)]).map((file) => readFileSync(file, 'utf8'))
const groups = new Map()
const inputs = options.whole ? seeds : null
const count = inputs ? inputs.length : options.count
const began = Date.now()
for (let done = 0; done < count; done += 1) {
  const text = inputs ? inputs[done] : options.generate ? generated(chance) : mutated(chance, seeds)
  for (const { kind, key, ...detail } of await differences(text)) {
    if (options.only && !`${kind} ${key}`.includes(options.only)) continue
    const name = `${kind}: ${key}`
    const group = groups.get(name) ?? { kind, key, number: 0, text, detail }
    group.number += 1
    if (text.length < group.text.length) Object.assign(group, { text, detail })
    groups.set(name, group)
  }
}
const order = ['panic', 'verdict', 'errors', 'format', 'dmmf', 'warnings']
const sorted = [...groups.values()].sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind) || b.number - a.number)
console.log(`${count} schemas in ${Math.round((Date.now() - began) / 1000)} s, ${groups.size} kinds of differences`)
for (const group of sorted.slice(0, options.show)) {
  const text = options.whole && group.text.length > 20000 ? group.text : await reduced(group.text, group.kind, group.key)
  console.log(`\n=== ${group.number} × ${group.kind}: ${group.key}`)
  console.log(text.replace(/\r/g, '␍').replace(/\t/g, '␉'))
  const show = (await differences(text)).find((found) => found.kind === group.kind && found.key === group.key)
  if (show?.kind === 'format') console.log(`--- Prisma\n${show.theirs}--- own\n${show.ours}`)
  if (show?.kind === 'dmmf') console.log(`--- Prisma\n${JSON.stringify(at(show.theirs, show.key))}\n--- own\n${JSON.stringify(at(show.ours, show.key))}`)
  if (['verdict', 'errors', 'warnings'].includes(group.kind)) {
    const theirs = prismaAnswer(text)
    const ours = await ownAnswer(text)
    const list = (findings) => findings.map((f) => `    ${f.start}-${f.end} ${JSON.stringify(text.slice(f.start, f.end).slice(0, 80))} ${f.text.replace(/\u001b\[[0-9;]*m/g, '').slice(0, 200)}`).join('\n')
    const which = group.kind === 'warnings' ? 'warnings' : 'errors'
    console.log(`--- Prisma\n${list(theirs[which])}\n--- own\n${list(ours[which])}`)
  }
}
for (const group of sorted.slice(options.show)) console.log(`\n${group.number} × ${group.kind}: ${group.key}`)
own.stdin.end()

function at(value, path) {
  const first = path.split('.')[1] ?? ''
  return value[first.replace('[]', '')] ?? value
}
