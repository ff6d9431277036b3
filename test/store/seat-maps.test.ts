import t from 'tap'
import { SeatMaps } from '../../src/store/reads/seat-maps.ts'
import { createApi } from '../helpers/api.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { createHall } from '../helpers/hall.ts'
import { databaseUrl, execute } from '../helpers/sql.ts'

t.test('maps of seats that are at hand', async (t) => {
  const api = await createApi(t)
  const sql = api.app.readPrisma
  const [first, second] = [await createHall(api), await createHall(api)]
  const of = (id: number, tenantId = 'default') => ({ id, tenantId })

  await t.test("are not another tenant's", async (t) => {
    const maps = new SeatMaps()
    const map = await maps.read(sql, of(first))
    t.match(map, { map: { count: 12 } })
    t.equal(await maps.read(sql, of(first, 'zenith')), 'event_not_found')
    t.equal(await maps.read(sql, of(first)), map)
  })

  await t.test('are as many as fit, those asked for last', async (t) => {
    const wide = new SeatMaps()
    const [one] = [await wide.read(sql, of(first)), await wide.read(sql, of(second))]
    t.equal(await wide.read(sql, of(first)), one)
    const narrow = new SeatMaps(600)
    const [before, other] = [await narrow.read(sql, of(first)), await narrow.read(sql, of(second))]
    t.equal(await narrow.read(sql, of(second)), other)
    const after = await narrow.read(sql, of(first))
    t.not(after, before)
    t.same(after, before)
  })

  await t.test('are there no more where the event, or its seating, is gone', async (t) => {
    const maps = new SeatMaps()
    await maps.read(sql, of(first))
    await api.ask('DELETE', `/events/${first}/seating`)
    t.equal(await maps.read(sql, of(first)), 'seating_not_found')
    await api.ask('DELETE', `/events/${first}`)
    t.equal(await maps.read(sql, of(first)), 'event_not_found')
  })
})

const ROWS = 40
const SEATS_IN_ROW = 1000
const SECTION = {
  key: 'A',
  rows: Array.from({ length: ROWS }, (_, row) => ({
    key: String(row + 1),
    seats: { from: 1, to: SEATS_IN_ROW },
  })),
}

// Were each seat looked for among all holds where there is no room to hash them, it would take minutes.
t.test('the map of a hall that is held takes no longer with little memory', async (t) => {
  const database = await createTestDatabase(t)
  const name = new URL(database.url).pathname.slice(1)
  await execute(
    databaseUrl(database.url, 'postgres'),
    `ALTER DATABASE ${name} SET work_mem = '64kB'`,
  )
  const api = await createApi(t, { LIST_TIMEOUT_MS: '10000' }, database)
  const id = await api.createEvent({ total_seats: ROWS * SEATS_IN_ROW })
  await api.ask('PUT', `/events/${id}/seating`, { sections: [SECTION] })
  await database.pool.query(
    `INSERT INTO bookings (event_id, user_id, status, expires_at, lines)
     SELECT $1, row || '-' || seat, 'held', now() + interval '1 hour', jsonb_build_array(jsonb_build_object(
       'ticket_type', 'default', 'seats', 1, 'labels', ARRAY['A-' || row || '-' || seat]))
     FROM generate_series(1, ${ROWS}) AS row, generate_series(1, ${SEATS_IN_ROW}) AS seat`,
    [id],
  )
  await database.pool.query('ANALYZE')
  const { statusCode, rawPayload } = await api.app.inject({ url: `/api/events/${id}/seats.bin` })
  t.equal(statusCode, 200)
  const allHeld = Buffer.alloc((ROWS * SEATS_IN_ROW) / 4, 0b01010101)
  t.ok(rawPayload.equals(allHeld), 'all of it is held')
})
