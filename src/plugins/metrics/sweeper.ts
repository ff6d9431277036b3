import { Counter, type Registry } from 'prom-client'

/**
 * Whatever the sweeper can fail at, and `go_on`, which the engine leaves to it. All are told from zero: a
 * counter that appears with its first failure has not risen, as far as Prometheus can tell.
 */
export const SWEEPER_TASKS = [
  'look',
  'settle',
  'go_on',
  'purge',
  'pass_started',
  'prune_keys',
  'prune_holds',
] as const

export type SweeperTask = (typeof SWEEPER_TASKS)[number]

/** Counts the failures of the sweeper. Returns what is to be told of them. */
export function sweeperMetrics(registry: Registry): (task: SweeperTask) => void {
  const counter = new Counter({
    name: 'reservation_sweeper_failures_total',
    help: 'Tasks of the sweeper that failed; it tries them again',
    labelNames: ['task'],
    registers: [registry],
  })
  for (const task of SWEEPER_TASKS) counter.inc({ task }, 0)
  return (task) => {
    counter.inc({ task })
  }
}
