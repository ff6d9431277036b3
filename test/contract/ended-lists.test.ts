import t from 'tap'
import { createApi } from '../helpers/api.ts'
import { parseCsv } from '../helpers/csv.ts'

t.test('lists of bookings that have ended', async (t) => {
  const { app, ask, createEvent, reserve, expire, readAll } = await createApi(t)
  const eventId = await createEvent({ total_seats: 20 })
  const ids: number[] = []
  for (let i = 0; i < 9; i += 1) {
    const { body } = await reserve(eventId, `user ${i}`, { hold: i < 6 })
    ids.push(body.booking.id)
  }
  // Six are held: two of them are released, and the others expire; three are confirmed.
  for (const i of [8, 0, 6, 1, 7]) await ask('DELETE', `/bookings/${ids[i]}`)
  for (const i of [2, 3, 4, 5]) await expire(Number(ids[i]))
  await ask('PATCH', `/events/${eventId}`, { name: 'Settled' })
  // Of another event, before and behind them.
  const other = await createEvent()
  const { body: made } = await reserve(other, 'user 8')
  await ask('DELETE', `/bookings/${made.booking.id}`)

  const list = async (query: string, limit = 2) => {
    const rows = await readAll(`/bookings?${query}`, 'bookings', limit)
    return rows.map(({ id, status }) => [ids.indexOf(Number(id)), status])
  }
  const cancelled = [
    [8, 'cancelled'],
    [0, 'released'],
    [6, 'cancelled'],
    [1, 'released'],
    [7, 'cancelled'],
  ]
  const expired = [2, 3, 4, 5].map((i) => [i, 'expired'])

  await t.test('page by page, by when they ended, in both orders', async (t) => {
    const ofEvent = `event_id=${eventId}`
    for (const limit of [1, 2, 3, 100])
      for (const [status, all] of [
        ['cancelled', cancelled],
        ['expired', expired],
      ] as const) {
        const query = `${ofEvent}&status=${status}`
        t.strictSame(await list(query, limit), all, `${status} ${limit}`)
        t.strictSame(await list(`${query}&order=asc`, limit), all)
        t.strictSame(await list(`${query}&order=desc`, limit), all.toReversed())
      }
    t.strictSame(await list(`${ofEvent}&status=held`), [])
  })

  await t.test('of a user, at an event, and of all', async (t) => {
    t.strictSame(await list(`event_id=${eventId}&status=expired&user_id=user%203`), [
      [3, 'expired'],
    ])
    const ofUser = [
      [8, 'cancelled'],
      [-1, 'cancelled'],
    ]
    const ofAll = [...cancelled, [-1, 'cancelled']]
    for (const [order, turned] of [
      ['asc', (rows: unknown[]) => rows],
      ['desc', (rows: unknown[]) => rows.toReversed()],
    ] as const) {
      const query = `status=cancelled&order=${order}`
      t.strictSame(await list(`${query}&user_id=user%208`, 1), turned(ofUser))
      t.strictSame(await list(query), turned(ofAll))
      t.strictSame(await list(`status=expired&order=${order}`), turned(expired))
    }
  })

  await t.test('as a file, in the order that was asked for', async (t) => {
    const url = `/api/bookings?event_id=${eventId}&status=cancelled&order=desc&limit=2`
    const { body } = await app.inject({ url, headers: { accept: 'text/csv' } })
    const [, ...rows] = parseCsv(body)
    t.strictSame(
      rows.map(([id]) => ids.indexOf(Number(id))),
      cancelled.map(([i]) => i).toReversed(),
    )
  })

  await t.test('what has ended since is before what is paged through backwards', async (t) => {
    const query = `/bookings?event_id=${other}&status=cancelled&order=desc&limit=1`
    const { body: again } = await reserve(other, 'ann')
    await ask('DELETE', `/bookings/${again.booking.id}`)
    const first = await ask('GET', query)
    t.equal(first.body.bookings[0].id, again.booking.id)
    const { body: last } = await reserve(other, 'bob')
    await ask('DELETE', `/bookings/${last.booking.id}`)
    const next = await ask('GET', `${query}&cursor=${first.body.next_cursor}`)
    t.equal(next.body.bookings[0].id, made.booking.id)
    t.equal(next.body.next_cursor, null)
  })

  await t.test('a cursor is of one order', async (t) => {
    const query = `/bookings?event_id=${eventId}&status=cancelled&limit=1`
    for (const [order, wrong] of [
      ['asc', 'desc'],
      ['desc', 'asc'],
    ]) {
      const { body } = await ask('GET', `${query}&order=${order}`)
      const mixed = `${query}&order=${wrong}&cursor=${body.next_cursor}`
      t.match(await ask('GET', mixed), { status: 400, body: { error: /cursor/ } })
    }
    t.match(await ask('GET', '/bookings?status=expired&cursor=x'), { status: 400 })
  })

  await t.test('are found by their reference', async (t) => {
    const { body } = await ask('GET', `/bookings/${ids[8]}`)
    const { reference } = body.booking
    for (const order of ['asc', 'desc']) {
      const found = await ask(
        'GET',
        `/bookings?reference=${reference}&status=cancelled&order=${order}`,
      )
      t.strictSame(found.body.bookings, [body.booking])
    }
    t.strictSame((await ask('GET', `/bookings?reference=${reference}`)).body.bookings, [])
    t.match(await ask('GET', `/bookings?reference=${reference}&cursor=x`), { status: 400 })
  })
})
