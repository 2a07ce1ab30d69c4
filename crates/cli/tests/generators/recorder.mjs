// A generator that keeps the requests it gets, as JSON in its output folder.
import { mkdirSync, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

const [name] = process.argv.slice(2)
let asked
createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line)
  let result = null
  if (method === 'getManifest') {
    asked = { params, invocation: process.env.PRISMA_GENERATOR_INVOCATION }
    result = { manifest: { prettyName: 'Recorder', version: '1.0', defaultOutput: './recorded' } }
  } else {
    const folder = params.generator.output.value
    mkdirSync(folder, { recursive: true })
    writeFileSync(`${folder}/${name}.json`, JSON.stringify({ asked, params }))
  }
  console.error('this line is not an answer')
  console.error(JSON.stringify({ jsonrpc: '2.0', id, result }))
})
