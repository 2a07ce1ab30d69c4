// Compares how fast the application's queries are on nicol and on Prisma's own engine.
// Each round runs each query on one client, then on the other. Then each client's memory is measured in a process of its own.
//
// In a copy of this folder, with an empty database:
//
//     ln -s …/.reference/node_modules node_modules             # `cargo xtask setup` installs it
//     export DATABASE_URL=postgresql://…
//     PRISMA_QUERY_ENGINE_BINARY=/bin/true npx prisma generate
//     nicol db push --schema schema.prisma
//     PRISMA_QUERY_ENGINE_BINARY=…/target/release/nicol node bench.mjs [ROUNDS]
import { execFileSync, spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

const open = (client) => {
  const { PrismaClient } = require(`./clients/${client}`)
  if (client === 'nicol') return new PrismaClient()
  const { PrismaPg } = require('@prisma/adapter-pg')
  return new PrismaClient({ adapter: new PrismaPg({ connectionString: process.env.DATABASE_URL, max: 10 }) })
}

const USERS = 1000
const any = (limit) => 1 + Math.floor(Math.random() * limit)

// Name, the number of calls at once, the number of calls in a round, and the call.
const queries = [
  ['find by id', 1, 200, (db) => db.user.findUnique({ where: { id: any(USERS) } })],
  ['find by id, 50 at once', 50, 2000, (db) => db.user.findFirst({ where: { id: any(USERS) } })],
  ['100 rows', 1, 100, (db) => db.user.findMany({ take: 100, orderBy: { id: 'asc' } })],
  ['1,000 rows', 1, 20, (db) => db.post.findMany({ take: 1000, orderBy: { id: 'asc' } })],
  ['100 of findUnique in a tick', 1, 40, (db) => Promise.all(Array.from({ length: 100 }, () => db.user.findUnique({ where: { id: any(USERS) } })))],
  ['a user and 10 posts', 1, 200, (db) => db.user.findUnique({ where: { id: any(USERS) }, include: { posts: true } })],
  ['a user and 10 posts, 50 at once', 50, 1000, (db) => db.user.findFirst({ where: { id: any(USERS) }, include: { posts: true } })],
  ['100 posts and their author', 1, 60, (db) => db.post.findMany({ take: 100, orderBy: { id: 'asc' }, include: { author: true } })],
  ['100 posts and their labels (many-to-many)', 1, 60, (db) => db.post.findMany({ take: 100, orderBy: { id: 'asc' }, include: { labels: true } })],
  ['50 users, posts, comments, their author', 1, 10, (db) =>
    db.user.findMany({ take: 50, orderBy: { id: 'asc' }, include: { profile: true, posts: { include: { comments: { include: { author: true } } } } } })],
  ['50 users, their 3 newest posts', 1, 40, (db) =>
    db.user.findMany({ take: 50, orderBy: { id: 'asc' }, include: { posts: { orderBy: { id: 'desc' }, take: 3 } } })],
  ['100 users and counts of relations', 1, 40, (db) =>
    db.user.findMany({ take: 100, orderBy: { id: 'asc' }, include: { _count: { select: { posts: true, comments: true } } } })],
  ['users with a filter on posts', 1, 60, (db) =>
    db.user.findMany({ where: { posts: { some: { title: { startsWith: `Title ${any(9)}` } } } }, orderBy: { id: 'asc' }, take: 20 })],
  ['aggregate', 1, 100, (db) => db.post.aggregate({ where: { authorId: { lt: 100 } }, _avg: { rating: true }, _count: true })],
  ['update', 1, 200, (db) => db.user.update({ where: { id: any(USERS) }, data: { visits: { increment: 1 } } })],
  ['create a user and 3 posts', 1, 100, (db) => {
    const slug = crypto.randomUUID()
    const posts = [1, 2, 3].map((n) => ({ slug: `${slug} ${n}`, title: `New ${n}` }))
    return db.user.create({ data: { email: slug, posts: { create: posts } } })
  }],
  ['a batch of 3', 1, 100, (db) => db.$transaction([1, 2, 3].map(() => db.user.update({ where: { id: any(USERS) }, data: { name: 'x' } })))],
  ['an interactive transaction of 3', 1, 60, (db) =>
    db.$transaction(async (tx) => {
      const user = await tx.user.findUniqueOrThrow({ where: { id: any(USERS) } })
      await tx.user.update({ where: { id: user.id }, data: { visits: user.visits + 1n } })
      return tx.post.count({ where: { authorId: user.id } })
    })],
  ['raw SQL, 100 rows', 1, 100, (db) => db.$queryRaw`SELECT * FROM "users" WHERE id <= ${100}`],
]

const seed = async (db) => {
  await db.$executeRaw`TRUNCATE "users", "Label" RESTART IDENTITY CASCADE`
  await db.$executeRaw`INSERT INTO "users" (email, name) SELECT 'user' || n || '@example.com', 'User ' || n FROM generate_series(1, ${USERS}::int) n`
  await db.$executeRaw`INSERT INTO "Profile" (bio, "userId") SELECT repeat('bio ', 20), id FROM "users"`
  await db.$executeRaw`INSERT INTO "Post" (slug, title, "author_id", rating) SELECT 's' || u.id || '-' || n, 'Title ' || n, u.id, n FROM "users" u, generate_series(1, 10) n`
  await db.$executeRaw`INSERT INTO "Comment" (text, "postId", "authorId") SELECT 'comment ' || n, p.id, 1 + (p.id * 7 + n) % ${USERS}::int FROM "Post" p, generate_series(1, 3) n`
  await db.$executeRaw`INSERT INTO "Label" (name) SELECT 'label ' || n FROM generate_series(1, 20) n`
  await db.$executeRaw`INSERT INTO "_LabelToPost" ("A", "B") SELECT 'label ' || (1 + (p.id + n) % 20), p.id FROM "Post" p, generate_series(1, 3) n`
  await db.$executeRawUnsafe('ANALYZE')
}

const timed = async (db, [, atOnce, calls, run]) => {
  const begin = performance.now()
  let left = calls
  const work = async () => {
    while (left-- > 0) await run(db)
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  return ((performance.now() - begin) * 1000) / calls
}

const median = (values) => {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

const kilobytes = (pid) => Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)]))

