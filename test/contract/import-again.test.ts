import t from 'tap'
import { createApi } from '../helpers/api.ts'
import { linesOf, type ImportAnswer } from '../helpers/import.ts'
import { importerOf, told } from '../helpers/importer.ts'

t.test('under its key an import takes effect once', async (t) => {
  const api = await createApi(t)
  const { send } = importerOf(api)
  const eventId = await api.createEvent({ total_seats: 9 })
  const users = ['ann', 'bob', 'cid'].map((user_id) => ({ user_id }))
  const count = async (): Promise<number> =>
    Number((await api.ask('GET', `/bookings?event_id=${eventId}`)).body.bookings.length)

  const first = await send(eventId, linesOf(...users))
  t.strictSame(first.map(told), [
    [1, 201],
    [2, 201],
    [3, 201],
  ])
  const again = await send(eventId, linesOf(...users))
  t.strictSame(
    again,
    first.map((answer) => ({ ...answer, replayed: true })),
  )

  await t.test(
    'a line more is another line, and another line under a number is refused',
    async (t) => {
      const answers = await send(
        eventId,
        linesOf({ user_id: 'ann' }, { user_id: 'eve' }, { user_id: 'cid' }, { user_id: 'dan' }),
      )
      t.match(answers, [
        { status: 201, replayed: true, booking: { user_id: 'ann' } },
        { status: 422, error: { code: 'idempotency_key_reused' } },
        { status: 201, replayed: true },
        { status: 201, replayed: undefined, booking: { user_id: 'dan' } },
      ])
      t.equal(await count(), 4)
    },
  )

  await t.test('at another event it is refused', async (t) => {
    const other = await api.createEvent({ total_seats: 9 })
    const headers = { 'idempotency-key': `import-${eventId}` }
    t.match(await send(other, linesOf({ user_id: 'ann' }), headers), [{ status: 422 }])
  })

  await t.test('its key is another one than those of requests', async (t) => {
    const body = { event_id: eventId, user_id: 'fay' }
    const key = `import-${eventId}`
    const withKey = { 'idempotency-key': key }
    const reserved = await api.ask('POST', '/bookings/reserve', body, withKey)
    t.match(reserved, { status: 201, headers: { 'idempotency-replayed': undefined } })
    for (const derived of [`${key} 1`, `${key}\t1`]) {
      const headers = { 'idempotency-key': derived }
      t.match(await api.ask('POST', '/bookings/reserve', body, headers), {
        status: 400,
        body: { error: /^Idempotency-Key must be/ },
      })
    }
  })

  await t.test('two at once have one effect', async (t) => {
    const concert = await api.createEvent({ total_seats: 500 })
    const lines = linesOf(...Array.from({ length: 400 }, (_, i) => ({ user_id: `user ${i}` })))
    const headers = { 'idempotency-key': 'twice' }
    const [one, other] = await Promise.all([
      send(concert, lines, headers),
      send(concert, lines, headers),
    ])
    const ids = (answers: ImportAnswer[]) => answers.map(({ booking }) => booking?.id)
    t.strictSame(ids(one), ids(other))
    t.equal(new Set(ids(one)).size, 400)
    const { rows } = await api.database.pool.query('SELECT taken FROM events WHERE id = $1', [
      concert,
    ])
    t.strictSame(rows, [{ taken: 400 }])
  })
})
