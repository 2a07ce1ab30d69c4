// A plain application of Prisma Client: node app.mjs CLIENT
// It prints a line of JSON for each step, so that its runs on two clients can be compared.
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
const client = process.argv[2]
const { PrismaClient, Prisma } = require(`./clients/${client}`)

const log = ['query', 'info', 'warn', 'error'].map((level) => ({ emit: 'event', level }))
const options = { log, transactionOptions: { maxWait: 10_000, timeout: 10_000 } }
if (client === 'prisma') {
  const { PrismaPg } = require('@prisma/adapter-pg')
  options.adapter = new PrismaPg({ connectionString: process.env.DATABASE_URL })
}
const prisma = new PrismaClient(options)
const queries = []
prisma.$on('query', (event) => queries.push(event))
prisma.$on('error', () => {})

// Keys are sorted, because their order is not part of an answer.
const sorted = (value) => Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
const shown = (value) =>
  JSON.stringify(value, (key, value) => {
    if (typeof value === 'bigint') return `${value}n`
    if (ArrayBuffer.isView(value)) return `bytes ${Buffer.from(value).toString('hex')}`
    const isPlain = typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
    return isPlain ? sorted(value) : value
  })

const driverError = (error) => error.constructor.name === 'DriverAdapterError'

const step = async (name, run) => {
  let line
  try {
    line = { name, value: await run() }
  } catch (error) {
    const { modelName, driverAdapterError } = error.meta ?? {}
    const cause = driverAdapterError?.cause
    line = {
      name,
      // What has no code differs in its class.
      error: error.code || !('clientVersion' in error || driverError(error)) ? error.constructor.name : 'without code',
      code: error.code,
      modelName,
      kind: cause?.kind,
      constraint: cause?.constraint,
      sqlstate: cause?.originalCode,
    }
  }
  console.log(shown(line))
}

const day = (text) => new Date(`${text}T00:00:00.000Z`)
const byId = { orderBy: { id: 'asc' } }

await step('connect', () => prisma.$connect())

// Create, with relations.
await step('create', () =>
  prisma.user.create({
    data: {
      email: 'ann@example.com',
      name: 'Ann',
      role: 'WRITER',
      balance: '12.50',
      visits: 9007199254740993n,
      avatar: Buffer.from([0, 255, 1]),
      settings: { theme: 'dark', sizes: [1, 2.5], nothing: null },
      born: day('1990-02-28'),
      tags: ['a', 'it\'s "quoted"'],
      profile: { create: { bio: 'writes' } },
      posts: {
        create: [
          { slug: 'one', title: 'One', published: true, rating: 4.5, createdAt: day('2024-01-01') },
          { slug: 'two', title: 'Two', createdAt: day('2024-01-02') },
        ],
      },
    },
    include: { profile: true, posts: { orderBy: { slug: 'asc' } } },
  }),
)
await step('createMany', () =>
  prisma.user.createMany({
    data: [{ email: 'bob@example.com' }, { email: 'cat@example.com', name: 'Cat', tags: ['a'] }],
  }),
)
await step('createMany, skipping duplicates', () =>
  prisma.user.createMany({ data: [{ email: 'bob@example.com' }, { email: 'dan@example.com' }], skipDuplicates: true }),
)
await step('create and connect', () =>
  prisma.comment.create({
    data: { text: 'Hello', post: { connect: { slug: 'one' } }, author: { connect: { email: 'bob@example.com' } } },
    include: { post: { select: { slug: true } }, author: { select: { email: true } } },
  }),
)

// Read.
await step('findUnique', () => prisma.user.findUnique({ where: { email: 'ann@example.com' } }))
await step('findUnique, missing', () => prisma.user.findUnique({ where: { email: 'none' } }))
await step('findUniqueOrThrow, missing', () => prisma.user.findUniqueOrThrow({ where: { email: 'none' } }))
await step('findMany with filters', () =>
  prisma.user.findMany({
    where: {
      OR: [{ email: { startsWith: 'b' } }, { name: { equals: 'ann', mode: 'insensitive' } }],
      NOT: { tags: { has: 'zzz' } },
    },
    ...byId,
    select: { email: true, name: true },
  }),
)
await step('relations', () =>
  prisma.user.findMany({
    where: { posts: { some: { comments: { some: { text: { contains: 'ell' } } } } } },
    include: {
      posts: { where: { published: true }, include: { comments: { include: { author: true } } } },
      _count: { select: { posts: true, comments: true } },
    },
    ...byId,
  }),
)
await step('a page', () =>
  prisma.user.findMany({ orderBy: [{ name: { sort: 'asc', nulls: 'first' } }, { id: 'desc' }], skip: 1, take: 2, select: { email: true } }),
)
await step('several at the same moment', () =>
  Promise.all(['ann', 'nobody', 'bob'].map((name) => prisma.user.findUnique({ where: { email: `${name}@example.com` }, select: { email: true } }))),
)
await step('several or throw', async () => {
  const found = await Promise.allSettled(
    ['ann', 'nobody'].map((name) => prisma.user.findUniqueOrThrow({ where: { email: `${name}@example.com` }, select: { email: true } })),
  )
  return found.map(({ status, value, reason }) => [status, value, reason?.code])
})
await step('the fluent API', () => prisma.user.findUnique({ where: { email: 'ann@example.com' } }).posts({ orderBy: { slug: 'asc' } }))
await step('count', () => prisma.user.count({ where: { role: 'WRITER' } }))
await step('aggregate', () => prisma.post.aggregate({ _count: true, _avg: { rating: true }, _max: { createdAt: true } }))
await step('groupBy', () => prisma.post.groupBy({ by: ['published'], _count: { _all: true }, orderBy: { published: 'asc' } }))

