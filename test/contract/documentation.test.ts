import t from 'tap'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { buildApp } from '../../src/app.ts'
import { createTestApp, testConfig } from '../helpers/app.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { startService } from '../helpers/service.ts'

const FOREIGN = /(?:src|href|url)\s*[=(:]\s*["']?(?:https?:)?\/\//i
const JSON_URL = '/documentation/json'
const FORMATS = [JSON_URL, '/documentation/yaml']

t.test('Swagger UI asks no other host', async (t) => {
  const app = await createTestApp(t)
  for (const url of ['/documentation', '/documentation/']) {
    const page = await app.inject(url)
    t.equal(page.statusCode, 200)
    t.notMatch(page.body, FOREIGN)
    const policy = String(page.headers['content-security-policy'])
    t.match(policy, /default-src 'none'/)
    t.notMatch(policy, /https?:/)
    for (const path of assetsOf(page.body, url)) {
      t.equal((await app.inject(path)).statusCode, 200, path)
    }
  }
  const script = await app.inject('/documentation/static/swagger-initializer.js')
  t.match(script.body, /validatorUrl"?: ?null/)
  t.notMatch(script.body, FOREIGN)
})

/** The paths of what a page loads, as a browser that shows it under this path resolves them. */
function assetsOf(page: string, path: string): string[] {
  const links = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link = '']) => link)
  t.ok(links.length >= 5)
  return links.map((link) => new URL(link, `http://localhost${path}`).pathname)
}

t.test('the document is made once, and sent as the client likes it', async (t) => {
  const app = await createTestApp(t)
  for (const url of FORMATS) {
    const plain = await app.inject(url)
    const tags = new Set<unknown>()
    for (const [accepted, coding, decode] of [
      ['', undefined, (bytes: Buffer) => bytes],
      ['br', 'br', brotliDecompressSync],
      ['gzip', 'gzip', gunzipSync],
    ] as const) {
      const headers = { 'accept-encoding': accepted }
      const answer = await app.inject({ url, headers })
      t.equal(answer.headers['content-encoding'], coding)
      t.equal(answer.headers['vary'], 'accept-encoding')
      t.equal(decode(answer.rawPayload).toString(), plain.body)
      const { etag } = answer.headers
      t.match(etag, /^"[\w-]+"$/)
      tags.add(etag)

      const known = { ...headers, 'if-none-match': `"x", ${etag}` }
      const again = await app.inject({ url, headers: known })
      t.match([again.statusCode, again.body, again.headers.etag], [304, '', etag])
      t.equal(again.headers['vary'], 'accept-encoding')
      const other = { 'accept-encoding': 'identity', 'if-none-match': String(etag) }
      t.equal(
        (await app.inject({ url, headers: other })).statusCode,
        coding === undefined ? 304 : 200,
      )
      const head = await app.inject({ method: 'HEAD', url, headers })
      t.strictSame([head.statusCode, head.body, head.headers.etag], [200, '', etag])
    }
    t.equal(tags.size, 3, 'each coding has bytes and a tag of its own')
  }
})

t.test('behind a proxy', async (t) => {
  await t.test('the document and the page hold under X-Forwarded-Prefix', async (t) => {
    const app = await createTestApp(t, { environment: { TRUST_PROXY: 'on' } })
    const headers = { 'x-forwarded-prefix': '/reservations' }
    const [json, yaml] = await Promise.all(FORMATS.map((url) => app.inject({ url, headers })))
    t.match(json?.json(), { servers: [{ url: '/reservations' }] })
    t.match(yaml?.body, /^servers:\n {2}- url: \/reservations\n/m)
    for (const path of ['/documentation', '/documentation/']) {
      const page = await app.inject({ url: path, headers })
      for (const asset of assetsOf(page.body, `/reservations${path}`)) {
        t.match(asset, /^\/reservations\/documentation\/static\//)
      }
    }
    const redirect = await app.inject({ url: '/documentation/static/index.html', headers })
    t.equal(redirect.headers.location, '/reservations/documentation/')

    const plain = await app.inject('/documentation/json')
    t.match(plain.json(), { servers: [{ url: '/' }] })
    t.not(plain.headers.etag, json?.headers.etag)
    // It is not compressed for who may have made the prefix up.
    const compressed = { ...headers, 'accept-encoding': 'br, gzip' }
    for (const url of FORMATS) {
      const answer = await app.inject({ url, headers: compressed })
      t.equal(answer.headers['content-encoding'], undefined)
      const known = { ...compressed, 'if-none-match': String(answer.headers.etag) }
      t.equal((await app.inject({ url, headers: known })).statusCode, 304)
      t.match(answer.headers['vary'], 'accept-encoding')
      const own = await app.inject({ url, headers: { 'accept-encoding': 'br, gzip' } })
      t.equal(own.headers['content-encoding'], 'br')
    }
    for (let i = 0; i < 20; i += 1) {
      const other = await app.inject({
        url: JSON_URL,
        headers: { 'x-forwarded-prefix': `/p${i}` },
      })
      t.match(other.json(), { servers: [{ url: `/p${i}` }] })
    }
    for (const bad of ['reservations', '/a b', '//evil.example', '/"', `/${'x'.repeat(300)}`]) {
      const answer = await app.inject({ url: JSON_URL, headers: { 'x-forwarded-prefix': bad } })
      t.match(answer.json(), { servers: [{ url: '/' }] })
    }
    const again = await app.inject({ url: JSON_URL, headers })
    t.equal(again.headers.etag, json?.headers.etag)
  })

  await t.test('the header of a proxy that is not believed says nothing', async (t) => {
    const app = await createTestApp(t)
    const headers = { 'x-forwarded-prefix': '/reservations' }
    const answer = await app.inject({ url: JSON_URL, headers })
    t.match(answer.json(), { servers: [{ url: '/' }] })
  })

  await t.test('BASE_PATH holds whatever a proxy says', async (t) => {
    const app = await createTestApp(t, {
      environment: { TRUST_PROXY: 'on', BASE_PATH: '/tickets/eu' },
    })
    const headers = { 'x-forwarded-prefix': '/reservations' }
    const answer = await app.inject({ url: JSON_URL, headers })
    t.match(answer.json(), { servers: [{ url: '/tickets/eu' }] })
  })
})

t.test('what fails while the document is sent is a 500', async (t) => {
  const database = await createTestDatabase(t)
  const app = await buildApp(testConfig(database.url))
  t.teardown(() => app.close())
  app.addHook('onRequest', (_request, reply, next) => {
    reply.headers = () => {
      throw new Error('broken')
    }
    next()
  })
  for (const url of FORMATS) t.equal((await app.inject(url)).statusCode, 500)
})

t.test('DOCUMENTATION=off: there is none', async (t) => {
  const database = await createTestDatabase(t)
  const app = await createTestApp(t, { database, environment: { DOCUMENTATION: 'off' } })
  for (const path of ['', '/', '/json', '/yaml', '/static/index.html']) {
    const answer = await app.inject(`/documentation${path}`)
    t.equal(answer.statusCode, 404)
    t.strictSame(answer.json(), { error: 'Not found' })
  }
  t.equal((await app.inject('/api/events')).statusCode, 200)
})

t.test('the start promises no documentation where there is none', async (t) => {
  const database = await createTestDatabase(t)
  for (const [setting, line] of [
    ['on', /^Documentation at http:\S+\/documentation$/],
    ['off', /^API at http:\S+\/api$/],
  ] as const) {
    const service = await startService(t, database.url, { DOCUMENTATION: setting })
    await service.stop()
    t.match(service.printed.at(-1), line)
  }
})
