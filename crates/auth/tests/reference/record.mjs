// Records how @auth/core answers a set of exchanges, so that the Rust tests can replay them.
//
//   npm install @auth/core@0.41.3
//   node record.mjs            (writes emails.json, and exchanges/<scenario>.json)
//
// Time stands still but for what a step adds, and every random byte is 0xab, so equal input gives equal files.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"

const START = Date.parse("2026-11-23T12:00:00.000Z")
let now = START
const RealDate = Date
globalThis.Date = class extends RealDate {
  constructor(...args) { args.length ? super(...args) : super(now) }
  static now() { return now }
}
crypto.getRandomValues = (bytes) => bytes.fill(0xab)
crypto.randomUUID = () => "abababab-abab-4bab-abab-abababababab"

// Resolved from the working directory, so that the package can be installed anywhere.
const core = dirname(createRequire(join(process.cwd(), "x.js")).resolve("@auth/core"))
const { Auth } = await import(pathToFileURL(join(core, "index.js")))
const { defaultNormalizer } = await import(pathToFileURL(join(core, "lib/actions/signin/send-token.js")))
const version = JSON.parse(readFileSync(join(core, "package.json"))).version
const here = dirname(fileURLToPath(import.meta.url))
const save = (path, file) => writeFileSync(join(here, path), JSON.stringify(file, null, 2) + "\n")

const DAY = 86_400_000
const TOKEN = "ab".repeat(32)
const SESSION = "abababab-abab-4bab-abab-abababababab"
const OTHER_SESSION = "11111111-1111-4111-8111-111111111111"
const ANN = { id: "u1", name: "Ann", email: "ann@example.com", emailVerified: null, image: null }
const BOB = { id: "u2", name: null, email: "bob@example.com", emailVerified: null, image: "https://example.com/bob.png" }
const iso = (t) => new RealDate(t).toISOString()

function adapter(state) {
  const users = state.users.map((u) => ({ ...u }))
  let sessions = state.sessions.map((s) => ({ ...s, expires: new Date(s.expires) }))
  let tokens = state.verificationTokens.map((t) => ({ ...t, expires: new Date(t.expires) }))
  return {
    dump: () => ({
      users: users.map((u) => ({ ...u, emailVerified: u.emailVerified && iso(u.emailVerified) })),
      sessions: sessions.map((s) => ({ ...s, expires: iso(s.expires) })),
      verificationTokens: tokens.map((t) => ({ ...t, expires: iso(t.expires) })),
    }),
    async createUser({ id, ...user }) { users.push({ id: "created", name: null, image: null, ...user }); return users.at(-1) },
    async getUser(id) { return users.find((u) => u.id === id) ?? null },
    async getUserByEmail(email) { return users.find((u) => u.email === email) ?? null },
    async getUserByAccount() { return null },
    async updateUser(user) { return Object.assign(users.find((u) => u.id === user.id), user) },
    async linkAccount() {},
    async createSession(session) { sessions.push(session); return session },
    async getSessionAndUser(token) {
      const session = sessions.find((s) => s.sessionToken === token)
      const user = session && users.find((u) => u.id === session.userId)
      return user ? { session: { ...session }, user: { ...user } } : null
    },
    async updateSession(session) { return Object.assign(sessions.find((s) => s.sessionToken === session.sessionToken), session) },
    async deleteSession(token) { sessions = sessions.filter((s) => s.sessionToken !== token) },
    async createVerificationToken(token) { tokens.push(token); return token },
    async useVerificationToken({ identifier, token }) {
      const found = tokens.find((t) => t.identifier === identifier && t.token === token)
      tokens = tokens.filter((t) => t !== found)
      return found ?? null
    },
  }
}

const plain = { base_url: "http://localhost:3000", secret: "a secret that is used for tests only" }
const secure = { base_url: "https://people.example.com", secret: "a secret that is used for tests only" }
const pages = { signIn: "/signin", signOut: "/signout", error: "/oops", verifyRequest: "/mail", newUser: "/welcome" }
const annSession = (age) => ({ sessionToken: SESSION, userId: "u1", expires: iso(START + 30 * DAY - age) })