// Update and delete.
await step('update', () =>
  prisma.user.update({
    where: { email: 'ann@example.com' },
    data: { visits: { increment: 2 }, balance: { multiply: 2 }, tags: { push: 'b' }, settings: Prisma.JsonNull },
    select: { visits: true, balance: true, tags: true, settings: true },
  }),
)
await step('update, missing', () => prisma.user.update({ where: { email: 'none' }, data: { name: 'x' } }))
await step('updateMany', () => prisma.post.updateMany({ where: { published: false }, data: { published: true } }))
await step('upsert, new', () =>
  prisma.label.upsert({ where: { name: 'news' }, create: { name: 'news' }, update: {} }),
)
await step('upsert, existing', () =>
  prisma.user.upsert({
    where: { email: 'bob@example.com' },
    create: { email: 'bob@example.com' },
    update: { name: 'Bob' },
    select: { name: true },
  }),
)
await step('nested writes', () =>
  prisma.user.update({
    where: { email: 'ann@example.com' },
    data: {
      profile: { update: { bio: 'reads' } },
      posts: {
        update: { where: { slug: 'one' }, data: { title: 'First', labels: { connectOrCreate: { where: { name: 'news' }, create: { name: 'news' } } } } },
        delete: { slug: 'two' },
        create: { slug: 'three', title: 'Three', createdAt: day('2024-01-03'), labels: { connect: { name: 'news' } } },
      },
    },
    select: {
      profile: { select: { bio: true } },
      posts: { orderBy: { slug: 'asc' }, select: { slug: true, title: true, labels: true } },
    },
  }),
)
await step('nested writes, one of them missing', () =>
  prisma.user.update({ where: { email: 'ann@example.com' }, data: { name: 'x', posts: { update: { where: { slug: 'none' }, data: { title: 'x' } } } } }),
)
await step('delete', () => prisma.user.delete({ where: { email: 'dan@example.com' }, select: { email: true } }))
await step('delete, missing', () => prisma.user.delete({ where: { email: 'dan@example.com' } }))

// Errors.
await step('unique', () => prisma.user.create({ data: { email: 'ann@example.com' } }))
await step('unique of two columns', () => prisma.post.create({ data: { slug: 'x', title: 'First', authorId: 1 } }))
await step('foreign key', () => prisma.post.create({ data: { slug: 'x', title: 'X', authorId: 4711 } }))
await step('unknown field', () => prisma.user.findMany({ where: { nope: 1 } }))
await step('wrong type', () => prisma.user.findMany({ where: { id: 'one' } }))
await step('missing argument', () => prisma.user.create({ data: {} }))
await step('out of range', () => prisma.user.findMany({ where: { id: 3_000_000_000 } }))

// Raw SQL.
await step('queryRaw', () =>
  prisma.$queryRaw`SELECT id, email, role::text, balance, visits, avatar, tags, born FROM users WHERE id = ${1} AND born = ${day('1990-02-28')}`,
)
await step('queryRaw of values', () =>
  prisma.$queryRaw`SELECT ${'text'}::text AS t, ${1.5}::float8 AS f, ${10n}::bigint AS b, ${new Prisma.Decimal('1.10')}::numeric AS d, ${{ a: [1] }}::jsonb AS j, ${[1, 2]}::int[] AS l, ${true}::bool AS o, ${null}::text AS n`,
)
await step('executeRaw', () => prisma.$executeRaw`UPDATE users SET name = ${'Raw'} WHERE email LIKE ${'cat%'}`)
await step('executeRawUnsafe, a script', () =>
  prisma.$executeRawUnsafe('CREATE TABLE scratch (id int); INSERT INTO scratch VALUES (1), (2)'),
)
await step('queryRawUnsafe', () => prisma.$queryRawUnsafe('SELECT count(*) FROM scratch WHERE id > $1', 0))
await step('raw error', () => prisma.$queryRaw`SELECT * FROM nowhere`)
await step('raw type', () => prisma.$queryRaw`SELECT point(1, 2)`)

