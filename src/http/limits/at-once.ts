import type { FastifyReply, FastifyRequest } from 'fastify'
import { OVERLOADED } from '../../engine/engine-error.ts'
import { CountsByGroup } from '../../engine/groups.ts'
import { clientNetwork } from '../client-address.ts'
import { groupOf } from '../group-of.ts'

/**
 * A bound for requests that take much of the process, a body in memory or a long turn: so many are there
 * at once. One tenant's, or where nobody is told apart one network's, are so many that there is room for as
 * many beside them.
 */
export class AtOnce {
  readonly #max: number
  readonly #there = new CountsByGroup()

  /** @param max - requests that are there at once, at the most */
  constructor(max: number) {
    this.#max = max
  }

  /**
   * Lets a request in, until its answer has been sent or its client is gone.
   *
   * @throws EngineError `overloaded` where there is no room; or its client has gone already, whom nobody
   *   would see leave
   */
  letIn(request: FastifyRequest, { raw }: FastifyReply): void {
    const { caller, socket } = request
    const group = groupOf(caller) ?? clientNetwork(request)
    const isGone = raw.destroyed || socket.destroyed
    if (isGone || !this.#there.hasRoomFor(group, this.#max)) throw OVERLOADED
    this.#there.add(group)
    let isThere = true
    const leave = (): void => {
      raw.off('close', leave)
      socket.off('close', leave)
      // Where both close at once, the one has no time to keep the other from telling it again.
      if (isThere) this.#there.remove(group)
      isThere = false
    }
    raw.once('close', leave)
    // An answer that others are due before is not told of the end.
    socket.once('close', leave)
  }
}
