import t, { type Test } from 'tap'
import { createTestDatabase } from '../helpers/database.ts'
import { startEngine } from '../helpers/engine.ts'
import { createEventsOf, reserveOf, startStorm } from '../helpers/fairness.ts'
import { quantile } from '../helpers/timing.ts'

// The promise: who asks for one thing at a time is answered, in a neighbour's storm, within twice the
// time that it takes when it is calm, 99 times of 100.

const PROMISED = 2
const CLIENTS = 3000
const SLICES = 5
/**
 * Each of them measures calm and storm by turns. What else the machine does can spoil some of them,
 * and some keep the promise by chance: the one in the middle tells, of more of them where it says no.
 * How many commands may go before the quiet one's, test/engine/storms.test.ts counts.
 */
const TRIES = 5
const MAX_TRIES = 9

interface Measured {
  readonly calmMs: readonly number[]
  readonly stormMs: readonly number[]
}

/** An engine, and a function that measures a quiet tenant beside one that storms. */
async function quietTenant(t: Test, environment: Record<string, string>) {
  const { url, pool } = await createTestDatabase(t)
  const { reservations } = startEngine(t, url, { environment })
  const hot = await createEventsOf(pool, 'storm', 200)
  const own = await createEventsOf(pool, 'quiet', 10)
  let asked = 0
  const ask = async (times: number): Promise<number[]> => {
    const tookMs: number[] = []
    for (let i = 0; i < times; i += 1) {
      asked += 1
      const startedAt = performance.now()
      await reservations.execute(reserveOf('quiet', own[asked % 10] ?? 0, `user ${asked}`))
      tookMs.push(performance.now() - startedAt)
    }
    return tookMs
  }
  return async (times: number, slices: number): Promise<Measured> => {
    const calmMs: number[] = []
    const stormMs: number[] = []
    for (let slice = 0; slice < slices; slice += 1) {
      calmMs.push(...(await ask(times)))
      const storm = await startStorm(reservations, 'storm', hot, CLIENTS)
      stormMs.push(...(await ask(times)))
      await storm.end()
    }
    return { calmMs, stormMs }
  }
}

function told({ calmMs, stormMs }: Measured): string {
  const of = (values: readonly number[]): string =>
    [0.5, 0.99].map((part) => quantile(values, part).toFixed(1)).join(' and ')
  return `median and p99 ${of(calmMs)} ms calm, ${of(stormMs)} ms in the storm`
}

function ratio({ calmMs, stormMs }: Measured, part: number): number {
  return quantile(stormMs, part) / quantile(calmMs, part)
}

t.test("a quiet tenant in a neighbour's storm", async (t) => {
  const measure = await quietTenant(t, { AUTH: 'keys' })
  // What is compiled, and connected, on the first times.
  await measure(50, 1)
  const tries: Measured[] = []
  const ratios: number[] = []
  const isKept = (): boolean => quantile(ratios, 0.5) <= PROMISED
  while (tries.length < TRIES || (tries.length < MAX_TRIES && !isKept())) {
    const measured = await measure(60, SLICES)
    t.comment(told(measured))
    tries.push(measured)
    ratios.push(ratio(measured, 0.99))
  }
  const all = ratios.map((each) => each.toFixed(1)).join(', ')
  t.ok(isKept(), `p99 is so many times that of calm: ${all}`)

  // The control: where tenants are not told apart it waits for the storm's batches.
  const measureAlike = await quietTenant(t, { AUTH: 'off' })
  await measureAlike(10, 1)
  const alike = await measureAlike(15, 2)
  t.comment(told(alike))
  t.ok(ratio(alike, 0.5) > 2 * PROMISED, 'half of them take much longer in the control')
  const worst = Math.max(...tries.map((each) => ratio(each, 0.5)))
  t.ok(worst < ratio(alike, 0.5) / 2, `the median was ${worst.toFixed(1)} times that of calm`)
})
