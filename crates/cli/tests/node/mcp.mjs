// Uses `nicol mcp` with the official client. Arguments: the program, the schema.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const reference = createRequire(join(process.env.NICOL_REFERENCE, 'package.json'))
const load = (name) => import(pathToFileURL(reference.resolve(`@modelcontextprotocol/sdk/${name}`)))
const { Client } = await load('client/index.js')
const { StdioClientTransport } = await load('client/stdio.js')

const [program, schema] = process.argv.slice(2)
const transport = new StdioClientTransport({ command: program, args: ['mcp', '--schema', schema], env: process.env })
const client = new Client({ name: 'test', version: '1.0.0' })
await client.connect(transport)
await client.ping()
const { tools } = await client.listTools()
console.log(client.getServerVersion().name, tools.map((tool) => tool.name).join(' '))
const call = async (name, args = {}) => {
  const { content, isError } = await client.callTool({ name, arguments: args })
  console.log(`${name}${isError ? ' fails' : ''}: ${content[0].text.trim()}`)
}
await call('validate')
await call('find', { model: 'Note', action: 'count' })
await call('query', { sql: 'SELECT 1 AS one' })
await call('query', { sql: 'DELETE FROM "Note" RETURNING id' })
await client.callTool({ name: 'unknown' }).catch((error) => console.log(error.code))
await client.close()
