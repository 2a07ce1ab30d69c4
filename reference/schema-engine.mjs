// Loads Prisma's schema engine into this process, without its command line: `loadSchemaEngine()` returns the class.
//
// The package contains the engine as WebAssembly, but its JavaScript bindings only inside a bundle. They are found by
// their structure, because the names in the bundle are arbitrary.
import fs from 'node:fs'
import path from 'node:path'
import { createRequire } from 'node:module'

export function loadSchemaEngine(directory) {
  const build = path.join(directory, 'node_modules/prisma/build')
  const bundle = fs.readFileSync(path.join(build, 'index.js'), 'utf8')
  const start = /var (\w+)=\{\};(\w+)\(\1,\{SchemaEngine:/.exec(bundle)
  const end = /\(\w+\.prototype\[Symbol\.dispose\]=\w+\.prototype\.free\)\}\);/g
  end.lastIndex = start.index
  end.exec(bundle)
  const glue = bundle.slice(start.index, end.lastIndex)
  const [, init, lazy] = /(\w+)=(\w+)\(\(\)=>\{"use strict";/.exec(glue)
  const exportsOf = (target, all) => {
    for (const name in all) Object.defineProperty(target, name, { get: all[name], enumerable: true })
  }
  const once = (run) => () => run && ((run = run()), (run = undefined))
  const connect = new Function(start[2], lazy, 'module', `${glue};${init}();return ${start[1]}`)(exportsOf, once, { require: createRequire(import.meta.url) })
  const engine = new WebAssembly.Module(fs.readFileSync(path.join(build, 'schema_engine_bg.wasm')))
  const instance = new WebAssembly.Instance(engine, { './schema_engine_bg.js': connect })
  connect.__wbg_set_wasm(instance.exports)
  instance.exports.__wbindgen_start()
  return connect.SchemaEngine
}
