// Writes Prisma's findings for the examples of the rules. NICOL_REFERENCE_DIR is the folder of the installed reference
// (default: `.reference`).
//
//   cargo run -p nicol-schema --example rules | node reference/rules.mjs > crates/schema/tests/data/rules.json
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'

const folder = resolve(process.env.NICOL_REFERENCE_DIR ?? '.reference', 'node_modules', '_')
const { lint } = createRequire(folder)('@prisma/prisma-schema-wasm')

function findings(text) {
  const all = JSON.parse(lint(JSON.stringify([['schema.prisma', text]])))
  const spans = (isWarning) =>
    all.filter((finding) => finding.is_warning === isWarning).map(({ start, end }) => [start, end])
  return { errors: spans(false), warnings: spans(true) }
}

const examples = JSON.parse(readFileSync(0, 'utf8'))
const lines = Object.entries(examples).map(([code, { wrong, right }]) => {
  const said = JSON.stringify({ wrong: findings(wrong), right: findings(right) })
  return `  ${JSON.stringify(code)}: ${said}`
})
console.log(`{\n${lines.join(',\n')}\n}`)
