// Writes Prisma's answers for schemas in several files: node files.mjs FOLDER
// For each folder in FOLDER with `*.prisma` files, `answers.json` contains Prisma's findings, formatted files, and DMMF.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import prisma from '@prisma/prisma-schema-wasm'

const options = JSON.stringify({
  textDocument: { uri: 'file:///schema.prisma' },
  options: { tabSize: 2, insertSpaces: true },
})

for (const name of readdirSync(process.argv[2]).sort()) {
  const folder = join(process.argv[2], name)
  const paths = readdirSync(folder).filter((path) => path.endsWith('.prisma')).sort()
  const files = paths.map((path) => [path, readFileSync(join(folder, path), 'utf8')])
  const findings = JSON.parse(prisma.lint(JSON.stringify(files)))
  const isValid = findings.every((finding) => finding.is_warning)
  const answers = {
    findings: findings.map(({ file_name, start, end, is_warning }) => [file_name, start, end, is_warning]),
    formatted: JSON.parse(prisma.format(JSON.stringify(files), options)).map(([, text]) => text),
    dmmf: isValid ? JSON.parse(prisma.get_dmmf(JSON.stringify({ prismaSchema: files }))).datamodel : null,
  }
  writeFileSync(join(folder, 'answers.json'), JSON.stringify(answers, null, 2) + '\n')
}
