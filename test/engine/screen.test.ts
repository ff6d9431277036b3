import t from 'tap'
import { refuse } from '../../src/domain/outcomes.ts'
import { RefusalScreen } from '../../src/engine/screen.ts'
import { plainReserve } from '../helpers/commands.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { startEngine } from '../helpers/engine.ts'

const MAX_EVENTS = 10_000
const SOLD_OUT = refuse('sold_out')

t.test(
  'an event that goes on refusing is not forgotten, and one that is not there not learned',
  async (t) => {
    const { url } = await createTestDatabase(t)
    const screen = new RefusalScreen(startEngine(t, url).prisma)
    const learn = (eventId: number, refusal = SOLD_OUT) => {
      screen.learn(plainReserve(eventId, 'ann'), refusal)
    }
    const knows = (eventId: number) => screen.isWorthAsking(plainReserve(eventId, 'bob'))

    for (const id of [1, 2]) learn(id)
    for (let id = 3; id <= MAX_EVENTS; id += 1) learn(id)
    learn(1)
    learn(MAX_EVENTS + 1)
    t.strictSame([knows(1), knows(2)], [true, false], 'the one that refused longest ago has gone')

    const missing = MAX_EVENTS + 2
    for (let n = 0; n < MAX_EVENTS; n += 1) learn(missing + n, refuse('event_not_found'))
    t.strictSame([knows(1), knows(missing)], [true, false])
  },
)
