// Where the reference is, and what of it the run uses.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))
export const modules = join(process.env.NICOL_REFERENCE_DIR ?? join(root, '.reference'), 'node_modules')
/** The program that is compared. */
export const nicol = process.env.NICOL_BIN ?? join(process.env.CARGO_TARGET_DIR ?? join(root, 'target'), 'debug/nicol')

const require = createRequire(join(modules, 'package.json'))
export const pg = require('pg')
export const { PrismaPg } = require('@prisma/adapter-pg')
const wasm = require('@prisma/prisma-schema-wasm')

/** Returns Prisma's description of a schema: its models, and the types of all requests. */
export function describe(text) {
  return JSON.parse(wasm.get_dmmf(JSON.stringify({ prismaSchema: [['schema.prisma', text]] })))
}
