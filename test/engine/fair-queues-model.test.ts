import fc from 'fast-check'
import t from 'tap'
import { FairQueues } from '../../src/engine/fair-queues.ts'
import type { GroupShare } from '../../src/engine/group-queues.ts'
import {
  BACKLOG,
  GROUPS,
  LANES,
  MAX_BATCH_SIZE,
  Model,
  operation,
  type Entry,
  type Mode,
  type Operation,
} from '../helpers/queue-model.ts'

// Whatever happens in which order, the queues do what a list would, searched from its front.

class Run {
  batches = 0
  shared = 0
  ofBacklog = 0
  #nextId = 0
  #lastOfOneWithBacklog = false
  readonly #model = new Model()
  readonly #queues = new FairQueues<Entry>({
    places: { skip: LANES, wait: LANES },
    maxBatchSize: MAX_BATCH_SIZE,
  })

  constructor() {
    // Two groups are active from the start: nobody has all lanes.
    for (const group of GROUPS) this.#add(group, 1)
  }

  do(each: Operation): void {
    if (each.type === 'add') for (let i = 0; i < each.count; i += 1) this.#add(each.group, each.key)
    if (each.type === 'take') this.#take(each.mode)
    if (each.type === 'end') this.#end(each.which, each.fates)
    if (each.type === 'topUp') this.#topUp(each.which)
    if (each.type === 'remove') this.#remove(each.below)
    same(this.#queues.length, this.#model.waiting.length, 'length')
  }

  #add(group: string, key: number): void {
    const entry = { id: (this.#nextId += 1), group, key, arrivedAt: performance.now() }
    this.#queues.add(group, key, entry)
    this.#model.waiting.push(entry)
  }

  #take(mode: Mode): void {
    const takeable = this.#model.takeable(mode)
    const quiet = takeable.filter((group) => this.#model.ofGroup(group).length < BACKLOG)
    const batch = this.#queues.take(mode)
    same(batch !== undefined, takeable.length > 0, `a batch of ${takeable.join()}`)
    if (batch === undefined) return
    const groups = [...batch.groups].map(({ group }) => String(group))
    for (const group of groups) same(takeable.includes(group), true, `${group} may have a batch`)
    const size = batch.shares.reduce((sum, { entries }) => sum + entries.length, 0)
    const isOfBacklog = groups.some((group) => !quiet.includes(group))
    same(size <= batch.maxSize && batch.maxSize <= MAX_BATCH_SIZE, true, 'its size')
    if (isOfBacklog) same(groups.length === 1 && size <= BACKLOG, true, 'small, and of one')
    if (mode === 'skip') {
      const isOverdue = this.#lastOfOneWithBacklog && quiet.length > 0
      same(isOverdue && isOfBacklog, false, 'those without a backlog have every other turn')
      this.#lastOfOneWithBacklog = isOfBacklog
    }
    for (const { of, queue, entries } of batch.shares) {
      const key = this.#model.key({ group: String(of.group), key: queue.key })
      same(key.isInBatch, false, 'a key is in one batch')
      key.isInBatch = true
      this.#model.take(entries)
    }
    this.#model.atWork.push(batch)
    this.batches += 1
    if (groups.length > 1) this.shared += 1
    if (isOfBacklog) this.ofBacklog += 1
  }

  #end(which: number, fates: readonly string[]): void {
    const [batch] = this.#model.atWork.splice(which % (this.#model.atWork.length || 1), 1)
    if (batch === undefined) return
    batch.shares.forEach((share, i) => {
      this.#release(share, fates[i % fates.length] ?? 'done')
    })
    this.#queues.end(batch)
  }

  #release(share: GroupShare<Entry>, fate: string): void {
    const key = this.#model.key({ group: String(share.of.group), key: share.queue.key })
    const returned = fate === 'done' ? [] : [...share.entries]
    key.isInBatch = false
    key.timesLocked = fate === 'locked' ? key.timesLocked + 1 : 0
    this.#model.waiting.unshift(...returned)
    this.#queues.release(share, { returned, isLocked: fate === 'locked' })
    // A key for which nothing waits is forgotten.
    if (!this.#model.waiting.some((entry) => this.#model.key(entry) === key)) key.timesLocked = 0
  }

  #topUp(which: number): void {
    const batch = this.#model.atWork[which % (this.#model.atWork.length || 1)]
    const share = batch?.shares[0]
    if (batch === undefined || share === undefined) return
    this.#model.take(this.#queues.topUp(batch, share, 3))
    const ofGroup = batch.shares.filter(({ of }) => of === share.of)
    const size = ofGroup.reduce((sum, { entries }) => sum + entries.length, 0)
    same(size <= BACKLOG, true, 'no more of a group than when it was taken')
  }

  #remove(below: number): void {
    const removed = this.#queues.removeWhile(({ id }) => id < below)
    this.#model.take(removed)
    const left = new Map<string, Entry>()
    for (const entry of this.#model.waiting.toReversed()) {
      left.set(`${entry.group} ${entry.key}`, entry)
    }
    for (const { id } of left.values()) same(id >= below, true, `${id} was to be removed`)
    for (const { group, key } of removed) {
      const model = this.#model.key({ group, key })
      if (!model.isInBatch && !left.has(`${group} ${key}`)) model.timesLocked = 0
    }
  }
}

function same<T>(actual: T, expected: T, what: string): void {
  if (actual !== expected) throw new Error(`${what}: ${String(actual)}, not ${String(expected)}`)
}

t.test('queues by groups do what a list does', async (t) => {
  let batches = 0
  let shared = 0
  let small = 0
  fc.assert(
    fc.property(
      fc.array(operation, { minLength: 20, maxLength: 120, size: 'max' }),
      (operations) => {
        const run = new Run()
        for (const each of operations) run.do(each)
        batches += run.batches
        shared += run.shared
        small += run.ofBacklog
      },
    ),
    { numRuns: 300 },
  )
  const seen = `${batches} batches, ${shared} of several groups, ${small} of one with a backlog`
  t.ok(batches > 2000 && shared > 200 && small > 200, seen)
})
