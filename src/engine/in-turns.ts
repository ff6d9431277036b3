import { setImmediate as nextTurn } from 'node:timers/promises'

/** Answers that are given in one turn of the event loop, where nothing else is to be done. */
const ANSWERS_PER_TURN = 16

/** About as many answers as the process writes in a millisecond. */
const ANSWERS_PER_MS = 20

/**
 * Settles requests a few at a time: what an answer sets off (serializing, writing to a socket) would
 * otherwise keep the process from everything else until the last one is sent. Where what comes in
 * takes long turns, as when thousands are turned away in each, the answers get as much time as that:
 * otherwise those who are served would wait for those who are not.
 */
export async function settleInTurns<T>(
  requests: Iterable<T>,
  settle: (request: T) => void,
): Promise<void> {
  let room = ANSWERS_PER_TURN
  let settled = 0
  for (const request of requests) {
    settle(request)
    settled += 1
    if (settled < room) continue
    const startedAt = performance.now()
    await nextTurn()
    const othersMs = performance.now() - startedAt - settled / ANSWERS_PER_MS
    room = Math.max(ANSWERS_PER_TURN, Math.ceil(othersMs * ANSWERS_PER_MS))
    settled = 0
  }
}
