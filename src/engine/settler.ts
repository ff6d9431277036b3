import { settleCommand, type AskedEvent } from '../domain/commands.ts'
import type { SettleCommand } from '../domain/commands/events.ts'

type Execute = (command: SettleCommand, isHeavy: boolean) => Promise<unknown>

/** Pieces of an event that share batches with other events: most have little left. */
const LIGHT_PIECES = 3

/**
 * Asks for the batches that go on where one had to stop: each settles a bounded piece of an event.
 * For an event it asks once at a time. What fails is found again by the sweeper.
 */
export class Settler {
  readonly #execute: Execute
  readonly #onError: (error: unknown) => void
  /** The events that are asked for, and whether more has been found to do meanwhile. */
  readonly #asked = new Map<number, boolean>()

  /**
   * @param execute - carries a command out; a heavy one in a batch of its own
   * @param onError - told why an event is left to the sweeper
   */
  constructor(execute: Execute, onError: (error: unknown) => void = () => undefined) {
    this.#execute = execute
    this.#onError = onError
  }

  /** Sees to it that the events are settled further. */
  goOn(events: readonly AskedEvent[]): void {
    for (const event of events) {
      if (this.#asked.has(event.id)) this.#asked.set(event.id, true)
      else void this.#settle(event)
    }
  }

  async #settle(event: AskedEvent): Promise<void> {
    const { id: eventId } = event
    let pieces = 0
    try {
      do {
        this.#asked.set(eventId, false)
        pieces += 1
        await this.#execute(settleCommand(event), pieces > LIGHT_PIECES)
      } while (this.#asked.get(eventId) === true)
    } catch (error) {
      this.#onError(error)
    } finally {
      this.#asked.delete(eventId)
    }
  }
}
