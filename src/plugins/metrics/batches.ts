import type { BatchObservation } from '../../engine/group-commit-options.ts'
import type { BatchKind } from '../../engine/observer.ts'
import { HistogramBy } from './histogram.ts'

const COMMANDS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000] as const

/** The batches of a lane, those that wait for a lock beside the lanes, and plain reads of refusals. */
const KINDS = ['lane', 'lock_waiter', 'screen'] as const

/** Sizes and times of batches. */
export class BatchMetrics {
  readonly #sizes = new HistogramBy({
    name: 'reservation_batch_commands',
    help: 'Commands that shared a batch',
    label: 'kind',
    values: KINDS,
    bounds: COMMANDS,
  })
  readonly #waits = new HistogramBy({
    name: 'reservation_queue_wait_seconds',
    help: 'How long the first command of a batch had waited for its turn',
    label: 'kind',
    values: KINDS,
  })
  readonly #durations = new HistogramBy({
    name: 'reservation_batch_duration_seconds',
    help: 'How long a batch took, all tries included',
    label: 'kind',
    values: KINDS,
  })
  readonly histograms = [this.#sizes, this.#waits, this.#durations]

  readonly observe = (batch: BatchObservation, of: BatchKind): void => {
    const kind = of === 'screen' ? 'screen' : batch.mode === 'wait' ? 'lock_waiter' : 'lane'
    this.#sizes.observe(kind, batch.size)
    this.#waits.observe(kind, batch.waitedMs / 1000)
    this.#durations.observe(kind, batch.tookMs / 1000)
  }
}
