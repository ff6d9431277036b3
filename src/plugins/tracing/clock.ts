/** From a time by `performance.now` to one since 1970, in milliseconds, as a span has it. */
export type ToEpoch = (time: number) => number

/**
 * Taken once for all times that are to keep their order and distances. Not from `timeOrigin`: the system's
 * clock may have been set since the process began.
 */
export function epochClock(): ToEpoch {
  const offsetMs = Date.now() - performance.now()
  return (time) => time + offsetMs
}
