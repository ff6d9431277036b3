import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { cpuMicros, type Fleet } from '../fleet.ts'
import { gather, untilWarmUp } from './arrange.ts'
import { checksOf, wrongAnswers, type Check } from './checks.ts'
import { untilFinished, type Finish } from './finish.ts'
import { firstAnswers, readDeleted, type FirstAnswers } from './first-answers.ts'
import { BACKGROUND, CONFIRMED, FINISH_LIMIT_S, sizesOf, type Sizes } from './sizes.ts'
import { faultsOf, readTruth, type Truth } from './verify.ts'
import type { WatchQuestion, WatchResult } from './watch-job.ts'

/** What came of the scenario in which much has gathered on four events. */
export interface Gathered {
  readonly sizes: Sizes
  readonly background: typeof BACKGROUND
  readonly checks: readonly Check[]
  readonly faults: readonly string[]
  readonly first: FirstAnswers
  readonly finish: Finish
  readonly truth: Truth
  readonly watched: WatchResult
  /** Of one core, while it was measured. */
  readonly serverCpuShare: number
}

/**
 * All at once on one process and a database of its own: the holds of two events expire, a long
 * line is to be served, and a large event is deleted, while others book elsewhere.
 *
 * @param scale - 1 is the full size
 * @param show - told what is at work
 */
export async function measureGathered(
  fleet: Fleet,
  scale: number,
  show: (text: string) => void,
): Promise<Gathered> {
  const sizes = sizesOf(scale)
  show('gathered: writing what gathers')
  const { pool, servers } = await fleet.candidate('service', 1, 'gathered')
  const [server] = servers
  if (server === undefined) throw new Error('there is no service')
  const gathering = await gather(pool, sizes)
  const observer = await fleet.helper('gathered/observer.ts')
  const ask = (question: WatchQuestion) => observer.ask({ ...question })

  await untilWarmUp(gathering)
  show('gathered: warming up')
  const { port } = server
  const eventIds = gathering.others
  const userPrefix = randomBytes(4).toString('hex')
  await ask({ type: 'start', job: { port, background: BACKGROUND, eventIds, userPrefix } })
  await delay(gathering.instant.getTime() - Date.now())

  show('gathered: all at once')
  const startedAt = performance.now()
  const cpuBefore = await cpuMicros(servers)
  await ask({ type: 'measure' })
  const origin = `http://127.0.0.1:${port}`
  const [first, finish] = await Promise.all([
    firstAnswers(origin, gathering, CONFIRMED + sizes.waiting),
    untilFinished(pool, gathering, FINISH_LIMIT_S),
  ])
  const readLater = await readDeleted(origin, gathering)
  // Our own process, of the same version: what it answers is what it says it answers.
  const watched = (await ask({ type: 'stop' })) as WatchResult
  const cpu = (await cpuMicros(servers)) - cpuBefore
  const serverCpuShare = cpu / 1000 / (performance.now() - startedAt)

  show('gathered: comparing the tables with the answers')
  const truth = await readTruth(pool, gathering)
  return {
    ...{ sizes, background: BACKGROUND, first, finish, truth, watched, serverCpuShare },
    checks: checksOf(first, finish, watched, truth),
    faults: [
      ...wrongAnswers([...Object.values(first), readLater], watched),
      ...faultsOf(truth, sizes),
    ],
  }
}
