import { Counter, Gauge, type Registry } from 'prom-client'
import type { Command } from '../../domain/commands.ts'
import { COMMAND_TYPES } from '../../domain/successes.ts'
import type { BatchKind, EngineObserver, OutcomeName, QueueLengths } from '../../engine/observer.ts'
import { Tally } from './tally.ts'

/**
 * What operators are to be told of from the first one on: a counter that appears with it has not
 * risen, as far as Prometheus can tell.
 */
const TOLD_FROM_ZERO = [
  'outcome_unknown',
  'internal_error',
  'overloaded',
  'event_busy',
] as const satisfies OutcomeName[]

const QUEUES = ['decide', 'screen'] as const satisfies BatchKind[]

/** The part of the engine's observer that is told of commands. */
type OfCommands = Required<Pick<EngineObserver, 'commands' | 'watchQueues'>>

/** Counts commands by what came of them, and those under way. @param max - how many may wait */
export function commandMetrics(registry: Registry, max: number): OfCommands {
  const registers = [registry]
  const tally = new Tally<Command['type'], OutcomeName>()
  for (const type of COMMAND_TYPES) {
    for (const outcome of TOLD_FROM_ZERO) tally.set(type, outcome, 0)
  }
  let inProgress = 0
  let queues: QueueLengths | undefined

  new Counter({
    name: 'reservation_commands_total',
    help: 'Commands, by what was asked and what came of it: a success, a refusal or an error',
    labelNames: ['type', 'outcome'],
    registers,
    collect() {
      this.reset()
      for (const { a, b, count } of tally.entries()) this.inc({ type: a, outcome: b }, count)
    },
  })
  new Gauge({
    name: 'reservation_commands_in_progress',
    help: 'Commands that wait for their turn or are at work',
    registers,
    collect() {
      this.set(inProgress)
    },
  })
  new Gauge({
    name: 'reservation_commands_waiting',
    help: 'Commands that wait for a batch: to be decided, or for a plain read of a refusal',
    labelNames: ['queue'],
    registers,
    collect() {
      for (const queue of QUEUES) this.set({ queue }, queues?.[queue]() ?? 0)
    },
  })
  new Gauge({
    name: 'reservation_commands_waiting_max',
    help: 'Commands that may wait in each queue, over all events and tenants: MAX_QUEUE_LENGTH',
    registers,
  }).set(max)

  const onBegun = (): void => {
    inProgress += 1
  }
  const onEnded = (type: Command['type'], outcome: OutcomeName): void => {
    inProgress -= 1
    tally.add(type, outcome)
  }
  const watchQueues = (lengths: QueueLengths): void => {
    queues = lengths
  }
  return { commands: { onBegun, onEnded }, watchQueues }
}
