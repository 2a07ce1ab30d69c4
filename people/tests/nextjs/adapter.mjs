// Calls of Prisma's adapter, one after another: [[METHOD, ARGUMENT…]…] on standard input, their answers on standard output.
import { PrismaAdapter } from '@auth/prisma-adapter'
import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '@prisma/client'
import { text } from 'node:stream/consumers'

const instants = new Set(['expires', 'emailVerified'])
const revive = (key, value) => (instants.has(key) && value ? new Date(value) : value)
const calls = JSON.parse(await text(process.stdin), revive)

const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: process.env.DATABASE_URL }) })
const adapter = PrismaAdapter(prisma)
const answers = []
for (const [method, ...words] of calls) answers.push((await adapter[method](...words)) ?? null)
await prisma.$disconnect()
process.stdout.write(JSON.stringify(answers))
