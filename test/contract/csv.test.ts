import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { gunzipSync } from 'node:zlib'
import { createApi } from '../helpers/api.ts'
import { parseCsv } from '../helpers/csv.ts'
import { createTenants } from '../helpers/tenants.ts'
import { createTokenApi } from '../helpers/token-api.ts'

const CSV = { accept: 'text/csv' }

/** A row of JSON as the cells of its line. */
function cellsOf(row: Record<string, unknown>): string[] {
  return Object.values(row).map((value) =>
    value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value),
  )
}

async function linesOf(app: Pick<FastifyInstance, 'inject'>, url: string, headers: object = {}) {
  const { body, statusCode } = await app.inject({
    url: `/api${url}`,
    headers: { ...CSV, ...headers },
  })
  return statusCode === 200 ? parseCsv(body) : statusCode
}

t.test('lists as CSV', async (t) => {
  const { app, ask, createEvent, reserve, readAll, database } = await createApi(t)
  const eventId = await createEvent({ total_seats: 2500, metadata: { hall: 'a, "b"' } })
  await reserve(eventId, '=HYPERLINK("x")')
  await database.pool.query(
    `INSERT INTO bookings (event_id, user_id) SELECT $1, 'user, "' || n || E'"\\nb' FROM generate_series(1, 2499) n`,
    [eventId],
  )
  await reserve(eventId, '-1', { waitlist: true })
  const inEvent = `/events/${eventId}`

  await t.test('all rows of all pages, as JSON has them', async (t) => {
    for (const [url, member] of [
      [`/bookings?event_id=${eventId}`, 'bookings'],
      [`/bookings?event_id=${eventId}&order=desc`, 'bookings'],
      [`/bookings?user_id=%3DHYPERLINK(%22x%22)`, 'bookings'],
      [`${inEvent}/waitlist?`, 'waitlist'],
      [`${inEvent}/waitlist?user_id=-1`, 'waitlist'],
      [`${inEvent}/history?`, 'history'],
      [`${inEvent}/history?after=1`, 'history'],
    ] as const) {
      const rows = await readAll(url, member, 100)
      const lines = await linesOf(app, `${url}&limit=100`)
      const guarded = (cell: string): string => (/^[=-]/.test(cell) ? `'${cell}` : cell)
      const expected = [Object.keys(rows[0] ?? {}), ...rows.map((row) => cellsOf(row).map(guarded))]
      t.strictSame(lines, expected, `${url}: ${rows.length} rows`)
    }
  })

  await t.test('headers, of GET and of HEAD', async (t) => {
    for (const [url, name] of [
      [`/bookings?event_id=${eventId}`, `bookings-event-${eventId}`],
      ['/bookings', 'bookings'],
      [`${inEvent}/waitlist`, `waitlist-event-${eventId}`],
      [`${inEvent}/history`, `history-event-${eventId}`],
    ] as const) {
      for (const method of ['GET', 'HEAD'] as const) {
        const { statusCode, headers, body } = await app.inject({
          method,
          url: `/api${url}`,
          headers: CSV,
        })
        t.match(
          { statusCode, ...headers },
          {
            statusCode: 200,
            'content-type': 'text/csv; charset=utf-8',
            'content-disposition': `attachment; filename="${name}.csv"`,
            vary: /accept, accept-encoding/,
          },
        )
        t.equal(headers['content-length'], undefined)
        t.equal(body === '', method === 'HEAD')
      }
    }
  })

  await t.test('only for who asks for it', async (t) => {
    const typeFor = async (accept: string) => {
      const { headers } = await app.inject({ url: '/api/bookings', headers: { accept } })
      t.match(headers['vary'], /accept,/)
      return String(headers['content-type']).split(';')[0]
    }
    for (const accept of [
      '*/*',
      '',
      'text/*',
      'text/html',
      'text/csv;q=0',
      'text/csv;q=0.5, */*',
    ]) {
      t.equal(await typeFor(accept), 'application/json', accept)
    }
    for (const accept of [
      'text/csv',
      'TEXT/CSV;q=0.2',
      'text/csv, application/json;q=0.9',
      '*/*;q=0.1, text/csv',
    ]) {
      t.equal(await typeFor(accept), 'text/csv', accept)
    }
    const events = await app.inject({ url: '/api/events', headers: CSV })
    t.equal(events.statusCode, 200, 'other lists are JSON')
  })

  await t.test('compressed for who takes that', async (t) => {
    const url = `/api/bookings?event_id=${eventId}&limit=100`
    const plain = await app.inject({ url, headers: CSV })
    const zipped = await app.inject({ url, headers: { ...CSV, 'accept-encoding': 'gzip' } })
    t.equal(zipped.headers['content-encoding'], 'gzip')
    t.equal(gunzipSync(zipped.rawPayload).toString(), plain.body)
  })

  await t.test('what is wrong is told as ever', async (t) => {
    for (const url of ['/events/2000000000/waitlist', '/events/2000000000/history']) {
      t.match(await ask('GET', url, undefined, CSV), {
        status: 404,
        body: { error: 'Event not found' },
      })
    }
    for (const query of ['cursor=x', 'limit=0', 'x=1']) {
      t.equal((await ask('GET', `/bookings?${query}`, undefined, CSV)).status, 400, query)
    }
  })
})

t.test('files have what is the own', async (t) => {
  const tenants = await createTenants(t)
  const { event } = await tenants.fill('acme')
  await tenants.fill('globex')
  const usersFor = async (tenant: string, url: string) => {
    const { headers } = await tenants.keyOf(tenant)
    const lines = await linesOf(tenants.app, url, headers)
    return typeof lines === 'number' ? lines : lines.slice(1).map(([, , user]) => user)
  }
  t.same(await usersFor('acme', '/bookings'), ['ann', 'cid'])
  t.same(await usersFor('globex', `/bookings?event_id=${event}`), [])
  t.same(await usersFor('globex', `/events/${event}/waitlist`), 404)
  t.same(await usersFor('globex', `/events/${event}/history`), 404)

  const { as, app, createEvent } = await createTokenApi(t)
  const [ann, bob] = [await as('ann'), await as('bob')]
  const eventId = await createEvent(4)
  await bob.reserve(eventId)
  await ann.reserve(eventId)
  const { authorization } = ann
  const own = await linesOf(app, '/bookings', { authorization })
  t.match(own, [[], [/\d/, String(eventId), 'ann']])
  t.match(own, { length: 2 })
  t.equal(await linesOf(app, '/bookings?user_id=bob', { authorization }), 403)
})
