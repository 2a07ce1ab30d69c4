// Writes Prisma 6.19.0's answers for the schemas in `crates/schema/tests/data/reference`: for each NAME.prisma,
// NAME.json contains errors and warnings (with positions in UTF-16 code units), the formatted text and,
// if there are no errors, the DMMF.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const here = new URL('..', import.meta.url).pathname
const reference = process.env.NICOL_REFERENCE_DIR ?? join(here, '.reference')
const prisma = createRequire(join(reference, 'package.json'))('@prisma/prisma-schema-wasm')
const folder = join(here, 'crates/schema/tests/data/reference')

for (const name of readdirSync(folder).filter((name) => name.endsWith('.prisma')).sort()) {
  const text = readFileSync(join(folder, name), 'utf8')
  const files = [['schema.prisma', text]]
  const findings = JSON.parse(prisma.lint(JSON.stringify(files)))
  const places = (isWarning) => {
    const spans = findings.filter((finding) => finding.is_warning === isWarning).map(({ start, end }) => [start, end])
    spans.sort((a, b) => a[0] - b[0] || a[1] - b[1])
    return [...new Map(spans.map((span) => [span.join('-'), span])).values()]
  }
  const errors = places(false)
  const options = { textDocument: { uri: 'file:/schema.prisma' }, options: { tabSize: 2, insertSpaces: true } }
  const [[, format]] = JSON.parse(prisma.format(JSON.stringify(files), JSON.stringify(options)))
  const dmmf = errors.length > 0 ? null : JSON.parse(prisma.get_dmmf(JSON.stringify({ prismaSchema: files }))).datamodel
  const answer = { errors, warnings: places(true), format, dmmf }
  writeFileSync(join(folder, name.replace(/\.prisma$/, '.json')), `${JSON.stringify(answer, null, 2)}\n`)
}
