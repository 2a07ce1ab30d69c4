// Builds the application on the schema of People: node build.mjs PATH-OF-SCHEMA
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { build } from 'esbuild'

const schema = readFileSync(process.argv[2], 'utf8')
const generator = 'generator client {\n  provider   = "prisma-client-js"\n  engineType = "client"\n}'
// The models are left as they are: that Auth.js's adapter works on them is what is shown.
writeFileSync('schema.prisma', schema.replace(/^generator client \{[^}]*\}/m, generator))

const environment = {
  ...process.env,
  // Engines are looked for before it turns out that none is used; any program will do.
  PRISMA_SCHEMA_ENGINE_BINARY: '/bin/true',
  PRISMA_QUERY_ENGINE_LIBRARY: '/bin/true',
  CHECKPOINT_DISABLE: '1',
  PRISMA_HIDE_UPDATE_MESSAGE: '1',
  NEXT_TELEMETRY_DISABLED: '1',
  // Pages are built, not asked for, but the settings are read all the same.
  DATABASE_URL: 'postgresql://localhost/none',
  AUTH_SECRET: 'none, for nobody is served while building',
  EMAIL_SERVER: 'smtp://localhost:25',
  EMAIL_FROM: 'people@example.com',
}
const run = (script, ...words) =>
  execFileSync('node', [`node_modules/${script}`, ...words], { env: environment, stdio: 'inherit' })

run('prisma/build/index.js', 'generate', '--no-hints', '--schema', 'schema.prisma')
run('next/dist/bin/next', 'build')

await build({
  entryPoints: ['browser-client.jsx'],
  bundle: true,
  format: 'iife',
  jsx: 'automatic',
  outfile: 'out/browser-client.js',
  // The client looks for the address of its server in these, and without them takes the page's own.
  define: {
    'process.env': '{}',
    'process.env.NODE_ENV': '"production"',
  },
})
