import { Counter, type Registry } from 'prom-client'
import { FACT_TYPE_NAMES } from '../../domain/facts.ts'
import type { TransactionObservation } from '../../engine/observer.ts'
import { STEPS } from '../../engine/steps.ts'
import { HistogramBy } from './histogram.ts'

/** How a wait for a lock ended. */
const LOCK_ENDS = ['locked', 'timed_out', 'failed'] as const

/** The steps of transactions, waits for locks, failures, retries, and what was committed. */
export class TransactionMetrics {
  readonly #steps = new HistogramBy({
    name: 'reservation_transaction_step_seconds',
    help: "How long a step of a batch's transaction took; write_and_commit where COMMIT goes along",
    label: 'step',
    values: STEPS,
  })
  readonly #lockWaits = new HistogramBy({
    name: 'reservation_lock_wait_seconds',
    help: 'How long a batch waited for an event that another session had locked',
    label: 'end',
    values: LOCK_ENDS,
  })
  readonly histograms = [this.#steps, this.#lockWaits]
  readonly #failures: Counter<'kind' | 'stage'>
  readonly #retries: Counter
  readonly #facts: Counter<'type'>

  constructor(registry: Registry) {
    const registers = [registry]
    this.#failures = new Counter({
      name: 'reservation_transaction_failures_total',
      help: 'Transactions of batches that failed, by what failed and the stage they had reached',
      labelNames: ['kind', 'stage'],
      registers,
    })
    for (const kind of ['unavailable', 'out_of_time'])
      this.#failures.inc({ kind, stage: 'work' }, 0)
    this.#retries = new Counter({
      name: 'reservation_retries_total',
      help: 'Tries at a batch, or at a part of it, after the first',
      registers,
    })
    this.#facts = new Counter({
      name: 'reservation_facts_total',
      help: 'Entries of histories that were committed, by type; expired are holds that have ended',
      labelNames: ['type'],
      registers,
    })
    for (const type of FACT_TYPE_NAMES) this.#facts.inc({ type }, 0)
  }

  readonly onTransaction = (transaction: TransactionObservation): void => {
    const { clock, facts, failure, isRetry, mode } = transaction
    for (const { step, startedAt, endedAt } of clock.ended) {
      this.#steps.observe(step, (endedAt - startedAt) / 1000)
    }
    if (failure?.stage === 'commit') this.#observeLostCommit(transaction)
    if (mode === 'wait') this.#observeLockWait(transaction)
    if (isRetry) this.#retries.inc()
    if (failure !== null) this.#failures.inc({ kind: failure.kind, stage: failure.stage })
    const counts = new Map<string, number>()
    for (const { type } of facts) counts.set(type, (counts.get(type) ?? 0) + 1)
    for (const [type, count] of counts) this.#facts.inc({ type }, count)
  }

  /** The slowest commits may be those that never end: they count for as long as they were waited for. */
  #observeLostCommit({ clock, endedAt }: TransactionObservation): void {
    this.#steps.observe(clock.commitStep, (endedAt - clock.startedAt) / 1000)
  }

  #observeLockWait({ clock, failure, endedAt }: TransactionObservation): void {
    const lock = clock.ended.find(({ step }) => step === 'lock')
    if (lock !== undefined) {
      this.#lockWaits.observe('locked', (lock.endedAt - lock.startedAt) / 1000)
    } else if (clock.ended.length > 0) {
      const end = failure?.kind === 'lock_timeout' ? 'timed_out' : 'failed'
      this.#lockWaits.observe(end, (endedAt - clock.startedAt) / 1000)
    }
  }
}
