// Records how @auth/core answers a set of exchanges, so that the Rust tests can replay them.
//
//   npm install @auth/core@0.41.3
//   node record.mjs            (writes emails.json, sealed.json, exchanges/<scenario>.json and providers/<scenario>.json)
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
const { encode, decode } = await import(pathToFileURL(join(core, "jwt.js")))
const { default: GitHub } = await import(pathToFileURL(join(core, "providers/github.js")))
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

const KEPT = ["location", "content-type", "cache-control", "expires", "pragma"]

// What was asked and answered, as it is kept: of a page only that it is one.
function exchange({ method, uri, headers, body }, response, text) {
  const html = response.headers.get("content-type")?.startsWith("text/html")
  return {
    at: iso(now),
    request: { method, uri, headers, ...(body !== undefined && { body }) },
    response: {
      status: response.status,
      headers: Object.fromEntries(KEPT.filter((k) => response.headers.has(k)).map((k) => [k, response.headers.get(k)])),
      set_cookie: response.headers.getSetCookie(),
      body: html ? "(page)" : text,
    },
  }
}

function adapter(state) {
  const users = state.users.map((u) => ({ ...u }))
  let sessions = state.sessions.map((s) => ({ ...s, expires: new Date(s.expires) }))
  let tokens = state.verificationTokens.map((t) => ({ ...t, expires: new Date(t.expires) }))
  const accounts = state.accounts?.map((a) => ({ ...a }))
  return {
    dump: () => ({
      ...(accounts && { accounts }),
      users: users.map((u) => ({ ...u, emailVerified: u.emailVerified && iso(u.emailVerified) })),
      sessions: sessions.map((s) => ({ ...s, expires: iso(s.expires) })),
      verificationTokens: tokens.map((t) => ({ ...t, expires: iso(t.expires) })),
    }),
    async createUser({ id, ...user }) { users.push({ id: "created", name: null, image: null, ...user }); return users.at(-1) },
    async getUser(id) { return users.find((u) => u.id === id) ?? null },
    async getUserByEmail(email) { return users.find((u) => u.email === email) ?? null },
    async getUserByAccount({ provider, providerAccountId }) {
      const account = accounts?.find((a) => a.provider === provider && a.providerAccountId === providerAccountId)
      return users.find((u) => u.id === account?.userId) ?? null
    },
    async updateUser(user) { return Object.assign(users.find((u) => u.id === user.id), user) },
    async linkAccount(account) { accounts?.push(account) },
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
    const text = await response.text()
    exchanges.push(exchange({ method, uri: url.slice(base_url.length), headers: sent, body }, response, text))
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

// What one side seals in a cookie, the other reads. With the same random bytes both write the same text.
const sealed = []
for (const [secret, salt, token, maxAge] of [
  ["a secret that is used for tests only", "authjs.state", { value: "abc", provider: "google" }, 900],
  ["a secret that is used for tests only", "__Secure-authjs.pkce.code_verifier", { value: "q".repeat(43), provider: "github" }, 900],
  ["\u00fcber", "encodedState", { random: "r" }, 60],
  [["new", "old"], "authjs.nonce", { value: "\u00e4 \u2713", provider: "test" }, 900],
]) {
  now = START
  const text = await encode({ token, secret, salt, maxAge })
  if (!(await decode({ token: text, secret, salt }))) throw new Error("not read back")
  sealed.push({ secrets: [secret].flat(), salt, token, max_age: maxAge, sealed: text })
}
save("sealed.json", { recorded_with: `@auth/core ${version}`, at: iso(START), sealed })

// Sign-in at providers. The provider answers what a scenario says; its own id tokens are not signed, because
// @auth/core does not look at signatures.
const PROVIDER = "http://provider.test"
const CLIENT = { clientId: "client id", clientSecret: "secret+/\u00e4" }
const BASE_CLAIMS = { iss: PROVIDER, sub: "s1", aud: CLIENT.clientId, exp: START / 1000 + 600, iat: START / 1000, nonce: "$nonce" }
const PERSON = { name: "Ann", email: "Ann@Example.com", picture: "https://example.com/ann.png" }
const base64url = (value) => Buffer.from(JSON.stringify(value)).toString("base64url")
const fakeToken = (claims) => `${base64url({ alg: "ES256" })}.${base64url(claims)}.${Buffer.from("signature").toString("base64url")}`

const kinds = {
  oidc: (spec) => ({
    id: spec.id, name: spec.id, type: "oidc", issuer: PROVIDER, checks: ["pkce", "state", "nonce"],
    ...(spec.userinfo && { idToken: false }),
  }),
  oauth: (spec) => ({
    id: spec.id, name: spec.id, type: "oauth", issuer: PROVIDER, checks: ["pkce", "state"],
    authorization: { url: `${PROVIDER}/authorize?kept=1`, params: { scope: "read" } }, token: `${PROVIDER}/token`, userinfo: `${PROVIDER}/userinfo`,
  }),
  github: (spec) => ({ ...GitHub({ ...CLIENT, ...(spec.enterprise && { enterprise: { baseUrl: PROVIDER } }) }), checks: ["pkce", "state"] }),
}
const configured = (spec) => ({
  ...kinds[spec.kind](spec), ...CLIENT,
  ...(spec.post && { client: { token_endpoint_auth_method: "client_secret_post" } }),
  ...(spec.dangerous && { allowDangerousEmailAccountLinking: true }),
})

const tokens = (more = {}, claims = {}) =>
  ({ access_token: "at", token_type: "Bearer", expires_in: 3600, refresh_token: "rt", scope: "openid email", session_state: "ss", ...more, id_token_claims: { ...BASE_CLAIMS, ...PERSON, ...claims } })
const plainTokens = { access_token: "at", token_type: "bearer", scope: "read" }
const start = (id, fields = {}, headers = {}, query = "") => form(`/signin/${id}${query}`, { ...csrf, ...fields }, { cookie: "$csrf", ...headers })
const back = (id, params = {}, more = {}) => ({ ...get(`/callback/${id}?${new URLSearchParams({ code: "c1", state: "$state", ...params })}`, { cookie: more.cookie ?? "$csrf; $checks" }), ...more })
const answer = (body, status = 200) => ({ status, body })
const oidc = { kind: "oidc", id: "test" }
const account = (userId) => ({ userId, type: "oidc", provider: "test", providerAccountId: "s1" })
const signedIn = (userId) => ({ sessionToken: OTHER_SESSION, userId, expires: iso(START + DAY) })
const happy = { "/token": answer(tokens()) }
const failing = (claims) => ({ ...plain, specs: [oidc], answers: { "/token": answer(tokens({}, claims)) }, steps: [start("test"), back("test")] })

const providerScenarios = {
  oidc_new_user: { ...plain, specs: [oidc], answers: happy, steps: [start("test", { callbackUrl: "/people" }), back("test", { iss: PROVIDER }, { cookie: "$csrf; $checks; authjs.callback-url=http%3A%2F%2Flocalhost%3A3000%2Fpeople" })] },
  oidc_new_user_with_pages: { ...plain, pages, specs: [oidc], answers: happy, steps: [start("test"), back("test")] },
  oidc_over_https: { ...secure, specs: [oidc], answers: happy, steps: [start("test", {}, returnUrl), back("test")] },
  oidc_sparse_answer: { ...plain, specs: [oidc], answers: { "/token": answer(tokens({ expires_in: undefined, refresh_token: undefined, scope: undefined, session_state: undefined }, { name: undefined, nickname: "annie", picture: undefined })) }, steps: [start("test"), back("test")] },
  oidc_profile_from_userinfo: { ...plain, specs: [{ ...oidc, userinfo: true }], answers: { ...happy, "/userinfo": answer({ sub: "s1", name: "Other", email: "other@example.com" }) }, steps: [start("test"), back("test")] },
  oidc_userinfo_of_another: { ...plain, specs: [{ ...oidc, userinfo: true }], answers: { ...happy, "/userinfo": answer({ sub: "s2", email: "other@example.com" }) }, steps: [start("test"), back("test")] },
  oidc_secret_in_the_form: { ...plain, specs: [{ ...oidc, post: true }], answers: happy, steps: [start("test"), back("test")] },
  oidc_more_parameters: { ...plain, specs: [oidc], steps: [start("test", {}, {}, "?login_hint=ann%40example.com&prompt=consent")] },
  oauth_new_user: { ...plain, specs: [{ kind: "oauth", id: "plain" }], answers: { "/token": answer(plainTokens), "/userinfo": answer({ id: 42, name: null, nickname: "annie", email: "ann@example.com" }) }, steps: [start("plain"), back("plain")] },
  github_sign_in: { ...plain, specs: [{ kind: "github", id: "github" }], steps: [get("/providers"), start("github")] },
  github_hidden_address: { ...plain, specs: [{ kind: "github", id: "github", enterprise: true }], answers: { "/login/oauth/access_token": answer(plainTokens), "/api/v3/user": answer({ id: 7, login: "ann", name: null, email: null, avatar_url: "https://example.com/a.png" }), "/api/v3/user/emails": answer([{ email: "old@example.com", primary: false, verified: true }, { email: "ann@example.com", primary: true, verified: true }]) }, steps: [start("github"), back("github")] },
  github_public_address: { ...plain, specs: [{ kind: "github", id: "github", enterprise: true }], answers: { "/login/oauth/access_token": answer(plainTokens), "/api/v3/user": answer({ id: 7, login: "ann", name: "Ann", email: "ann@example.com", avatar_url: "https://example.com/a.png" }) }, steps: [start("github"), back("github")] },
  github_code_refused: { ...plain, specs: [{ kind: "github", id: "github", enterprise: true }], answers: { "/login/oauth/access_token": answer({ error: "bad_verification_code" }) }, steps: [start("github"), back("github")] },
  account_known_signed_out: { ...plain, users: [ANN], accounts: [account("u1")], specs: [oidc], answers: happy, steps: [start("test"), back("test")] },
  account_known_signed_in: { ...plain, users: [ANN], accounts: [account("u1")], sessions: [signedIn("u1")], specs: [oidc], answers: happy, steps: [start("test"), back("test", {}, { cookie: `$csrf; $checks; authjs.session-token=${OTHER_SESSION}` })] },
  account_known_signed_in_as_another: { ...plain, users: [ANN, BOB], accounts: [account("u1")], sessions: [signedIn("u2")], specs: [oidc], answers: happy, steps: [start("test"), back("test", {}, { cookie: `$csrf; $checks; authjs.session-token=${OTHER_SESSION}` })] },
  account_unknown_signed_in: { ...plain, users: [BOB], accounts: [], sessions: [signedIn("u2")], specs: [oidc], answers: happy, steps: [start("test"), back("test", {}, { cookie: `$csrf; $checks; authjs.session-token=${OTHER_SESSION}` })] },
  account_unknown_address_known: { ...plain, users: [ANN], specs: [oidc], answers: happy, steps: [start("test"), back("test")] },
  account_unknown_address_known_with_pages: { ...plain, pages, users: [ANN], specs: [oidc], answers: happy, steps: [start("test"), back("test")] },
  account_unknown_address_trusted: { ...plain, users: [ANN], specs: [{ ...oidc, dangerous: true }], answers: happy, steps: [start("test"), back("test")] },
  two_providers: { ...plain, specs: [oidc, { kind: "oauth", id: "plain" }], answers: happy, steps: [get("/providers"), start("test"), back("plain"), get("/signin/test"), form("/signin/test", {}, { cookie: "$csrf" }), form("/signin/test", csrf, {})] },
  provider_says_no: { ...plain, specs: [oidc], steps: [start("test"), back("test", { error: "access_denied", error_description: "<script>" }), back("test", { error: "access_denied", state: "forged" })] },
  provider_posts: { ...plain, specs: [oidc], answers: happy, steps: [start("test"), { ...back("test"), method: "POST" }] },
  checks_missing: { ...plain, specs: [oidc], answers: happy, steps: [
    start("test"), back("test", {}, { cookie: "$csrf" }), back("test", { state: "" }), back("test", { state: "forged" }),
    back("test", {}, { cookie: "$csrf; $check:state" }), back("test", {}, { cookie: "$csrf; $check:state; $check:pkce.code_verifier" }),
    back("test", {}, { cookie: "$csrf; $check:state; $check:nonce" }), get("/callback/test?state=x", { cookie: "$csrf; $checks" }),
    { ...get("/callback/test?state=$state", { cookie: "$csrf; $checks" }) }, back("test", { response: "x" }), back("test", { id_token: "x" }),
  ] },
  checks_at_their_last_second: { ...plain, specs: [oidc], answers: { "/token": answer(tokens({}, { exp: START / 1000 + 4000 })) }, steps: [start("test"), { ...back("test"), after: 914_000 }] },
  checks_expired: { ...plain, specs: [oidc], answers: happy, steps: [start("test"), { ...back("test"), after: 915_000 }] },
  issuers_mixed_up: { ...plain, specs: [oidc], answers: happy, steps: [start("test"), back("test", { iss: "http://evil.test" })] },
  code_refused: { ...plain, specs: [oidc], answers: { "/token": answer({ error: "invalid_grant" }, 400) }, steps: [start("test"), back("test")] },
  no_id_token: { ...plain, specs: [oidc], answers: { "/token": answer(plainTokens) }, steps: [start("test"), back("test")] },
  id_token_of_another_issuer: failing({ iss: "http://evil.test" }),
  id_token_for_another_client: failing({ aud: "other" }),
  id_token_for_several_clients: failing({ aud: ["client id", "other"] }),
  id_token_for_several_clients_and_this_one: failing({ aud: ["client id", "other"], azp: "client id" }),
  id_token_by_another_party: failing({ azp: "other" }),
  id_token_expired: failing({ exp: START / 1000 - 31 }),
  id_token_expired_just_now: failing({ exp: START / 1000 - 29 }),
  id_token_with_another_nonce: failing({ nonce: "other" }),
  id_token_without_nonce: failing({ nonce: undefined }),
  id_token_of_tomorrow: failing({ nbf: START / 1000 + 86_400 }),
}

mkdirSync(join(here, "providers"), { recursive: true })
for (const [name, { steps, base_url, secret, pages, specs, answers = {}, users = [], sessions = [], accounts = [] }] of Object.entries(providerScenarios)) {
  now = START
  const before = { users, sessions, verificationTokens: [], accounts }
  const { dump, ...methods } = adapter(before)
  const prefix = base_url.startsWith("https") ? "__Host-" : ""
  const hash = Buffer.from(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(TOKEN + secret))).toString("hex")
  const known = { state: "", nonce: "", checks: [] }
  const asked = []
  globalThis.fetch = async (input, init = {}) => {
    const request = new Request(input, { ...init, ...(init.body && { duplex: "half" }) })
    const { pathname, origin } = new URL(request.url)
    if (pathname === "/.well-known/openid-configuration") {
      return Response.json({
        issuer: origin, authorization_endpoint: `${origin}/authorize`, token_endpoint: `${origin}/token`, userinfo_endpoint: `${origin}/userinfo`,
        jwks_uri: `${origin}/jwks`, id_token_signing_alg_values_supported: ["ES256"], response_types_supported: ["code"], subject_types_supported: ["public"],
      })
    }
    const authorization = request.headers.get("authorization")
    const body = await request.text()
    asked.push({ method: request.method, path: pathname, ...(authorization && { authorization }), ...(body && { form: Object.fromEntries([...new URLSearchParams(body)].sort()) }) })
    const found = answers[pathname]
    if (!found) return new Response(null, { status: 404 })
    const { id_token_claims, ...rest } = found.body
    if (Array.isArray(found.body) || !id_token_claims) return Response.json(found.body, { status: found.status })
    const claims = JSON.parse(JSON.stringify(id_token_claims).replace("$nonce", known.nonce))
    return Response.json({ ...rest, id_token: fakeToken(claims) }, { status: found.status })
  }
  const config = {
    basePath: "/api/auth", trustHost: true, secret, pages: pages ?? {}, adapter: methods, logger: { error() {}, warn() {}, debug() {} },
    providers: specs.map(configured),
  }
  const exchanges = []
  for (const { after = 0, method, path, headers = {}, body } of steps) {
    now += after
    const fill = (text) => text
      .replace("$csrf", `${prefix}authjs.csrf-token=${TOKEN}%7C${hash}`)
      .replace("$checks", known.checks.join("; "))
      .replace(/\$check:([a-z_.]+)/g, (_, check) => known.checks.find((cookie) => cookie.includes(`authjs.${check}=`)) ?? "")
    const sent = { ...headers, ...(headers.cookie && { cookie: fill(headers.cookie) }) }
    const url = `${base_url}/api/auth${path.replace(/\$state|%24state/, encodeURIComponent(known.state))}`
    const response = await Auth(new Request(url, { method, headers: sent, body }), config)
    const text = await response.text()
    if (path.startsWith("/signin/")) {
      const location = response.headers.get("location")
      const target = new URL(location ?? base_url)
      if (target.searchParams.has("state")) {
        known.state = target.searchParams.get("state")
        known.nonce = target.searchParams.get("nonce")
        known.checks = response.headers.getSetCookie().map((cookie) => cookie.split(";")[0]).filter((cookie) => /authjs\.(state|pkce|nonce)/.test(cookie))
      }
    }
    exchanges.push({
      ...exchange({ method, uri: url.slice(base_url.length), headers: sent, body }, response, text),
      asked: asked.splice(0),
    })
  }
  const afterwards = dump()
  for (const account of afterwards.accounts) {
    delete account.id
    if (account.id_token) account.id_token = "(id token)"
  }
  save(`providers/${name}.json`, {
    recorded_with: `@auth/core ${version}`, base_url, secret, ...(pages && { pages }), client: CLIENT, specs, answers, before, exchanges, afterwards,
  })
}
