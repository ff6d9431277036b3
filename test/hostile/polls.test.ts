import t, { type Test } from 'tap'
import { createTestApp } from '../helpers/app.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { startProxy } from '../helpers/proxy.ts'
import { createEvent } from '../helpers/race.ts'

// The promise: everybody in a long line may ask for their place at once. The places are found for all
// of them together, and in no lane for lists.

const LINE = 50_000
const POLLS = 300

/** A service whose only event has a line of 50,000. */
async function createLine(t: Test) {
  const database = await createTestDatabase(t)
  const proxy = await startProxy(t, database.url)
  const app = await createTestApp(t, {
    database: { ...database, url: proxy.url },
  })
  const eventId = await createEvent(database.pool, 1)
  const { rows } = await database.pool.query<{ id: number }>(
    `INSERT INTO waitlist_entries (event_id, user_id)
     SELECT $1::int, 'user-' || n FROM generate_series(1, $2::int) AS n RETURNING id`,
    [eventId, LINE],
  )
  const counted = { statements: 0 }
  proxy.judge = (sql) => {
    if (/FROM waitlist_blocks/.test(sql)) counted.statements += 1
    return 'pass'
  }
  return { app, eventId, counted, ids: rows.map(({ id }) => id).sort((a, b) => a - b) }
}

/** Places all over the line, the last one among them. */
const PLACES = Array.from({ length: POLLS }, (_, i) => LINE - Math.floor((i * LINE) / POLLS))

t.test('everybody in line polls at once, and lists are read beside them', async (t) => {
  const { app, eventId, counted, ids } = await createLine(t)
  const urls = {
    entry: (place: number) => `/api/waitlist/${ids[place - 1]}`,
    user: (place: number) => `/api/events/${eventId}/waitlist?user_id=user-${place}`,
  }
  for (const [form, urlOf] of Object.entries(urls)) {
    counted.statements = 0
    const polls = PLACES.map(async (place) => {
      const response = await app.inject(urlOf(place))
      const body = response.json<Placed & { waitlist?: Placed[] }>()
      const { user_id: userId, position } = body.waitlist?.[0] ?? body
      return { status: response.statusCode, userId, position }
    })
    const list = app.inject(`/api/events/${eventId}/waitlist?limit=1`)
    const history = app.inject(`/api/events/${eventId}/history`)
    t.same(
      await Promise.all(polls),
      PLACES.map((place) => ({ status: 200, userId: `user-${place}`, position: place })),
      form,
    )
    t.equal((await list).statusCode, 200)
    t.equal((await history).statusCode, 200)
    t.ok(counted.statements > 0 && counted.statements < 10, `${counted.statements} statements`)
  }
})

interface Placed {
  readonly user_id?: string
  readonly position?: number
}