// Transactions.
await step('batch', () =>
  prisma.$transaction([
    prisma.label.create({ data: { name: 'a' } }),
    prisma.label.count(),
    prisma.$queryRaw`SELECT current_setting('transaction_isolation') AS level`,
  ]),
)
await step('batch, serializable', () =>
  prisma.$transaction([prisma.$queryRaw`SELECT current_setting('transaction_isolation') AS level`], { isolationLevel: 'Serializable' }),
)
await step('batch that fails', () =>
  prisma.$transaction([prisma.label.create({ data: { name: 'b' } }), prisma.label.create({ data: { name: 'a' } }), prisma.label.count()]),
)
await step('after the batch', () => prisma.label.findMany({ orderBy: { name: 'asc' } }))
await step('interactive', () =>
  prisma.$transaction(
    async (tx) => {
      await tx.label.create({ data: { name: 'c' } })
      const outside = await prisma.label.count({ where: { name: 'c' } })
      const [{ level }] = await tx.$queryRaw`SELECT current_setting('transaction_isolation') AS level`
      return { inside: await tx.label.count({ where: { name: 'c' } }), outside, level }
    },
    { isolationLevel: 'RepeatableRead' },
  ),
)
await step('interactive that throws', () =>
  prisma.$transaction(async (tx) => {
    await tx.label.create({ data: { name: 'd' } })
    throw new RangeError('mine')
  }),
)
await step('interactive that goes on after an error', () =>
  prisma.$transaction(async (tx) => {
    await tx.label.findUniqueOrThrow({ where: { name: 'none' } }).catch(() => {})
    return tx.label.create({ data: { name: 'e' } })
  }),
)
await step('interactive after a failed statement', () =>
  prisma.$transaction(async (tx) => {
    await tx.label.create({ data: { name: 'a' } }).catch(() => {})
    return tx.label.count()
  }),
)
await step('interactive at the same moment', () =>
  prisma.$transaction((tx) => Promise.all([tx.label.count(), tx.user.count(), tx.label.findUnique({ where: { name: 'a' } })])),
)
await step('interactive that takes too long', () =>
  prisma.$transaction(
    async (tx) => {
      await tx.label.create({ data: { name: 'f' } })
      await new Promise((resolve) => setTimeout(resolve, 400))
      return tx.label.count()
    },
    { timeout: 150 },
  ),
)
await step('interactive with a conflict', () =>
  prisma.$transaction(
    async (tx) => {
      await tx.user.findMany()
      await prisma.user.update({ where: { email: 'bob@example.com' }, data: { name: 'outside' } })
      await tx.user.update({ where: { email: 'bob@example.com' }, data: { name: 'inside' } })
    },
    { isolationLevel: 'Serializable' },
  ),
)
await step('wrong isolation level', () => prisma.$transaction(async () => {}, { isolationLevel: 'Wrong' }))
await step('labels', () => prisma.label.findMany({ orderBy: { name: 'asc' } }))

// Many at once.
await step('fifty creates at once', async () => {
  await Promise.all(Array.from({ length: 50 }, (_, i) => prisma.label.create({ data: { name: `many ${i}` } })))
  return prisma.label.count({ where: { name: { startsWith: 'many' } } })
})
await step('fifty reads at once', async () => {
  const rows = await Promise.all(Array.from({ length: 50 }, (_, i) => prisma.label.findFirst({ where: { name: `many ${i}` } })))
  return rows.every((row, i) => row.name === `many ${i}`)
})
await step('twenty transactions at once', async () => {
  await prisma.user.update({ where: { id: 1 }, data: { visits: 0 } })
  const visit = (tx) => tx.user.update({ where: { id: 1 }, data: { visits: { increment: 1 } } })
  await Promise.all(Array.from({ length: 20 }, () => prisma.$transaction((tx) => visit(tx))))
  return prisma.user.findUnique({ where: { id: 1 }, select: { visits: true } })
})

// Events, and the end.
await step('query events', async () => {
  queries.length = 0
  await prisma.user.findMany({ where: { email: 'ann@example.com' } })
  // They come on another channel than the answer.
  for (let i = 0; i < 100 && queries.length === 0; i++) await new Promise((resolve) => setTimeout(resolve, 10))
  const [event] = queries
  return {
    count: queries.length,
    names: /"users"/.test(event.query),
    params: event.params.includes('ann@example.com'),
    types: [event.timestamp instanceof Date, typeof event.duration],
  }
})
await step('disconnect and go on', async () => {
  await prisma.$disconnect()
  return prisma.user.count()
})
await prisma.$disconnect()
