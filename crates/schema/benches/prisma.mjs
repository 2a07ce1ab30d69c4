// How long Prisma takes to validate and to format; the two schemas come on standard input, parted by a zero byte.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const require = createRequire(join(process.env.NICOL_REFERENCE_DIR, 'package.json'))
const prisma = require('@prisma/prisma-schema-wasm')
const rounds = Number(process.argv[2])
const [text, untidy] = readFileSync(0, 'utf8').split('\0')

function shortest(run) {
  const times = Array.from({ length: rounds }, () => {
    const start = performance.now()
    run()
    return performance.now() - start
  })
  return Math.min(...times).toFixed(2)
}

const files = (schema) => [['schema.prisma', schema]]
const validate = shortest(() => prisma.validate(JSON.stringify({ prismaSchema: files(text) })))
const options = JSON.stringify({ textDocument: { uri: 'file:/schema.prisma' }, options: { tabSize: 2, insertSpaces: true } })
const format = shortest(() => prisma.format(JSON.stringify(files(untidy)), options))
console.log(`${validate.padStart(8)} ${format.padStart(7)}`)
