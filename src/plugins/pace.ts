import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'

/** Requests that are begun in one turn of the event loop, at the most. */
const REQUESTS_PER_TURN = 256

/**
 * Begins so many requests in one turn of the event loop; the others wait for the next ones, in order
 * of arrival. What is answered at once, such as a 503 under overload, makes its client ask again at
 * once. From more than 1,024 connections, which is what Node takes from the kernel in one go, it then
 * went on reading requests for seconds, and nothing else had its turn: neither what PostgreSQL
 * answered, nor the answers to those who were served.
 */
function pace(app: FastifyInstance, _options: object, done: () => void): void {
  const waiting: (() => void)[] = []
  let begun = 0

  const nextTurn = (): void => {
    const next = waiting.splice(0, REQUESTS_PER_TURN)
    begun = next.length
    if (begun > 0) setImmediate(nextTurn)
    for (const begin of next) begin()
  }

  app.addHook('onRequest', (_request, _reply, begin) => {
    if (begun === 0) setImmediate(nextTurn)
    if (begun < REQUESTS_PER_TURN) {
      begun += 1
      begin()
    } else {
      waiting.push(begin)
    }
  })
  done()
}

export default fp(pace, { name: 'pace', fastify: '5.x' })
