import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { RoundRobin } from '../http/round-robin.ts'

/**
 * Requests that are begun in one turn of the event loop, at the most. Whatever is answered in several
 * steps takes one turn for each of them.
 */
const REQUESTS_PER_TURN = 32

export interface PaceOptions {
  /** By whom a request that waits takes its turn; asked only where one has to wait. */
  readonly turnOf: (request: FastifyRequest) => string
}

/**
 * Begins so many requests in one turn of the event loop; the others wait for the next ones. What is
 * answered at once, such as a 503 under overload, makes its client ask again at once. Without a bound
 * nothing else had its turn then: neither what PostgreSQL answered, nor the answers to those who were
 * served. From more than 1,024 connections, which is what Node takes from the kernel in one go, that
 * went on for seconds.
 *
 * Those that wait come by turns of who sent them, as far as that is known by then: so who asks for one
 * thing at a time does not wait for all that another one has sent.
 */
function pace(app: FastifyInstance, { turnOf }: PaceOptions, done: () => void): void {
  const waiting = new RoundRobin<() => void>()
  let begun = 0

  const nextTurn = (): void => {
    const next = waiting.take(REQUESTS_PER_TURN)
    begun = next.length
    if (begun > 0) setImmediate(nextTurn)
    for (const begin of next) begin()
  }

  app.addHook('onRequest', (request, _reply, begin) => {
    if (begun === 0) setImmediate(nextTurn)
    if (begun < REQUESTS_PER_TURN) {
      begun += 1
      begin()
    } else {
      waiting.add(turnOf(request), begin)
    }
  })
  done()
}

export default fp(pace, { name: 'pace', fastify: '5.x' })
