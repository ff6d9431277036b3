import t from 'tap'
import { createApi } from '../helpers/api.ts'
import {
  bookedAt,
  gather,
  historyOf,
  IN_PIECES,
  named,
  untilSettled,
  usersOf,
} from '../helpers/gathered.ts'

// The promise: while somebody waits nobody overtakes, however many pieces the line is served in.

const WAITING = 400
const NEWCOMERS = 30

/** What each newcomer came to who asked for a seat, and again, until it got one or `isOver`. */
async function persist(
  ask: () => Promise<{ status: number }>,
  isOver: () => boolean,
): Promise<number[]> {
  const statuses: number[] = []
  do statuses.push((await ask()).status)
  while (statuses.at(-1) !== 201 && !isOver())
  return statuses
}

t.test('newcomers who race for new seats get those that the line leaves', async (t) => {
  const { ask, reserve, database } = await createApi(t, IN_PIECES)
  const { pool } = database
  const spare = 5
  const eventId = await gather(pool, { totalSeats: 10, confirmed: 10, line: WAITING })
  let won = 0
  const racing = named('newcomer', NEWCOMERS).map((userId) =>
    persist(
      async () => {
        const answer = await reserve(eventId, userId)
        if (answer.status === 201) won += 1
        return answer
      },
      () => won === spare,
    ),
  )
  const total = 10 + WAITING + spare
  t.equal((await ask('PATCH', `/events/${eventId}`, { total_seats: total })).status, 200)
  const statuses = (await Promise.all(racing)).flat()
  t.same(new Set(statuses), new Set([201, 409]), 'seats, or none, and no other answer')
  t.equal(statuses.filter((status) => status === 201).length, spare)

  await untilSettled(pool, eventId)
  t.equal((await bookedAt(t, pool, eventId)).length, total)
  const history = await historyOf(t, pool, eventId)
  t.same(usersOf(history, 'promoted'), named('line', WAITING), 'in order of the line')
  const booked = history.filter(({ type }) => type === 'promoted' || type === 'booked')
  t.same(
    booked.slice(-spare).map(({ type }) => type),
    named('', spare).map(() => 'booked'),
    'newcomers come after the last of the line',
  )
})

t.test('seats of expired holds are for the line, too', async (t) => {
  const { reserve, database } = await createApi(t, IN_PIECES)
  const { pool } = database
  const eventId = await gather(pool, { totalSeats: WAITING, expired: WAITING, line: WAITING })
  const answers = await Promise.all(
    named('newcomer', NEWCOMERS).map((userId) => reserve(eventId, userId)),
  )
  t.same(new Set(answers.map(({ status }) => status)), new Set([409]))
  await untilSettled(pool, eventId)
  t.same(await bookedAt(t, pool, eventId), named('line', WAITING))
  t.same(usersOf(await historyOf(t, pool, eventId), 'promoted'), named('line', WAITING))
})

t.test('who joins the line while it is served comes last, and is served', async (t) => {
  const { ask, reserve, database } = await createApi(t, IN_PIECES)
  const { pool } = database
  const eventId = await gather(pool, { totalSeats: 10, confirmed: 10, line: WAITING })
  const total = 10 + WAITING + NEWCOMERS
  const [raised, ...joined] = await Promise.all([
    ask('PATCH', `/events/${eventId}`, { total_seats: total }),
    ...named('newcomer', NEWCOMERS).map((userId) => reserve(eventId, userId, { waitlist: true })),
  ])
  t.equal(raised.status, 200)
  t.same(
    joined.filter(({ status }) => status !== 202 && status !== 201),
    [],
    'each is in line, or booked where the line is over',
  )
  await untilSettled(pool, eventId)
  const booked = await bookedAt(t, pool, eventId)
  t.equal(booked.length, total)
  const history = await historyOf(t, pool, eventId)
  const served = history.filter(({ type }) => type === 'promoted' || type === 'booked')
  t.same(
    served.slice(0, WAITING).map(({ user }) => user),
    named('line', WAITING),
    'those who came before are served first',
  )
})

t.test('a large party is waited for, although each piece has seats for those behind', async (t) => {
  const { reserve, database } = await createApi(t, IN_PIECES)
  const { pool } = database
  const [party, behind] = [300, 50]
  const eventId = await gather(pool, {
    totalSeats: party + behind,
    maxSeatsPerBooking: party,
    expired: party + behind,
    line: [party, ...named('', behind).map(() => 1)],
  })
  t.equal((await reserve(eventId, 'newcomer')).status, 409)
  await untilSettled(pool, eventId)
  const line = named('line', 1 + behind)
  t.same(await bookedAt(t, pool, eventId), line)
  t.same(usersOf(await historyOf(t, pool, eventId), 'promoted'), line)
})
