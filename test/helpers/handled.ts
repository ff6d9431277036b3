import { subscribe, unsubscribe } from 'node:diagnostics_channel'

/** Fastify tells it right before a handler runs; that of a reservation queues its command at once. */
const STARTED = 'tracing:fastify.request.handler:start'

/** Settles when so many requests have come to their handlers in this process, from now on. */
export function untilHandled(requests: number): Promise<void> {
  return new Promise((resolve) => {
    let handled = 0
    const onStarted = (): void => {
      handled += 1
      if (handled < requests) return
      unsubscribe(STARTED, onStarted)
      resolve()
    }
    subscribe(STARTED, onStarted)
  })
}
