import t from 'tap'
import { settleCommand } from '../../src/domain/commands.ts'
import { FairQueues } from '../../src/engine/fair-queues.ts'
import type { Batch } from '../../src/engine/group-queues.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { startEngine } from '../helpers/engine.ts'
import { createEventsOf, reserveOf } from '../helpers/fairness.ts'

// The promise: whoever asks for one thing at a time waits for one batch of others at the most, of 64
// commands, however many storm. What the service does by itself takes nothing from anybody's share.

const MOST = 64
const ROUNDS = 20
/** Commands of each storm that wait at all times: they could fill a batch of any size. */
const BACKLOG = 600
const EVENTS = 20
const QUIET = 'quiet'

interface Entry {
  readonly arrivedAt: number
}

function sizeOf({ shares }: Batch<Entry>): number {
  return shares.reduce((size, { entries }) => size + entries.length, 0)
}

function isOfQuiet({ groups }: Batch<Entry>): boolean {
  return [...groups].some(({ group }) => group === QUIET)
}

/** Has so many groups storm on so many lanes, and counts what goes before what a quiet one asks for. */
function countBefore(lanes: number, storms: number): number[] {
  const queues = new FairQueues<Entry>({ places: { skip: lanes, wait: 1 }, maxBatchSize: 512 })
  const atWork: Batch<Entry>[] = []
  const add = (group: string, key: number): void => {
    queues.add(group, key, { arrivedAt: performance.now() })
  }
  const begin = (): void => {
    while (atWork.length < lanes) {
      const batch = queues.take('skip')
      if (batch === undefined) return
      atWork.push(batch)
    }
  }
  let missing = storms * BACKLOG
  /** Ends the batch that began first, and has the storms ask for as much anew. */
  const endFirst = (): number => {
    const batch = atWork.shift()
    if (batch === undefined) throw new RangeError('nothing is at work')
    for (const share of batch.shares) queues.release(share)
    queues.end(batch)
    missing = isOfQuiet(batch) ? 0 : sizeOf(batch)
    storm()
    begin()
    return sizeOf(batch)
  }
  const storm = (): void => {
    for (let i = 0; i < missing; i += 1) add(`storm ${i % storms}`, i % EVENTS)
  }
  const counts: number[] = []
  storm()
  for (let round = 0; round < ROUNDS; round += 1) {
    add(QUIET, 1)
    begin()
    let before = 0
    while (!atWork.some(isOfQuiet)) before += endFirst()
    counts.push(before)
    while (atWork.some(isOfQuiet)) endFirst()
  }
  // The first batches began before anybody else was there.
  return counts.slice(1)
}

t.test('one batch of others goes before what a quiet group asks for', async (t) => {
  for (const lanes of [1, 2, 3, 8]) {
    for (const storms of [1, 2, 3, 10]) {
      const most = Math.max(...countBefore(lanes, storms))
      const ofOne = Math.max(1, Math.floor(lanes / 2))
      const isFull = storms * ofOne >= lanes
      t.equal(most, isFull ? MOST : 0, `${storms} storms on ${lanes} lanes`)
    }
  }
})

t.test('the service makes nobody active, and requests do', async (t) => {
  const { url, pool } = await createTestDatabase(t)
  const environment = { AUTH: 'keys', LANES: '2' }
  const [hot = 0] = await createEventsOf(pool, 'storm', 1)
  const [own = 0] = await createEventsOf(pool, QUIET, 1)
  const largestBeside = async (ask: 'settle' | 'reserve'): Promise<number> => {
    const { reservations, batches } = startEngine(t, url, { environment })
    const other =
      ask === 'settle'
        ? settleCommand({ id: own, tenantId: QUIET })
        : reserveOf(QUIET, own, 'user of the quiet one')
    const storm = Array.from({ length: 300 }, (_, i) => reserveOf('storm', hot, `${ask} ${i}`))
    await Promise.all([other, ...storm].map((command) => reservations.execute(command)))
    return Math.max(...batches.map(({ size }) => size))
  }
  t.equal(await largestBeside('settle'), 300)
  t.equal(await largestBeside('reserve'), MOST, 'the control')
})
