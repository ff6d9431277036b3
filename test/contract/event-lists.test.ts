import t from 'tap'
import { createApi } from '../helpers/api.ts'

const NAME_RULE = 'a string of 1 to 255 characters without control characters'

t.test('lists of events', async (t) => {
  const { ask, createEvent, readAll, database } = await createApi(t)

  await t.test('lists: filters, every order, no gap and no repeat', async (t) => {
    await database.pool.query('DELETE FROM events')
    const starts = ['2031-01-01T00:00:00Z', null, '2020-01-01T00:00:00Z', '2031-01-01T00:00:00Z']
    for (let i = 0; i < 23; i += 1) {
      const name = `Show ${i % 5} ${i % 2 ? 'ÄÖ' : 'äö_%'}`
      await createEvent({ name, starts_at: starts[i % 4], total_seats: i })
    }
    // Microseconds, which JavaScript's dates do not have.
    await database.pool.query(
      `UPDATE events SET starts_at = starts_at + id * interval '1 microsecond'`,
    )
    for (const sort of ['id', 'name', 'starts_at']) {
      for (const order of ['asc', 'desc']) {
        const whole = await readAll(`/events?sort=${sort}&order=${order}`, 'events', 100)
        t.equal(whole.length, 23)
        const paged = await readAll(`/events?sort=${sort}&order=${order}`, 'events', 4)
        t.strictSame(
          paged.map(({ id }) => id),
          whole.map(({ id }) => id),
        )
        t.equal(new Set(paged.map(({ id }) => id)).size, 23)
        if (sort === 'starts_at') t.equal(whole.at(-1)?.['starts_at'], null)
      }
    }
    t.equal((await readAll('/events?name=SHOW%203', 'events', 2)).length, 4)
    t.equal((await readAll('/events?name=_%25', 'events', 5)).length, 12)
    t.equal((await readAll('/events?upcoming=true', 'events', 5)).length, 11)
    t.equal((await readAll('/events?upcoming=false', 'events', 5)).length, 23)
    const { body } = await ask('GET', '/events')
    t.equal(body.next_cursor, null)
  })

  await t.test('lists: what is wrong in a query is 400', async (t) => {
    const cases = [
      ['limit=0', 'limit must be an integer between 1 and 100'],
      ['limit=101', 'limit must be an integer between 1 and 100'],
      ['limit=x', 'limit must be an integer between 1 and 100'],
      ['sort=seats', 'sort must be one of id, starts_at, name'],
      ['order=up', 'order must be one of asc, desc'],
      ['name=%00', `name must be ${NAME_RULE}`],
      ['upcoming=maybe', 'upcoming must be true or false'],
    ]
    for (const [query = '', error = ''] of cases) {
      t.match(await ask('GET', `/events?${query}`), { status: 400, body: { error } }, query)
    }
    const make = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const other = make(['bookings', 1])
    const strange = [make(['events/id/asc', -1]), make(['events/id/asc', '1']), make(1)]
    for (const cursor of ['x', '%22', other, ...strange, make(['events/id/asc', 1, 2])]) {
      const { status, body } = await ask('GET', `/events?cursor=${cursor}`)
      t.equal(status, 400, cursor)
      t.strictSame(body, { error: 'cursor must be a next_cursor of this list' })
    }
    const time = make(['events/starts_at/asc', 'never', 1])
    t.equal((await ask('GET', `/events?sort=starts_at&cursor=${time}`)).status, 400)
  })
})
