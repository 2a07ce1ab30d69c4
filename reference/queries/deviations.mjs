// What nicol means to answer otherwise than Prisma: the last table in crates/engine/DEVIATIONS.md.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './reference.mjs'

const text = readFileSync(join(root, 'crates/engine/DEVIATIONS.md'), 'utf8')
const [, ...rows] = text.slice(text.indexOf('| Prisma | text |')).trim().split('\n').slice(1)
const table = rows.map((row) => row.split('|').slice(1, -1).map((cell) => cell.trim().replace(/^`|`$/g, '')))

const code = (answer) => (answer.error ? (answer.error.code ?? 'none') : 'data')

/** All pairs of answers, of which a batch has several. */
function pairs({ prisma, nicol }) {
  if (!prisma.batchResult) return nicol.batchResult ? [[prisma, { data: {} }]] : [[prisma, nicol]]
  return prisma.batchResult.map((answer, at) => [answer, nicol.batchResult?.[at] ?? nicol])
}

/** Whether a step differs as one of the rows says. */
export function meant(step) {
  return pairs(step).some(([prisma, nicol]) =>
    table.some(([theirs, text, ours]) => {
      const isCode = theirs === code(prisma) && (ours === 'any' || ours === code(nicol))
      return isCode && (prisma.error?.message ?? '').includes(text)
    }),
  )
}
