import { once } from 'node:events'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import t from 'tap'
import { createApi } from '../helpers/api.ts'
import { beginImport, linesOf, type ImportAnswer } from '../helpers/import.ts'
import { usedBytes } from '../helpers/used-bytes.ts'

// The promise: an import as large as it may be is answered line by line, and takes little memory.

const LINES = 100_000
const MAX_GROWTH_BYTES = 32 * 1024 * 1024

function* lines(): Generator<string> {
  for (let i = 1; i <= LINES; i += 1) yield linesOf({ user_id: `user ${i}` })
}

t.test('an import of as many lines as it may have', { timeout: 600_000 }, async (t) => {
  const { app, database, createEvent } = await createApi(t)
  const eventId = await createEvent({ total_seats: LINES - 1 })
  const baseUrl = await app.listen({ port: 0, host: '127.0.0.1' })
  const { asking, answered } = beginImport(baseUrl, eventId, 'k')
  const startedAt = performance.now()
  const sending = pipeline(Readable.from(lines()), asking)
  const response = await answered
  const before = usedBytes()
  let [most, next, rest, chunks] = [0, 1, '', 0]
  const counts = new Map<number, number>()
  response.setEncoding('utf8').on('data', (chunk: string) => {
    const received = (rest + chunk).split('\n')
    rest = received.pop() ?? ''
    for (const text of received) {
      const { line, status, booking } = JSON.parse(text) as ImportAnswer
      if (line !== next) t.fail(`${line}, instead of ${next}`)
      if (booking !== undefined && booking.user_id !== `user ${line}`) t.fail(booking.user_id)
      counts.set(status, (counts.get(status) ?? 0) + 1)
      next += 1
    }
    if ((chunks += 1) % 50 === 0) most = Math.max(most, usedBytes())
  })
  await Promise.all([once(response, 'end'), sending])
  t.comment(`${Math.round(performance.now() - startedAt)} ms`)
  t.equal(next, LINES + 1)
  t.strictSame(
    [...counts],
    [
      [201, LINES - 1],
      [409, 1],
    ],
  )
  const { rows } = await database.pool.query(
    `SELECT taken, (SELECT count(*)::int FROM bookings WHERE event_id = events.id) AS bookings
       FROM events WHERE id = $1`,
    [eventId],
  )
  t.strictSame(rows, [{ taken: LINES - 1, bookings: LINES - 1 }])
  t.ok(most - before < MAX_GROWTH_BYTES, `the heap grew by ${most - before} bytes`)
})
