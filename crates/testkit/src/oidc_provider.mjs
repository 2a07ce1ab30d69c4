// A real OpenID Connect provider on loopback, and a person who uses it. The test writes a JSON object a line, and
// reads one a line:
//
//   {"go": URL, "login": NAME, "abort": true}   walks through the provider's pages -> {"to": where it sends the browser}
//   {"rotate": true}                            signs with another key from now on -> {"done": true}
//   {"client": REDIRECT_URI}                    sends its client's users there from now on -> {"done": true}
//
// The first line is {"issuer": URL}. Run in the folder in which oidc-provider is installed.
import { createServer } from "node:http"
import { createRequire } from "node:module"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { pathToFileURL } from "node:url"

const require = createRequire(join(process.cwd(), "x.js"))
const load = async (name) => import(pathToFileURL(require.resolve(name)))
console.info = console.warn = console.error = () => {}
const { default: Provider } = await load("oidc-provider")
const { generateKeyPair, exportJWK } = await load("jose")

const say = (value) => process.stdout.write(JSON.stringify(value) + "\n")
let handle
const server = createServer((request, response) => handle(request, response))
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve))
const issuer = `http://127.0.0.1:${server.address().port}`

let number = 0
let key
let redirectUri = "http://localhost/"
async function rotate() {
  number += 1
  const { privateKey } = await generateKeyPair("RS256", { extractable: true })
  key = { ...(await exportJWK(privateKey)), kid: `key-${number}`, use: "sig", alg: "RS256" }
}

function restart() {
  const provider = new Provider(issuer, {
    clients: [{
      client_id: "people", client_secret: "a secret of the client", redirect_uris: [redirectUri],
      grant_types: ["authorization_code", "refresh_token"], token_endpoint_auth_method: "client_secret_basic",
    }],
    jwks: { keys: [key] },
    pkce: { required: () => true },
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    issueRefreshToken: async () => true,
    rotateRefreshToken: true,
    ttl: { AccessToken: 120, IdToken: 600, AuthorizationCode: 60, RefreshToken: 3600, Interaction: 600, Session: 3600, Grant: 3600 },
    cookies: { keys: ["for the tests"] },
    findAccount: async (_, id) => ({
      accountId: id,
      claims: async () => ({ sub: id, email: `${id}@example.com`, email_verified: true, name: id }),
    }),
  })
  handle = provider.callback()
}
await rotate()
restart()
say({ issuer })

/** Walks through the pages as a person does in a browser: signs in, agrees, until the provider lets go. */
async function walk({ go, login, abort }) {
  const cookies = new Map()
  let url = go
  let form
  for (let step = 0; step < 20; step++) {
    const response = await fetch(url, {
      redirect: "manual",
      method: form ? "POST" : "GET",
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; ") },
      ...(form && { body: new URLSearchParams(form) }),
    })
    form = undefined
    for (const cookie of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie)
      if (value) cookies.set(name, value)
      else cookies.delete(name)
    }
    const location = response.headers.get("location")
    if (location) {
      url = new URL(location, url).href
      if (!url.startsWith(issuer)) return { to: url }
      continue
    }
    const page = await response.text()
    const action = /<form[^>]+action="([^"]+)"/.exec(page)?.[1]
    if (!action) return { status: response.status, page: page.slice(0, 400) }
    if (abort) {
      url = `${action}/abort`
      continue
    }
    const prompt = /name="prompt" value="([^"]+)"/.exec(page)[1]
    form = prompt === "login" ? { prompt, login, password: "any" } : { prompt }
    url = new URL(action, url).href
  }
  return { lost: url }
}

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line)
  if (command.rotate) {
    await rotate()
    restart()
    say({ done: true })
  } else if (command.client) {
    redirectUri = command.client
    restart()
    say({ done: true })
  } else {
    say(await walk(command))
  }
}
process.exit()
