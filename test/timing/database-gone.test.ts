import t from 'tap'
import { COMMAND_TIMEOUT_MS, createCutOff, type CutOff } from '../helpers/cut-off.ts'
import { crowd } from '../helpers/race.ts'
import { storm } from '../helpers/storm.ts'
import { checkWithin, repeatDuring } from '../helpers/timing.ts'

// The promise: without a database a command is answered when its time is up, and the process says
// at once that it is alive.

const LIVE_WITHIN_MS = 100

const FAULTS: Record<string, (service: CutOff) => unknown> = {
  'refuses connections': ({ proxy }) => proxy.refuse(),
  'is frozen': ({ proxy }) => {
    proxy.freeze()
  },
}

for (const [what, breakOff] of Object.entries(FAULTS)) {
  t.test(`the database ${what}`, async (t) => {
    const service = await createCutOff(t)
    await breakOff(service)
    const storming = storm(service.app, crowd(service.eventId, 60))
    const alive = await repeatDuring(storming, () => service.app.inject('/livez'))
    const answers = await storming
    checkWithin(t, '/livez', LIVE_WITHIN_MS, alive)
    checkWithin(
      t,
      'a command',
      COMMAND_TIMEOUT_MS,
      answers.map(({ tookMs }) => tookMs),
    )
  })
}
