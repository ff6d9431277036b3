import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import t from 'tap'
import { createApi } from '../helpers/api.ts'
import { plainReserve } from '../helpers/commands.ts'
import { beginImport, linesOf, receive, type ImportAnswer } from '../helpers/import.ts'
import { createKey } from '../helpers/keys.ts'
import { fetchSeat } from '../helpers/race.ts'
import { createTokenApi } from '../helpers/token-api.ts'
import { until } from '../helpers/until.ts'

// The promise: one tenant's imports leave room for those of others, and an import leaves room for whoever
// asks for a seat of the same event.

t.test('a tenant whose imports take all that he may have', { timeout: 120_000 }, async (t) => {
  const api = await createTokenApi(t)
  const baseUrl = await api.app.listen({ port: 0, host: '127.0.0.1' })
  let begun = 0
  const importerOf = async (tenant: string) => {
    const eventId = await api.createEvent(99, tenant)
    const { headers } = await createKey(api.database.pool, { tenant })
    /** Begins an import that stays at work until it is ended; undefined where there is no room for it. */
    return async () => {
      const { asking, answered } = beginImport(baseUrl, eventId, `k${(begun += 1)}`, headers)
      t.teardown(() => asking.destroy())
      asking.write(linesOf({ user_id: `user ${begun}` }))
      const response = await answered
      const { some, all } = receive(response)
      await some
      if (response.statusCode === 200) return { end: () => asking.end(), all }
      t.equal(response.statusCode, 503)
      return undefined
    }
  }
  const [acme, globex] = [await importerOf('acme'), await importerOf('globex')]
  const atWork: NonNullable<Awaited<ReturnType<typeof acme>>>[] = []
  for (let next = await acme(); next !== undefined; next = await acme()) atWork.push(next)
  t.equal(atWork.length, 4)

  await t.test('leaves as many to another one', async (t) => {
    const one = await globex()
    one?.end()
    t.match(await one?.all, [{ line: 1, status: 201 }])
  })

  await t.test('gets another one when one of his has ended', async (t) => {
    for (const { end, all } of atWork) {
      end()
      t.match(await all, [{ line: 1, status: 201 }])
    }
    const next = await until(acme, 'room for it')
    next.end()
    t.match(await next.all, [{ status: 201 }])
  })
})

/** How many lines an import has, or what stands for one. */
const LINES = 6000
/** Several times as many as an import has under way. */
const FEW_LINES = 1000
const userOf = (i: number): string => `user ${i}`

/** Which of these were given a smaller id than the booking. */
const countBefore = (ids: readonly number[], id: number): number =>
  ids.filter((other) => other < id).length

t.test('who asks for a seat of the event while an import goes on', async (t) => {
  const api = await createApi(t)
  const baseUrl = await api.app.listen({ port: 0, host: '127.0.0.1' })
  let asked = 0
  /** The id of the booking; ids are given in the order in which it is decided. */
  const reserve = async (eventId: number): Promise<number> => {
    const response = await fetchSeat(baseUrl, { eventId, userId: `other ${(asked += 1)}` })
    t.equal(response.status, 201)
    return ((await response.json()) as { booking: { id: number } }).booking.id
  }

  await t.test('waits for few of its lines', async (t) => {
    const eventId = await api.createEvent({ total_seats: 1_000_000 })
    const { asking, answered } = beginImport(baseUrl, eventId, 'k')
    const lines = Array.from({ length: LINES }, (_, i) => linesOf({ user_id: userOf(i) }))
    const sending = pipeline(Readable.from(lines), asking)
    const { some, all } = receive(await answered)
    let answers: readonly ImportAnswer[] | undefined
    const ended = all.then((them) => (answers = them))
    await some
    const others: number[] = []
    while (answers === undefined) others.push(await reserve(eventId))
    await sending
    const ids = (await ended).map(({ booking }) => booking?.id ?? 0)
    t.equal(new Set(ids).size, LINES)
    const before = others.map((id) => countBefore(ids, id))
    const waits = before.map((count, i) => count - (before[i - 1] ?? 0))
    t.comment(`${others.length} others, after ${waits.join()} lines each`)
    t.ok(Math.max(...waits) < FEW_LINES, `${Math.max(...waits)} lines before one of them`)
  })

  await t.test('and would for all, did they wait at once', async (t) => {
    const eventId = await api.createEvent({ total_seats: 1_000_000 })
    const all = Promise.all(
      Array.from({ length: LINES }, (_, i) =>
        api.app.reservations.execute(plainReserve(eventId, userOf(i))),
      ),
    )
    const id = await reserve(eventId)
    const ids = (await all).map(({ outcome }) =>
      outcome.kind === 'booking' ? outcome.booking.id : 0,
    )
    t.ok(countBefore(ids, id) > LINES / 2, `${countBefore(ids, id)} lines before`)
  })
})
