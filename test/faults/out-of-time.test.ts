import t, { type Test } from 'tap'
import { createApi, type Api } from '../helpers/api.ts'
import { samplesOf, valueIn } from '../helpers/metrics.ts'

// The promise: commands that take too long together are not made to fail together.

/** A batch may take two seconds. */
const IN_TIME = { TRANSACTION_TIMEOUT_MS: '2000', LOCK_TIMEOUT_MS: '1000', METRICS: 'public' }
/** As many as make one batch while somebody before them is served. */
const CROWD = 8

/** Writing a booking takes as long as its user's name says, in seconds. */
const SLOW = `
  CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM pg_sleep(split_part(NEW.user_id, ' ', 2)::float);
    RETURN NEW;
  END $$;
  CREATE TRIGGER dawdle BEFORE INSERT ON bookings FOR EACH ROW EXECUTE FUNCTION dawdle()`

async function createSlow(t: Test) {
  const api = await createApi(t, IN_TIME)
  await api.database.pool.query(SLOW)
  return { ...api, eventId: await api.createEvent({ total_seats: 100 }) }
}

/** What they are answered who come while somebody is served, and so in one batch. */
async function together(
  { reserve, eventId }: Awaited<ReturnType<typeof createSlow>>,
  seconds: readonly number[],
): Promise<number[]> {
  const users = [0.5, ...seconds].map((each, i) => `${i} ${each}`)
  const answers = await Promise.all(users.map((user) => reserve(eventId, user)))
  return answers.map(({ status }) => status)
}

const CUT = { kind: 'out_of_time', stage: 'work' }

async function timesCut({ app }: Api): Promise<number | undefined> {
  return valueIn(await samplesOf(app), 'reservation_transaction_failures_total', CUT)
}

t.test('who are too many together for the time there is are served in two parts', async (t) => {
  const api = await createSlow(t)
  const answers = await together(api, Array<number>(CROWD).fill(0.3))
  t.same(answers, Array(1 + CROWD).fill(201))
  t.equal(await timesCut(api), 1, 'together they would have taken too long')
})

t.test('who takes too long alone does not fail all others', async (t) => {
  const api = await createSlow(t)
  const answers = await together(api, [...Array<number>(CROWD - 1).fill(0), 10])
  const half = CROWD / 2
  t.same(answers, [201, ...Array<number>(half).fill(201), ...Array<number>(half).fill(503)])
  t.equal(await timesCut(api), 2)
  const { body } = await api.ask('GET', `/events/${api.eventId}`)
  t.equal(body.booked_seats, 1 + half, 'nothing else happened')
})
