// @auth/core itself, with one OpenID Connect provider `test` and a database in memory. The test writes requests, a JSON
// object a line, and reads the responses. Run in the folder in which @auth/core is installed.
//
//   node serve.mjs SECRET ISSUER CLIENT_ID CLIENT_SECRET
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { createInterface } from "node:readline"
import { pathToFileURL } from "node:url"

const core = dirname(createRequire(join(process.cwd(), "x.js")).resolve("@auth/core"))
const { Auth } = await import(pathToFileURL(join(core, "index.js")))
const [secret, issuer, clientId, clientSecret] = process.argv.slice(2)

const users = [], accounts = [], sessions = []
const config = {
  basePath: "/api/auth", trustHost: true, secret, logger: { error() {}, warn() {}, debug() {} },
  providers: [{ id: "test", name: "Test", type: "oidc", issuer, clientId, clientSecret, checks: ["pkce", "state", "nonce"] }],
  adapter: {
    async createUser(user) { users.push(user); return user },
    async getUser(id) { return users.find((user) => user.id === id) ?? null },
    async getUserByEmail() { return null },
    async getUserByAccount({ provider, providerAccountId }) {
      const account = accounts.find((a) => a.provider === provider && a.providerAccountId === providerAccountId)
      return users.find((user) => user.id === account?.userId) ?? null
    },
    async updateUser(user) { return user },
    async linkAccount(account) { accounts.push(account) },
    async createSession(session) { sessions.push(session); return session },
    async getSessionAndUser(token) {
      const session = sessions.find((session) => session.sessionToken === token)
      return session ? { session, user: users.find((user) => user.id === session.userId) } : null
    },
    async updateSession(session) { return session },
    async deleteSession() {},
  },
}

for await (const line of createInterface({ input: process.stdin })) {
  const { url, ...init } = JSON.parse(line)
  const response = await Auth(new Request(url, init), config)
  const answer = {
    status: response.status, location: response.headers.get("location"), set_cookie: response.headers.getSetCookie(),
    body: await response.text(), accounts: accounts.map((a) => [a.provider, a.providerAccountId]),
  }
  process.stdout.write(JSON.stringify(answer) + "\n")
}
