import type { IncomingMessage } from 'node:http'

/** What is to be called where the rest of the request can't come any more. */
const keeping = new WeakMap<IncomingMessage, () => void>()

/**
 * From now on it is the route that sees to it that the rest of the request comes in time: its body may take
 * longer than requests may, since it is read no faster than it is worked on.
 *
 * @param onBroken - called where what comes is no body any more, or ends before it
 */
export function keepOwnTime(request: IncomingMessage, onBroken: () => void): void {
  keeping.set(request, onBroken)
}

export function keepsOwnTime(request: IncomingMessage): boolean {
  return keeping.has(request)
}

/**
 * Tells the route of a request that keeps its own time that no more of it will come.
 *
 * @returns whether there is such a route: the answer is its business then
 */
export function tellBroken(request: IncomingMessage): boolean {
  const onBroken = keeping.get(request)
  onBroken?.()
  return onBroken !== undefined
}
