import type { Test } from 'tap'
import {
  GroupCommit,
  type BatchResult,
  type GroupCommitBounds,
  type LockMode,
} from '../../src/engine/group-commit.ts'

interface Command {
  readonly key: number
  readonly name: string
}

export interface Batch {
  readonly names: string[]
  readonly mode: LockMode
  /** Takes what has come for the batch's keys since it began. */
  more(): string[]
  /** Ends the batch: by default each command is done, with its own name. */
  end(results?: BatchResult<string>[] | Error): void
}

const bounds: GroupCommitBounds = {
  lanes: 1,
  lockWaiters: 1,
  maxBatchSize: 100,
  maxQueueLength: 1000,
  maxQueueLengthPerKey: 1000,
  commandTimeoutMs: 60_000,
}

/** What a command's name begins with that is to have its key in a batch of its own. */
const HEAVY = 'heavy'

/** A group commit whose batches the test ends by hand, in the order in which they began. */
export function createStage(
  t: Test,
  overrides: Partial<GroupCommitBounds> = {},
  mayJoin?: (key: number) => boolean,
) {
  const begun: Batch[] = []
  const waiting: ((batch: Batch) => void)[] = []
  const commits = new GroupCommit<Command, string>({
    keyOf: ({ key }) => key,
    isHeavy: ({ name }) => name.startsWith(HEAVY),
    bounds: { ...bounds, ...overrides },
    ...(mayJoin && { mayJoin }),
    errors: {
      overloaded: () => new Error('overloaded'),
      keyLocked: () => new Error('key locked'),
      notStarted: () => new Error('not started'),
      outcomeUnknown: () => new Error('outcome unknown'),
      closing: () => new Error('closing'),
    },
    run: (commands, mode, more) =>
      new Promise((resolve, reject) => {
        const names = commands.map(({ name }) => name)
        const done = names.map((value): BatchResult<string> => ({ status: 'done', value }))
        const batch: Batch = {
          names,
          mode,
          more: () => {
            const added = more().map(({ name }) => name)
            done.push(...added.map((value): BatchResult<string> => ({ status: 'done', value })))
            return added
          },
          end: (results = done) => {
            if (results instanceof Error) reject(results)
            else resolve(results)
          },
        }
        const next = waiting.shift()
        if (next === undefined) begun.push(batch)
        else next(batch)
      }),
  })
  t.teardown(() => commits.close())
  return {
    commits,
    begun,
    submit: (key: number, name: string, isAbandoned?: () => boolean) =>
      commits.submit({ key, name }, isAbandoned),
    nextBatch: () =>
      new Promise<Batch>((resolve) => {
        const batch = begun.shift()
        if (batch === undefined) waiting.push(resolve)
        else resolve(batch)
      }),
  }
}

/** Settles when what is due in this turn of the event loop and the next has happened. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
}

/** Ends a batch: what `isDeferred` picks is put off, the rest is done. */
export function endBut(batch: Batch, isDeferred: (name: string) => boolean): void {
  batch.end(
    batch.names.map((value) =>
      isDeferred(value) ? { status: 'later' } : { status: 'done', value },
    ),
  )
}

/** Ends a batch that puts off all of its commands. */
export function putOff(batch: Batch): void {
  endBut(batch, () => true)
}
