import fc from 'fast-check'
import type { Batch } from '../../src/engine/group-queues.ts'

export const LANES = 3
export const MAX_BATCH_SIZE = 80
export const BACKLOG = 64
export const GROUPS = ['a', 'b', 'c']

export interface Entry {
  readonly id: number
  readonly group: string
  readonly key: number
  readonly arrivedAt: number
}

export type Mode = 'skip' | 'wait'

/** What is known of a key by what was done with it. */
interface KeyModel {
  timesLocked: number
  isInBatch: boolean
}

/** The slow and obvious way: one list, in which everything is looked up. */
export class Model {
  readonly waiting: Entry[] = []
  readonly atWork: Batch<Entry>[] = []
  readonly keys = new Map<string, KeyModel>()

  key({ group, key }: Pick<Entry, 'group' | 'key'>): KeyModel {
    const name = `${group} ${key}`
    const known = this.keys.get(name) ?? { timesLocked: 0, isInBatch: false }
    this.keys.set(name, known)
    return known
  }

  ofGroup(group: string): Entry[] {
    return this.waiting.filter((entry) => entry.group === group)
  }

  /** Groups of which a batch could be taken. */
  takeable(mode: Mode): string[] {
    return GROUPS.filter((group) => {
      const batches = this.atWork.filter(
        (batch) => batch.mode === mode && [...batch.groups].some((of) => of.group === group),
      )
      const isFree = this.ofGroup(group).some((entry) => {
        const { isInBatch, timesLocked } = this.key(entry)
        return !isInBatch && (mode === 'wait') === timesLocked > 1
      })
      return isFree && batches.length < Math.floor(LANES / 2)
    })
  }

  /** Removes entries that were taken: of their key they must be the first. */
  take(entries: readonly Entry[]): void {
    for (const entry of entries) {
      const i = this.waiting.findIndex(
        ({ group, key }) => group === entry.group && key === entry.key,
      )
      if (this.waiting[i] !== entry) throw new Error(`${entry.id} is not the first of its key`)
      this.waiting.splice(i, 1)
    }
  }
}

export const operation = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('add' as const),
      group: fc.constantFrom(...GROUPS),
      key: fc.integer({ min: 1, max: 4 }),
      count: fc.constantFrom(1, 1, 1, 5, 70),
    }),
  },
  { weight: 6, arbitrary: fc.record({ type: fc.constant('take' as const), mode: modes() }) },
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant('end' as const),
      which: fc.nat(10),
      fates: fc.array(fc.constantFrom('done', 'locked', 'again'), { minLength: 4, maxLength: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('topUp' as const), which: fc.nat(10) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('remove' as const), below: fc.nat(400) }) },
)

function modes(): fc.Arbitrary<Mode> {
  return fc.constantFrom('skip', 'skip', 'skip', 'wait')
}

export type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never
