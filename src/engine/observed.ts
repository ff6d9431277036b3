import type { Outcome } from '../domain/outcomes.ts'
import type { BatchReport } from './batch.ts'
import { EngineError } from './engine-error.ts'
import type { ExecuteOptions, Reservations } from './engine.ts'
import type { GroupCommitOptions, LockMode } from './group-commit-options.ts'
import type { BatchKind, EngineObserver, OutcomeName, TransactionObservation } from './observer.ts'
import { StepClock } from './steps.ts'
import type { BatchTrace } from './traces.ts'
import { TransactionFailure } from './transaction.ts'

/** The options by which group commit tells of its batches; none where nobody listens. */
export function observing(
  kind: BatchKind,
  { observe, follow }: EngineObserver,
): Pick<GroupCommitOptions<never, never>, 'observe' | 'follow'> {
  return {
    ...(observe !== undefined && {
      observe: (batch) => {
        observe(batch, kind)
      },
    }),
    ...(follow !== undefined && { follow: () => follow(kind) }),
  }
}

/** Runs a try at a batch. */
type RunTry = (run: (steps?: StepClock) => Promise<BatchReport>) => Promise<BatchReport>

/** Tells the observer, and who follows the batch, of each try at it: the first and those after it. */
export function observedRun(
  mode: LockMode,
  observer: EngineObserver,
  trace: BatchTrace | undefined,
): RunTry {
  if (observer.onTransaction === undefined && trace === undefined) return (run) => run()
  const onTransaction = (transaction: TransactionObservation): void => {
    observer.onTransaction?.(transaction)
    trace?.onTransaction(transaction)
  }
  let isRetry = false
  return async (run) => {
    const clock = new StepClock()
    const about = { mode, isRetry, clock }
    isRetry = true
    try {
      const report = await run(clock)
      const endedAt = performance.now()
      onTransaction({ ...about, endedAt, facts: report.facts, failure: null })
      return report
    } catch (error) {
      if (!(error instanceof TransactionFailure)) throw error
      onTransaction({ ...about, endedAt: performance.now(), facts: [], failure: error })
      throw error
    }
  }
}

/** Tells the observer of each command that is executed. */
export function observedExecute(
  execute: Reservations['execute'],
  { commands }: EngineObserver,
): Reservations['execute'] {
  if (commands === undefined) return execute
  return async (command, options) => {
    commands.onBegun()
    try {
      const executed = await execute(command, options)
      commands.onEnded(command.type, nameOf(executed.outcome))
      return executed
    } catch (error) {
      commands.onEnded(command.type, reasonOf(error, options))
      throw error
    }
  }
}

/** Who has gone is not let in either, but the service has room for him. */
function reasonOf(error: unknown, { isAbandoned }: ExecuteOptions = {}): OutcomeName {
  if (!(error instanceof EngineError)) return 'internal_error'
  return error.reason === 'overloaded' && isAbandoned?.() === true ? 'client_gone' : error.reason
}

function nameOf(outcome: Outcome): OutcomeName {
  return outcome.kind === 'refused' ? outcome.refusal : outcome.kind
}
