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
  // What Prisma leaves behind of a write that failed shows at the end of the transaction.
  if (step.hasFailed && step.request.transaction === 'commit') return true
  return pairs(step).some(([prisma, nicol]) =>
    table.some(([theirs, text, ours]) => {
      const isOurs = {
        any: () => true,
        meta: () => step.difference.kind.includes(': meta:'),
      }[ours] ?? (() => ours.split(' ').includes(code(nicol)) && !step.difference.kind.includes(': meta:'))
      return theirs.split(' ').includes(code(prisma)) && isOurs() && (prisma.error?.message ?? '').includes(text)
    }),
  )
}
