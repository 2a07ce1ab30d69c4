// A stand-in for Neon's API on loopback, with one project. Each request is compared with the description of the API that
// Neon publishes in @neondatabase/api-client: method, path, parameters, body and authorization. What the description does
// not have is refused with 400 and noted as a violation. So is an answer of this server that the description does not have.
//
// The test writes a JSON object a line, and reads one a line:
//
//   {"requests": true}              -> {"requests": [{method, path, query, body, status}], "violations": [text]}; forgets both
//   {"branches": true}              -> {"branches": [...]}, as the API answers them
//   {"fail": {status, times, headers, body, after, delay, method}} the next requests fail; `after`: but are carried out -> {}
//   {"operations": {delay, status}} how long operations take, in milliseconds, and how they end -> {}
//   {"page": N}                     the largest page of a list -> {}
//   {"databases": {BRANCH: URL}}    where the branches of these names are found -> {}
//   {"protect": BRANCH}             marks a branch as protected -> {}
//
// The first line is {"url": URL}. Run in the folder in which the packages are installed.
import { createServer } from "node:http"
import { randomUUID } from "node:crypto"
import { createRequire } from "node:module"
import { readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { createInterface } from "node:readline"

const require = createRequire(join(process.cwd(), "x.js"))
const { parse } = require("yaml")
const { default: Ajv } = require("ajv/dist/2019")
const { default: addFormats } = require("ajv-formats")

const KEY = "napi_hush_of_the_test"
const PROJECT = "shiny-wind-028834"
const BASE = "/api/v2"

// ---- The description

const client = dirname(require.resolve("@neondatabase/api-client/package.json"))
const description = parse(readFileSync(join(client, "public-v2-for-users.gen.yaml"), "utf8"), { maxAliasCount: -1 })
const ajv = new Ajv({ strict: false, allErrors: true, coerceTypes: false })
addFormats(ajv)
ajv.addSchema(description, "api")

const at = (reference) => reference.slice(2).split("/").reduce((value, key) => value[key], description)
const resolved = (value) => (value?.$ref ? at(value.$ref) : value)

// In requests, properties without a description are mistakes: the real server ignores them silently.
function closed(schema, isPart = false) {
  schema = resolved(schema)
  const copy = { ...schema }
  if (schema.allOf) copy.allOf = schema.allOf.map((part) => closed(part, true))
  if (schema.items) copy.items = closed(schema.items)
  if (schema.properties) {
    copy.properties = Object.fromEntries(Object.entries(schema.properties).map(([name, it]) => [name, closed(it)]))
  }
  if (!isPart && (schema.allOf || (schema.properties && schema.additionalProperties === undefined))) {
    copy.unevaluatedProperties = false
  }
  return copy
}

const compiled = new Map()
function problems(key, schema, value) {
  if (!compiled.has(key)) compiled.set(key, ajv.compile(schema()))
  const validate = compiled.get(key)
  if (validate(value)) return []
  return validate.errors.map((it) => `${key}${it.instancePath} ${it.message} ${JSON.stringify(it.params)}`)
}

// References of answers are resolved in the description as a whole.
const open = (schema) => JSON.parse(JSON.stringify(schema), (name, it) => (name === "$ref" ? `api${it}` : it))

function find(method, path) {
  const parts = path.split("/")
  let best
  for (const [template, item] of Object.entries(description.paths)) {
    const names = template.split("/")
    if (names.length !== parts.length || !item[method]) continue
    const values = {}
    const matches = names.every((name, index) => {
      if (!name.startsWith("{")) return name === parts[index]
      values[name.slice(1, -1)] = decodeURIComponent(parts[index])
      return true
    })
    // A fixed name wins over a parameter.
    if (matches && (!best || Object.keys(values).length < Object.keys(best.values).length)) {
      best = { template, operation: item[method], shared: item.parameters ?? [], values }
    }
  }
  return best
}

function check(method, found, query, contentType, body) {
  const { template, operation, shared, values } = found
  const name = `${method} ${template}`
  const parameters = [...shared, ...(operation.parameters ?? [])].map(resolved)
  const wrong = []
  for (const it of parameters) {
    const text = it.in === "path" ? values[it.name] : it.in === "query" ? query.get(it.name) : undefined
    if (text === undefined || text === null) {
      if (it.required) wrong.push(`${name}: the parameter ${it.name} is missing`)
      continue
    }
    const type = resolved(it.schema).type
    const value = type === "integer" ? Number(text) : type === "boolean" ? { true: true, false: false }[text] ?? text : text
    wrong.push(...problems(`${name} ${it.name}`, () => closed(it.schema), value))
  }
  const known = parameters.filter((it) => it.in === "query").map((it) => it.name)
  for (const key of query.keys()) {
    if (!known.includes(key)) wrong.push(`${name}: the parameter ${key} does not exist`)
    if (query.getAll(key).length > 1) wrong.push(`${name}: the parameter ${key} is there twice`)
  }
  const expected = resolved(operation.requestBody)
  if (body === undefined) {
    if (expected?.required) wrong.push(`${name}: the body is missing`)
  } else if (!expected) {
    wrong.push(`${name}: it has no body`)
  } else {
    if (contentType?.split(";")[0] !== "application/json") wrong.push(`${name}: the body is ${contentType}`)
    wrong.push(...problems(`${name} body`, () => closed(expected.content["application/json"].schema), body))
  }
  return wrong
}

function checkAnswer(method, { template, operation }, status, body) {
  const response = resolved(operation.responses[status] ?? operation.responses.default)
  if (!response) return [`${method} ${template} has no answer ${status}`]
  const schema = response.content?.["application/json"]?.schema
  if (!schema) return body === undefined ? [] : [`${method} ${template}: ${status} has no body`]
  return problems(`answer ${status} of ${method} ${template}`, () => open(schema), body)
}

// ---- The project

const now = () => new Date().toISOString()
let operations = new Map()
let operation = { delay: 30, status: "finished" }
let page = 100
let databases = {}
let number = 0
const branches = new Map()
const endpoints = new Map()
const settled = (it) => Date.parse(it.created_at) + it.delay <= Date.now()

function shown({ endpoint_of, ...branch }) {
  const pending = [...operations.values()].some((it) => it.branch_id === branch.id && !settled(it))
  return { ...branch, current_state: pending ? "init" : "ready" }
}

function start(branch, action, endpoint) {
  const id = randomUUID()
  const made = { id, project_id: PROJECT, branch_id: branch.id, action, failures_count: 0, created_at: now(), ...operation }
  if (endpoint) made.endpoint_id = endpoint.id
  operations.set(id, made)
  return asked(made)
}

function asked({ delay, status, ...it }) {
  const isSettled = settled({ delay, ...it })
  return { ...it, updated_at: now(), total_duration_ms: delay, status: isSettled ? status : "running" }
}

function addBranch(fields) {
  number += 1
  const id = `br-quiet-field-${String(number).padStart(6, "0")}`
  const time = now()
  const branch = {
    id, project_id: PROJECT, name: id, state_changed_at: time, creation_source: "console", created_at: time, updated_at: time,
    default: false, protected: false, cpu_used_sec: 0, active_time_seconds: 0, compute_time_seconds: 0, written_data_bytes: 0,
    data_transfer_bytes: 0, init_source: "parent-data", current_state: "ready", ...fields,
  }
  branches.set(id, branch)
  return branch
}

function addEndpoint(branch, options) {
  number += 1
  const id = `ep-still-lake-${String(number).padStart(6, "0")}`
  const endpoint = {
    host: `${id}.eu-central-1.aws.neon.example`, id, project_id: PROJECT, branch_id: branch.id, region_id: "aws-eu-central-1",
    autoscaling_limit_min_cu: 0.25, autoscaling_limit_max_cu: 0.25, current_state: "idle", pooler_enabled: false,
    pooler_mode: "transaction", disabled: false, passwordless_access: true, creation_source: "console", created_at: now(),
    updated_at: now(), settings: { pg_settings: {} }, proxy_host: "eu-central-1.aws.neon.example",
    suspend_timeout_seconds: 0, provisioner: "k8s-neonvm", ...options,
  }
  endpoints.set(id, endpoint)
  return endpoint
}

class Refusal extends Error {
  constructor(status, message, code = "") {
    super(message)
    Object.assign(this, { status, code })
  }
}

const root = addBranch({ name: "main", default: true })
addEndpoint(root, { type: "read_write" })

const named = (id) => branches.get(id) ?? refuse(404, "branch not found")
const refuse = (...it) => { throw new Refusal(...it) }
const children = (branch) => [...branches.values()].filter((it) => it.parent_id === branch.id)

function freeName(name, branch) {
  if ([...branches.values()].some((it) => it.name === name && it !== branch)) {
    refuse(409, `branch already exists; branch_name:${JSON.stringify(name)}`)
  }
}

function point(lsn, timestamp) {
  if (lsn && timestamp) refuse(400, "lsn and timestamp cannot be used together")
  if (lsn && !/^[0-9A-F]{1,8}\/[0-9A-F]{1,8}$/i.test(lsn)) refuse(400, "invalid LSN")
  if (timestamp && Date.parse(timestamp) > Date.now()) refuse(400, "timestamp is in the future")
}

function unlocked() {
  if ([...operations.values()].some((it) => !settled(it))) {
    refuse(423, "project already has running conflicting operations, scheduling of new ones is prohibited")
  }
}

function expiration(branch, text) {
  if (text === undefined) return
  if (text === null) {
    delete branch.expires_at
    return
  }
  if (branch.default || branch.protected || children(branch).length) refuse(400, "the branch cannot expire")
  if (Date.parse(text) <= Date.now()) refuse(400, "expires_at must be in the future")
  branch.expires_at = text
}

const connection = (branch, pooled) => {
  if (databases[branch.name]) return databases[branch.name]
  const endpoint = [...endpoints.values()].find((it) => it.branch_id === branch.id && it.type === "read_write")
  if (!endpoint) refuse(404, "read-write endpoint not found for the branch")
  const host = pooled ? endpoint.host.replace(endpoint.id, `${endpoint.id}-pooler`) : endpoint.host
  return `postgresql://neondb_owner:npg_hush_${branch.id}@${host}/neondb?sslmode=require&channel_binding=require`
}

const handlers = {
  getProject: () => refuse(404, "not needed"),
  listProjectBranches({ query }) {
    const field = query.get("sort_by") ?? "updated_at"
    const all = [...branches.values()].sort((a, b) => (a[field] < b[field] ? -1 : a[field] > b[field] ? 1 : 0))
    if ((query.get("sort_order") ?? "desc") === "desc") all.reverse()
    const from = Number(Buffer.from(query.get("cursor") ?? "", "base64url").toString() || 0)
    const size = Math.min(Number(query.get("limit") ?? page), page)
    const until = from + size
    const answer = { branches: all.slice(from, until).map(shown), annotations: {} }
    if (until < all.length) answer.pagination = { next: Buffer.from(String(until)).toString("base64url") }
    return [200, answer]
  },
  createProjectBranch({ body = {} }) {
    unlocked()
    const { parent_id, name, parent_lsn, parent_timestamp, expires_at, init_source } = body.branch ?? {}
    if (name) freeName(name)
    const parent = parent_id ? named(parent_id) : root
    point(parent_lsn, parent_timestamp)
    const origin = init_source === "schema-only" ? { init_source } : { parent_id: parent.id, parent_lsn: parent_lsn ?? "0/1E19478" }
    if (parent_timestamp) origin.parent_timestamp = parent_timestamp
    const branch = addBranch({ ...(name && { name }), ...origin })
    try {
      expiration(branch, expires_at)
    } catch (error) {
      branches.delete(branch.id)
      throw error
    }
    const made = (body.endpoints ?? []).map((options) => addEndpoint(branch, options))
    const started = [start(branch, "create_branch"), ...made.map((it) => start(branch, "start_compute", it))]
    return [201, { branch: shown(branch), endpoints: made, operations: started, roles: [], databases: [] }]
  },
  getProjectBranch: ({ branch }) =>
    [200, { branch: shown(branch), annotation: { object: { type: "console/branch", id: branch.id }, value: {} } }],
  updateProjectBranch({ branch, body }) {
    const { name, protected: isProtected, expires_at } = body.branch
    if (name !== undefined) freeName(name, branch)
    expiration(branch, expires_at)
    if (name !== undefined) branch.name = name
    if (isProtected !== undefined) branch.protected = isProtected
    branch.updated_at = now()
    return [200, { branch: shown(branch), operations: [] }]
  },
  deleteProjectBranch({ branch }) {
    unlocked()
    if (branch.default) refuse(422, "cannot delete the default branch")
    if (branch.protected) refuse(422, "cannot delete a protected branch")
    if (children(branch).length) refuse(422, "cannot delete branch that has children")
    branches.delete(branch.id)
    return [200, { branch: shown(branch), operations: [start(branch, "delete_timeline")] }]
  },
  restoreProjectBranch({ branch, body }) {
    unlocked()
    const { source_branch_id, source_lsn, source_timestamp, preserve_under_name } = body
    const source = named(source_branch_id)
    point(source_lsn, source_timestamp)
    const isSelf = source === branch
    if (isSelf && !source_lsn && !source_timestamp) refuse(400, "source_lsn or source_timestamp is required")
    if ((isSelf || children(branch).length) && !preserve_under_name) refuse(400, "preserve_under_name is required")
    if (preserve_under_name) {
      freeName(preserve_under_name)
      const kept = addBranch({ name: preserve_under_name, parent_id: branch.parent_id })
      if (!kept.parent_id) delete kept.parent_id
      for (const child of children(branch)) if (child !== kept) child.parent_id = kept.id
      branch.parent_id = isSelf ? kept.id : source.id
    } else {
      branch.parent_id = source.id
    }
    branch.parent_lsn = source_lsn ?? "0/1E19478"
    branch.last_reset_at = now()
    return [200, { branch: shown(branch), operations: [start(branch, "create_branch")] }]
  },
  setDefaultProjectBranch({ branch }) {
    for (const other of branches.values()) other.default = other === branch
    return [200, { branch: shown(branch), operations: [] }]
  },
  getProjectOperation: ({ values }) =>
    [200, { operation: asked(operations.get(values.operation_id) ?? refuse(404, "operation not found")) }],
  listProjectEndpoints: () => [200, { endpoints: [...endpoints.values()].filter((it) => branches.has(it.branch_id)) }],
  listProjectBranchEndpoints: ({ branch }) => [200, { endpoints: [...endpoints.values()].filter((it) => it.branch_id === branch.id) }],
  listProjectBranchDatabases: ({ branch }) => [200, {
    databases: [{ id: 1, branch_id: branch.id, name: "neondb", owner_name: "neondb_owner", created_at: now(), updated_at: now() }],
  }],
  getConnectionURI({ query }) {
    if (query.get("database_name") !== "neondb") refuse(404, "database not found")
    if (query.get("role_name") !== "neondb_owner") refuse(404, "role not found")
    const branch = query.has("branch_id") ? named(query.get("branch_id")) : root
    return [200, { uri: connection(branch, query.get("pooled") === "true") }]
  },
}

// ---- The server

let requests = []
let violations = []
let failure

async function answer(request) {
  const url = new URL(request.url, "http://localhost")
  const method = request.method.toLowerCase()
  const path = url.pathname.startsWith(BASE) ? url.pathname.slice(BASE.length) : url.pathname
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  const text = Buffer.concat(chunks).toString()
  let body
  const note = { method: request.method, path, query: Object.fromEntries(url.searchParams), status: 0 }
  requests.push(note)
  const end = (status, value, headers = {}) => {
    note.status = status
    return { status, value, headers }
  }
  const wrong = (texts) => {
    violations.push(...texts)
    return end(400, { code: "", message: `not as described: ${texts.join("; ")}` })
  }
  try {
    body = text ? JSON.parse(text) : undefined
  } catch {
    return wrong([`${method} ${path}: the body is no JSON`])
  }
  note.body = body
  const found = find(method, path)
  if (!found) return wrong([`${method} ${path} does not exist`])
  if (request.headers.authorization !== `Bearer ${KEY}`) {
    return end(401, { code: "", message: "authorization key is invalid" })
  }
  const mistakes = check(method, found, url.searchParams, request.headers["content-type"], body)
  if (mistakes.length) return wrong(mistakes)
  if (found.values.project_id && found.values.project_id !== PROJECT) return end(404, { code: "", message: "project not found" })
  const fails = failure?.times > 0 && (!failure.method || failure.method === request.method) ? failure : undefined
  if (fails) fails.times -= 1
  if (fails?.delay) await new Promise((resolve) => setTimeout(resolve, fails.delay))
  if (fails?.status && !fails.after) return failed(end, fails)
  const handler = handlers[found.operation.operationId]
  if (!handler) return wrong([`${found.operation.operationId} is not part of the stand-in`])
  try {
    const branch = found.values.branch_id && named(found.values.branch_id)
    const [status, value] = handler({ values: found.values, query: url.searchParams, body, branch })
    const own = checkAnswer(method, found, status, value)
    if (own.length) return wrong(own)
    return fails?.status ? failed(end, fails) : end(status, value)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return end(error.status, { code: error.code, message: error.message })
  }
}

const failed = (end, it) => end(it.status, it.body ?? { code: "", message: "a failure of the test" }, it.headers)

const server = createServer(async (request, response) => {
  try {
    const { status, value, headers } = await answer(request)
    response.writeHead(status, { "content-type": "application/json", ...headers })
    response.end(value === undefined ? undefined : typeof value === "string" ? value : JSON.stringify(value))
  } catch (error) {
    violations.push(String(error.stack))
    response.writeHead(500).end()
  }
})

const say = (value) => process.stdout.write(JSON.stringify(value) + "\n")
server.listen(0, "127.0.0.1", () => say({ url: `http://127.0.0.1:${server.address().port}${BASE}` }))
const commands = {
  requests() {
    const told = { requests, violations }
    requests = []
    violations = []
    return told
  },
  branches: () => ({ branches: [...branches.values()].map(shown) }),
  fail: (it) => { failure = { times: 1, ...it } },
  operations: (it) => { operation = it },
  page: (it) => { page = it },
  databases: (it) => { databases = it },
  protect: (name) => { [...branches.values()].find((it) => it.name === name).protected = true },
}
for await (const line of createInterface({ input: process.stdin })) {
  const [[name, value]] = Object.entries(JSON.parse(line))
  say(commands[name](value) ?? {})
}
// The test is gone.
process.exit(0)
