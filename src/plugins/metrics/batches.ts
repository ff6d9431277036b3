import type { BatchObservation } from '../../engine/group-commit-options.ts'
import type { BatchKind } from '../../engine/observer.ts'
import { Histogram, type Observations } from './histogram.ts'

const COMMANDS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000] as const

/** The batches of a lane, those that wait for a lock beside the lanes, and plain reads of refusals. */
const KINDS = ['lane', 'lock_waiter', 'screen'] as const

interface OfKind {
  readonly size: Observations
  readonly waited: Observations
  readonly took: Observations
}

/** Sizes and times of batches. */
export class BatchMetrics {
  readonly #sizes = new Histogram<'kind'>(
    'reservation_batch_commands',
    'Commands that shared a batch',
    COMMANDS,
  )
  readonly #waits = new Histogram<'kind'>(
    'reservation_queue_wait_seconds',
    'How long the first command of a batch had waited for its turn',
  )
  readonly #durations = new Histogram<'kind'>(
    'reservation_batch_duration_seconds',
    'How long a batch took, all tries included',
  )
  readonly histograms = [this.#sizes, this.#waits, this.#durations]
  readonly #ofKind = Object.fromEntries(
    KINDS.map((kind): [string, OfKind] => [kind, this.#childrenOf(kind)]),
  )

  readonly observe = (batch: BatchObservation, of: BatchKind): void => {
    const kind = of === 'screen' ? 'screen' : batch.mode === 'wait' ? 'lock_waiter' : 'lane'
    const children = this.#ofKind[kind]
    children?.size.observe(batch.size)
    children?.waited.observe(batch.waitedMs / 1000)
    children?.took.observe(batch.tookMs / 1000)
  }

  #childrenOf(kind: string): OfKind {
    return {
      size: this.#sizes.child({ kind }),
      waited: this.#waits.child({ kind }),
      took: this.#durations.child({ kind }),
    }
  }
}
