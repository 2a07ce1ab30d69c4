// A generator that fails in the way that its argument names.
import { createInterface } from 'node:readline'

const [fault] = process.argv.slice(2)
const answer = (id, rest) => console.error(JSON.stringify({ jsonrpc: '2.0', id, ...rest }))
if (fault === 'dies') {
  console.error('it has no memory')
  process.exit(3)
}
createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method } = JSON.parse(line)
  if (fault === 'hangs') return console.log('waiting')
  if (fault === 'rubbish') {
    process.stderr.write('}{ \u0000 rubbish')
    process.exit(0)
  }
  if (method === 'getManifest') {
    const needs = fault === 'needs' ? { requiresGenerators: ['prisma-client-js'] } : {}
    const output = fault === 'nowhere' ? {} : { defaultOutput: './out' }
    return answer(id, { result: { manifest: { prettyName: 'Faulty', ...output, ...needs } } })
  }
  answer(id, fault === 'fails' ? { error: { code: -32000, message: 'it went wrong' } } : { result: null })
})
