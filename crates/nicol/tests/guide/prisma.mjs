// Runs the TypeScript of examples with Prisma Client: a line of JSON in, a line of JSON out.
//
//   node prisma.mjs DATABASE_URL
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { generate } from '../../../../reference/queries/engines.mjs'
import { PrismaPg } from '../../../../reference/queries/reference.mjs'

const folder = generate(readFileSync(new URL('schema.prisma', import.meta.url), 'utf8'))
const { PrismaClient, Prisma } = createRequire(join(folder, 'package.json'))('./client')
const connectionString = process.argv[2]
const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString, max: 3 }), errorFormat: 'minimal' })

BigInt.prototype.toJSON = function () {
  return String(this)
}

for await (const line of createInterface({ input: process.stdin })) {
  const { typescript, names } = JSON.parse(line)
  const body = `${typescript}\nreturn { ${names.join(', ')} }`
  let answer
  try {
    const AsyncFunction = (async () => {}).constructor
    answer = { values: await new AsyncFunction('prisma', 'Prisma', body)(prisma, Prisma) }
  } catch (error) {
    answer = { error: error.code ?? error.message }
  }
  console.log(JSON.stringify(answer))
}
await prisma.$disconnect()
