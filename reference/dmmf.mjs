// Prints Prisma's DMMF for the schema on standard input, as its WebAssembly module returns it.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const here = new URL('..', import.meta.url).pathname
const reference = process.env.NICOL_REFERENCE_DIR ?? join(here, '.reference')
const prisma = createRequire(join(reference, 'package.json'))('@prisma/prisma-schema-wasm')

process.stdout.write(prisma.get_dmmf(JSON.stringify({ prismaSchema: readFileSync(0, 'utf8') })))