const get = (path, headers) => ({ method: "GET", path, headers })
const form = (path, fields, headers) =>
  ({ method: "POST", path, headers: { "content-type": "application/x-www-form-urlencoded", ...headers }, body: new URLSearchParams(fields).toString() })
const json = (path, fields, headers) =>
  ({ method: "POST", path, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(fields) })
const after = (milliseconds, request) => ({ after: milliseconds, ...request })
// `$csrf` in a cookie or a field stands for the cookie and the token that the secret gives.
const csrf = { csrfToken: TOKEN }
const returnUrl = { "x-auth-return-redirect": "1" }

const scenarios = {
  read_only_endpoints_signed_out: { ...plain, steps: [
    get("/csrf"), get("/providers"), get("/session"), get("/signin"), get("/signout"), get("/verify-request"),
    get("/error"), get("/error?error=Configuration"), get("/error?error=AccessDenied"), get("/error?error=Verification"), get("/error?error=Nonsense"),
    get("/csrf", { cookie: "$csrf" }),
    get("/csrf", { cookie: "authjs.csrf-token=forged%7Cforged" }),
  ] },
  read_only_endpoints_over_https: { ...secure, steps: [get("/csrf"), get("/providers"), get("/session"), get("/signin"), get("/signout")] },
  pages_of_the_application: { ...plain, pages, steps: [
    get("/signin"), get("/signin?callbackUrl=%2Fpeople"), get("/signin?error=MissingCSRF&callbackUrl=%2Fpeople"), get("/signout"),
    get("/verify-request?provider=email&type=email"), get("/error?error=AccessDenied"),
    form("/signin/email", { email: "ann@example.com" }), form("/signout", {}),
    get("/callback/email?token=nonsense&email=ann%40example.com", { cookie: "$csrf" }),
  ] },
  unknown_requests: { ...plain, steps: [
    get("/nonsense"), get("/signin/email"), get("/signin/nonsense"), get("/callback"), get("/callback/nonsense"), get("/session/x"), get("/a/b/c"),
    { method: "PUT", path: "/session" }, { method: "DELETE", path: "/session" }, { method: "HEAD", path: "/session" },
    form("/csrf", {}, { cookie: "$csrf" }), form("/signin/nonsense", csrf, { cookie: "$csrf" }),
    form("/signin", csrf, { cookie: "$csrf" }), json("/signin", csrf, { cookie: "$csrf" }),
    { method: "POST", path: "/signin/email", headers: { "content-type": "application/json" }, body: "{" },
  ] },
  forged_csrf: { ...plain, users: [ANN], sessions: [annSession(0)], steps: [
    form("/signin/email", { email: "ann@example.com" }),
    form("/signin/email", { email: "ann@example.com", ...csrf }),
    form("/signin/email", { email: "ann@example.com", csrfToken: "x" }, { cookie: "$csrf" }),
    form("/signin/email", { email: "ann@example.com", ...csrf }, { cookie: `authjs.csrf-token=${TOKEN}%7C${"0".repeat(64)}` }),
    form("/signin/email", { email: "ann@example.com", ...csrf }, { cookie: `authjs.csrf-token=${TOKEN}` }),
    form("/signout", { csrfToken: "x" }, { cookie: `$csrf; authjs.session-token=${SESSION}` }),
    form("/signout", {}, { cookie: `$csrf; authjs.session-token=${SESSION}`, ...returnUrl }),
    json("/session", { data: {} }, { cookie: `$csrf; authjs.session-token=${SESSION}` }),
  ] },
  redirects: { ...plain, steps: [
    ...["/people?q=a&b=c", "//evil.example", "/\\evil.example", "https://evil.example/x", "http://localhost:3000/same", "http://localhost:3000",
        "http://localhost:3000@evil.example/", "http://localhost:3000.evil.example/", "http://localhost:3001/", "https://localhost:3000/",
        "javascript:alert(1)", "people", "http://", "HTTP://LOCALHOST:3000/upper", "/ä b"].flatMap((callbackUrl) => [
      get(`/csrf?${new URLSearchParams({ callbackUrl })}`, { cookie: "$csrf" }),
      form("/signout", { ...csrf, callbackUrl }, { cookie: "$csrf" }),
    ]),
    get("/csrf", { cookie: "$csrf; authjs.callback-url=http%3A%2F%2Flocalhost%3A3000%2Fkept" }),
    get("/csrf", { cookie: "$csrf; authjs.callback-url=https%3A%2F%2Fevil.example" }),
    get("/csrf?callbackUrl=%2Fnew", { cookie: "$csrf; authjs.callback-url=http%3A%2F%2Flocalhost%3A3000%2Fkept" }),
    get("/signin?callbackUrl=nonsense", { cookie: "$csrf" }),
  ] },
  session: { ...plain, users: [ANN], sessions: [annSession(0)], steps: [
    get("/session", { cookie: `authjs.session-token=${SESSION}` }),
    get("/session", { cookie: `authjs.session-token=unknown` }),
    get("/session", { cookie: `authjs.session-token.0=${SESSION.slice(0, 10)}; authjs.session-token.1=${SESSION.slice(10)}` }),
    get("/session", { cookie: `authjs.session-token.1=${SESSION.slice(10)}; authjs.session-token.0=${SESSION.slice(0, 10)}` }),
    get("/session", { cookie: `authjs.session-token.0=unknown; authjs.session-token.1=too` }),
    json("/session", { ...csrf, data: { user: { name: "x" } } }, { cookie: `$csrf; authjs.session-token=${SESSION}` }),
    after(DAY - 1, get("/session", { cookie: `authjs.session-token=${SESSION}` })),
    after(1, get("/session", { cookie: `authjs.session-token=${SESSION}` })),
    after(30 * DAY, get("/session", { cookie: `authjs.session-token=${SESSION}` })),
    after(30 * DAY + 1, get("/session", { cookie: `authjs.session-token=${SESSION}` })),
  ] },
  session_over_https: { ...secure, users: [BOB], sessions: [{ ...annSession(2 * DAY), userId: "u2" }], steps: [
    get("/session", { cookie: `__Secure-authjs.session-token=${SESSION}` }),
    get("/session", { cookie: `authjs.session-token=${SESSION}` }),
  ] },
  sign_out: { ...plain, users: [ANN], sessions: [annSession(0)], steps: [
    form("/signout", { ...csrf, callbackUrl: "/bye" }, { cookie: `$csrf; authjs.session-token=${SESSION}` }),
    form("/signout", csrf, { cookie: `$csrf; authjs.session-token=${SESSION}`, ...returnUrl }),
    form("/signout", csrf, { cookie: "$csrf" }),
  ] },
  link_for_a_new_user: { ...plain, steps: [
    form("/signin/email", { ...csrf, email: " Ann@Example.COM,x ", callbackUrl: "/people?q=a b" }, { cookie: "$csrf" }),
    get("$link", { cookie: "$csrf; authjs.callback-url=http%3A%2F%2Flocalhost%3A3000%2Fpeople%3Fq%3Da%20b" }),
    get("$link", { cookie: "$csrf" }),
  ] },
  link_for_a_new_user_with_pages: { ...plain, pages, steps: [
    form("/signin/email", { ...csrf, email: "ann@example.com", callbackUrl: "/people" }, { cookie: "$csrf" }),
    get("$link", { cookie: "$csrf" }),
  ] },
  link_for_a_known_user_over_https: { ...secure, users: [ANN], steps: [
    json("/signin/email", { ...csrf, email: "ann@example.com" }, { cookie: "$csrf", ...returnUrl }),
    after(60_000, get("$link", { cookie: "$csrf" })),
  ] },
  link_while_signed_in_as_another: { ...plain, users: [ANN, BOB], sessions: [{ sessionToken: OTHER_SESSION, userId: "u2", expires: iso(START + DAY) }], steps: [
    form("/signin/email", { ...csrf, email: "ann@example.com" }, { cookie: "$csrf" }),
    get("$link", { cookie: `$csrf; authjs.session-token=${OTHER_SESSION}` }),
  ] },
  link_while_signed_in_as_the_same: { ...plain, users: [ANN], sessions: [{ sessionToken: OTHER_SESSION, userId: "u1", expires: iso(START + DAY) }], steps: [
    form("/signin/email", { ...csrf, email: "ann@example.com" }, { cookie: "$csrf" }),
    get("$link", { cookie: `$csrf; authjs.session-token=${OTHER_SESSION}` }),
  ] },
  link_at_its_last_instant: { ...plain, users: [ANN], steps: [
    form("/signin/email", { ...csrf, email: "ann@example.com" }, { cookie: "$csrf" }),
    after(DAY, get("$link", { cookie: "$csrf" })),
  ] },
  link_expired: { ...plain, users: [ANN], steps: [
    form("/signin/email", { ...csrf, email: "ann@example.com" }, { cookie: "$csrf" }),
    after(DAY + 1, get("$link", { cookie: "$csrf" })),
    get("$link", { cookie: "$csrf", ...returnUrl }),
  ] },
  link_of_another_address: { ...plain, users: [ANN], steps: [
    form("/signin/email", { ...csrf, email: "ann@example.com" }, { cookie: "$csrf" }),
    get(`/callback/email?token=${TOKEN}&email=bob%40example.com`, { cookie: "$csrf" }),
    get(`/callback/email?token=${"cd".repeat(32)}&email=ann%40example.com`, { cookie: "$csrf" }),
  ] },
}

