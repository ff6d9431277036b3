import { createRequire } from 'node:module'

// To be imported before a program: prints, when that ends, which packages it has loaded of those that
// make traces. They are CommonJS, so the cache has all of them, however they were asked for.
const { cache } = createRequire(import.meta.url)
process.on('exit', () => {
  const packages = Object.keys(cache).flatMap((path) => {
    const name = /.*\/node_modules\/((@opentelemetry|@fastify)\/[^/]+)\//.exec(path)?.[1]
    return name === undefined ? [] : [name]
  })
  process.stdout.write(`loaded: ${[...new Set(packages)].sort().join(' ')}\n`)
})
