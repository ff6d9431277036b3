import t, { type Test } from 'tap'
import { answersOf, linesOf, NDJSON } from '../helpers/import.ts'
import { operationsOf, type DocumentedOperation } from '../helpers/operations.ts'
import { createTenants, MISSING, type Ids } from '../helpers/tenants.ts'

// The promise: whatever the OpenAPI document offers, a stranger who names what is another tenant's is
// answered as if it were not there. A new operation has to be told how it is asked.

interface Named extends Ids {
  readonly key: string
}

const NOTHING: Named = { ...MISSING, key: 'a'.repeat(16) }

/** Whose ids a path has. */
const IN_PATH = {
  '/api/events/': ({ event }: Named) => event,
  '/api/bookings/': ({ booking }: Named) => booking,
  '/api/waitlist/': ({ entry }: Named) => entry,
  '/api/keys/': ({ key }: Named) => key,
}

/** Bodies that are right, by operation. */
const BODIES: Readonly<Record<string, (ids: Named) => object>> = {
  reserveSeat: ({ event }) => ({ event_id: event, user_id: 'eve', hold: true, waitlist: true }),
  resizeBooking: () => ({ seats: 2 }),
  changeEvent: () => ({ total_seats: 5 }),
  putSeating: () => ({
    sections: [{ key: 'A', rows: [{ key: '1', seats: { from: 1, to: 2 } }] }],
  }),
  blockSeats: () => ({ labels: ['A-1-1'] }),
  unblockSeats: () => ({ labels: ['A-1-1'] }),
}

/** Queries that are right, of operations that name a thing there. */
const QUERIES: Readonly<Record<string, (ids: Named) => string>> = {
  cancelBookingOfUser: ({ event }) => `?event_id=${event}&user_id=ann`,
}

/** Those that name nothing: what they make is the caller's own. */
const MAKES = new Set(['createEvent', 'createKey'])

/** It is 200, and tells line by line: see below. */
const TELLS_BY_LINES = 'importBookings'

/** Those that list what is the caller's own, with filters that name what is another's. */
const LISTS: Readonly<Record<string, readonly ((ids: Named) => string)[]>> = {
  listEvents: [() => '', () => '?name=concert', () => '?upcoming=true&sort=starts_at'],
  listBookings: [
    () => '',
    () => '?order=desc',
    () => '?user_id=ann',
    ({ event }) => `?event_id=${event}`,
  ],
  listKeys: [() => ''],
}

function urlOf({ id, path }: DocumentedOperation, ids: Named): string {
  const [, idOf] = Object.entries(IN_PATH).find(([prefix]) => path.startsWith(prefix)) ?? []
  const url = path.replace('{id}', () => String(idOf?.(ids))).slice('/api'.length)
  return `${url}${QUERIES[id]?.(ids) ?? ''}`
}

async function createStranger(t: Test) {
  const { app, ask, fill, keyOf } = await createTenants(t)
  const victim: Named = { ...(await fill('acme')), key: (await keyOf('acme')).id }
  const asked = (await operationsOf(app)).filter(({ scope }) => scope !== null)
  const answer = async (as: string, operation: DocumentedOperation, ids: Named) => {
    const { method, id } = operation
    const { status, text } = await ask(as, method, urlOf(operation, ids), BODIES[id]?.(ids))
    return { status, text }
  }
  return { app, keyOf, ask, asked, answer, victim }
}

t.test('whatever names a thing is 404 for a stranger, to the byte', async (t) => {
  const { asked, answer, victim } = await createStranger(t)
  const naming = asked.filter(
    ({ id }) => !MAKES.has(id) && LISTS[id] === undefined && id !== TELLS_BY_LINES,
  )
  t.ok(naming.length >= 14, `${naming.length} operations`)
  for (const operation of naming) {
    const { id, path } = operation
    const isNamed = path.includes('{id}') || (BODIES[id] ?? QUERIES[id]) !== undefined
    t.ok(isNamed, `${operation.id} names a thing, or has to be told apart here`)
    const others = await answer('zenith', operation, victim)
    const missing = await answer('zenith', operation, NOTHING)
    t.equal(others.status, 404, `${operation.id}: ${others.text}`)
    t.same(others, missing, `${operation.id}: as if it were not there`)
  }
  // The control, what makes, reads and changes first: all of it is there for whose it is.
  const order = ['PUT', 'GET', 'POST', 'PATCH', 'DELETE']
  const inOrder = naming.toSorted((a, b) => order.indexOf(a.method) - order.indexOf(b.method))
  for (const operation of inOrder.filter(({ method }) => method !== 'DELETE')) {
    const { status } = await answer('acme', operation, victim)
    t.not(status, 404, `${operation.id} for its owner: ${status}`)
  }
})

t.test('a line of an import finds nothing of others either', async (t) => {
  const { app, keyOf, victim } = await createStranger(t)
  const send = async (as: string, { event }: Named) => {
    const { headers } = await keyOf(as)
    const response = await app.inject({
      method: 'POST',
      url: `/api/events/${event}/bookings/import`,
      headers: { ...headers, 'content-type': NDJSON, 'idempotency-key': `import-of-${as}` },
      payload: linesOf({ user_id: 'ann' }),
    })
    return response.body
  }
  const others = await send('zenith', victim)
  t.match(answersOf(others), [{ line: 1, status: 404, error: { code: 'event_not_found' } }])
  t.equal(await send('zenith', NOTHING), others, 'as if it were not there')
  t.match(answersOf(await send('acme', victim)), [{ line: 1, status: 409 }], 'the control')
})

t.test('lists have nothing of others, whatever is filtered by', async (t) => {
  const { ask, asked, victim } = await createStranger(t)
  const own = (await ask('zenith', 'GET', '/keys')).text
  for (const { id, path } of asked.filter(({ id }) => LISTS[id] !== undefined)) {
    for (const query of LISTS[id] ?? []) {
      const url = `${path.slice('/api'.length)}${query(victim)}`
      const { status, text } = await ask('zenith', 'GET', url)
      t.equal(status, 200)
      if (id === 'listKeys') t.equal(text, own, 'his own key alone')
      else t.match(text, /^\{"\w+":\[\],"next_cursor":null\}$/, url)
    }
  }
})

t.test('every operation that is told of here is one that the document has', async (t) => {
  const { asked } = await createStranger(t)
  const ids = new Set(asked.map(({ id }) => id))
  const told = [...MAKES, ...Object.keys(LISTS), ...Object.keys(BODIES), ...Object.keys(QUERIES)]
  t.same(
    told.filter((id) => !ids.has(id)),
    [],
  )
})