mkdirSync(join(here, "exchanges"), { recursive: true })
for (const [name, { steps, base_url, secret, pages, users = [], sessions = [], verificationTokens = [] }] of Object.entries(scenarios)) {
  now = START
  const before = { users, sessions, verificationTokens }
  const db = adapter(before)
  const cookiePrefix = base_url.startsWith("https") ? "__Host-" : ""
  const hash = Buffer.from(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(TOKEN + secret))).toString("hex")
  let link
  const { dump, ...methods } = db
  const config = {
    basePath: "/api/auth", trustHost: true, secret, pages: pages ?? {}, adapter: methods, logger: { error() {}, warn() {}, debug() {} },
    providers: [{ id: "email", type: "email", name: "Email", maxAge: 86400, sendVerificationRequest({ url }) { link = url } }],
  }
  const exchanges = []
  for (const { after = 0, method, path, headers = {}, body } of steps) {
    now += after
    const sent = { ...headers }
    if (sent.cookie) sent.cookie = sent.cookie.replace("$csrf", `${cookiePrefix}authjs.csrf-token=${TOKEN}%7C${hash}`)
    const url = path === "$link" ? link : `${base_url}/api/auth${path}`
    const response = await Auth(new Request(url, { method, headers: sent, body }), config)
    const kept = ["location", "content-type", "cache-control", "expires", "pragma"]
    const text = await response.text()
    const html = response.headers.get("content-type")?.startsWith("text/html")
    exchanges.push({
      at: iso(now),
      request: { method, uri: url.slice(base_url.length), headers: sent, ...(body !== undefined && { body }) },
      response: {
        status: response.status,
        headers: Object.fromEntries(kept.filter((k) => response.headers.has(k)).map((k) => [k, response.headers.get(k)])),
        set_cookie: response.headers.getSetCookie(),
        body: html ? "(page)" : text,
      },
    })
  }
  const file = { recorded_with: `@auth/core ${version}`, base_url, secret, ...(pages && { pages }), link, before, exchanges, afterwards: dump() }
  save(`exchanges/${name}.json`, file)
}

const emails = [
  "ann@example.com", " Ann@Example.COM ", "\ufeffann@example.com\u00a0", "ann@example.com,evil.example", "a,b@example.com",
  "ann\uff20example.com", "ann@example.com\uff20evil.example", "\uff21\uff2e\uff2e@example.com", "\u00c4NN@EXAMPLE.COM", "\u03a3\u03a3@example.com",
  "\u0130@example.com", "\ufb01x@example.com", "ann+tag@example.com", "ann@localhost", "ann@[127.0.0.1]", "'ann'@example.com",
  "\"ann@evil.example\"@example.com", "ann\"@example.com", "ann@@example.com", "ann@a@example.com", "@example.com", "ann@", "ann@,x", "ann@ ,x", "ann", "", " ",
  "an n@example.com", "ann@exam ple.com", "ann\nbcc@example.com", "ann@example.com\n,x", "ann\u0000@example.com",
]
const normalized = (text) => { try { return defaultNormalizer(text) } catch { return null } }
save("emails.json", { recorded_with: `@auth/core ${version}`, emails: emails.map((text) => [text, normalized(text)]) })
