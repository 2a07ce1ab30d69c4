// Prints the types of the arguments and answers of Prisma Client for the schema on standard input: the `schema` of its DMMF.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const here = new URL('..', import.meta.url).pathname
const reference = process.env.NICOL_REFERENCE_DIR ?? join(here, '.reference')
const prisma = createRequire(join(reference, 'package.json'))('@prisma/prisma-schema-wasm')

const { schema } = JSON.parse(prisma.get_dmmf(JSON.stringify({ prismaSchema: readFileSync(0, 'utf8') })))
process.stdout.write(JSON.stringify(schema))
