import type { IncomingMessage } from 'node:http'

const keeping = new WeakSet<IncomingMessage>()

/**
 * From now on it is the route that sees to it that the rest of the request comes in time: its body may take
 * longer than requests may, since it is read no faster than it is worked on.
 */
export function keepOwnTime(request: IncomingMessage): void {
  keeping.add(request)
}

export function keepsOwnTime(request: IncomingMessage): boolean {
  return keeping.has(request)
}
