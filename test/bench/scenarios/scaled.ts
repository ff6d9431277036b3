import type { Arrangement, Run, Scenario } from './model.ts'

/** Written in a moment, and enough for a short measurement: nothing above is scaled below it. */
const LEAST_ROWS = 20_000
const LEAST_TIMES = 10

/** The scenario with less, or more, in its tables to start from. */
export function scaled(scenario: Scenario, scale: number): Scenario {
  return { ...scenario, runs: scenario.runs.map((run) => scaledRun(run, scale)) }
}

function scaledRun(run: Run, scale: number): Run {
  const { booked, held, waiting, listsTimes } = run.arrangement
  const rows = (size: number) => Math.max(Math.round(size * scale), Math.min(size, LEAST_ROWS))
  const times = (size: number) => Math.max(Math.round(size * scale), Math.min(size, LEAST_TIMES))
  const arrangement: Arrangement = {
    ...run.arrangement,
    ...(booked !== undefined && { booked: rows(booked) }),
    ...(held !== undefined && { held: rows(held) }),
    ...(waiting !== undefined && { waiting: rows(waiting) }),
    ...(listsTimes !== undefined && { listsTimes: listsTimes === 1 ? 1 : times(listsTimes) }),
  }
  return { ...run, arrangement }
}
