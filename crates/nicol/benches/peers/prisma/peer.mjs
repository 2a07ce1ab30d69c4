// Prisma Client on its driver adapter. What it does, and how it talks to the benchmark, is explained in `harness/src/lib.rs`.
import { createInterface } from 'node:readline'
import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from './client/index.js'

const [CONNECTIONS, USERS, PAGE, ITEMS] = [10, 5000, 100, 10_000]

const db = new PrismaClient({ adapter: new PrismaPg({ connectionString: process.env.DATABASE_URL, max: CONNECTIONS }) })

const userCells = (user) => [user.id, user.email, user.name, Number(user.visits), user.createdAt.getTime()]
const postCells = (post) => [post.id, post.title, post.body, post.published, post.rating, post.createdAt.getTime(), post.authorId]

const fnv = (text) => {
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193)
  return hash >>> 0
}

class Rows {
  count = 0
  digest = 0

  constructor(isCheck) {
    this.isCheck = isCheck
  }

  row(row, cells) {
    this.count += 1
    if (this.isCheck) this.digest = (this.digest + fnv(JSON.stringify(cells(row)))) >>> 0
  }
}

const items = () =>
  Array.from({ length: ITEMS }, (_, n) => ({
    name: `Item ${n}`,
    note: n % 3 === 0 ? `note ${n}` : null,
    quantity: n,
    price: n + 0.25,
    active: n % 2 === 0,
  }))

const works = {
  async find(id, call, rows) {
    rows.row(await db.user.findUniqueOrThrow({ where: { id } }), userCells)
  },
  async page(id, call, rows) {
    const after = id % (USERS - PAGE)
    const page = await db.user.findMany({ where: { id: { gt: after } }, orderBy: { id: 'asc' }, take: PAGE })
    for (const user of page) rows.row(user, userCells)
  },
  async create_many(id, call, rows) {
    const { count } = await db.item.createMany({ data: items() })
    rows.row(count, (count) => [count])
  },
  async create_with_children(id, call, rows) {
    const posts = [0, 1, 2].map((n) => ({ title: `New ${call}, ${n}`, rating: n + 0.5 }))
    const data = { email: `new${call}@example.com`, name: `New ${call}`, posts: { create: posts } }
    rows.row(await db.user.create({ data }), (user) => [user.id, user.email, user.name, Number(user.visits)])
  },
  async read_with_children(id, call, rows) {
    const user = await db.user.findUniqueOrThrow({ where: { id }, include: { posts: { orderBy: { id: 'asc' } } } })
    rows.row(user, userCells)
    for (const post of user.posts) rows.row(post, postCells)
  },
  // There are no streams: pages after a cursor.
  async stream(id, call, rows) {
    let after = {}
    for (;;) {
      const posts = await db.post.findMany({ orderBy: { id: 'asc' }, take: 1000, ...after })
      for (const post of posts) rows.row(post, postCells)
      if (posts.length < 1000) break
      after = { cursor: { id: posts.at(-1).id }, skip: 1 }
    }
  },
  async update(id, call, rows) {
    rows.row(await db.user.update({ where: { id }, data: { name: `User ${id}` } }), userCells)
  },
}

for await (const line of createInterface({ input: process.stdin })) {
  const [work, tasks, calls, mode] = line.split(' ')
  const rows = new Rows(mode === 'check')
  const started = process.hrtime.bigint()
  let next = 0
  const task = async () => {
    while (next < Number(calls)) {
      const call = next++
      await works[work](1 + ((call * 7919) % USERS), call, rows)
    }
  }
  await Promise.all(Array.from({ length: Number(tasks) }, task))
  const elapsed = process.hrtime.bigint() - started
  console.log(`${elapsed} ${rows.count} ${rows.digest}`)
}
await db.$disconnect()