if (process.argv[2] === 'memory') {
  const db = open(process.argv[3])
  for (let i = 0; i < 3; i++) for (const query of queries) await timed(db, query)
  const children = spawnSync('ps', ['-o', 'pid=,comm=', '--ppid', String(process.pid)]).stdout.toString().split('\n')
  const engine = children.find((line) => /nicol/.test(line))?.trim().split(' ')[0]
  console.log(JSON.stringify({ node: kilobytes(process.pid), engine: engine ? kilobytes(engine) : 0 }))
  await db.$disconnect()
} else {
  const rounds = Number(process.argv[2] ?? 10)
  const [prisma, nicol] = [open('prisma'), open('nicol')]
  await seed(prisma)
  const median3 = (values) => `${median(values).toFixed(0)}`.padStart(8)
  console.log(`${'microseconds a call, the median of rounds'.padEnd(46)}   Prisma    nicol   nicol/Prisma (least to most)`)
  for (const query of queries) {
    for (const db of [prisma, nicol]) await timed(db, query)
    const [before, after] = [[], []]
    for (let round = 0; round < rounds; round++) {
      const pair = [[prisma, before], [nicol, after]]
      for (const [db, times] of round % 2 ? pair : pair.toReversed()) times.push(await timed(db, query))
    }
    const ratios = before.map((time, round) => after[round] / time)
    const [least, most] = [Math.min(...ratios), Math.max(...ratios)].map((ratio) => ratio.toFixed(2))
    console.log(`${query[0].padEnd(46)} ${median3(before)} ${median3(after)}   ${median(ratios).toFixed(2)} (${least} to ${most})`)
  }
  await Promise.all([prisma.$disconnect(), nicol.$disconnect()])
  for (const client of ['prisma', 'nicol']) {
    const memory = execFileSync('node', [new URL(import.meta.url).pathname, 'memory', client])
    const { node, engine } = JSON.parse(memory)
    console.log(`resident memory on ${client}: Node ${(node / 1024).toFixed(0)} MiB, engine ${(engine / 1024).toFixed(0)} MiB`)
  }
}
