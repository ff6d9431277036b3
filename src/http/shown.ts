import type { FastifyReply } from 'fastify'

const JSON_TYPE = 'application/json; charset=utf-8'

/**
 * What is made of values that many requests share, such as a coalesced read's: once for each value,
 * however many are sent it.
 *
 * @param make - also given what else the first one who asks has; that must make no difference
 */
export function madeOnce<V extends object, T extends object | string, More extends unknown[] = []>(
  make: (value: V, ...more: More) => T,
): (value: V, ...more: More) => T {
  const made = new WeakMap<V, T>()
  return (value, ...more) => {
    const known = made.get(value)
    if (known !== undefined) return known
    const thing = make(value, ...more)
    made.set(value, thing)
    return thing
  }
}

/** Sends such values as JSON, with 200 and by the schema of their route: the text is made once for each. */
export function shownAs<V extends object>(
  view: (value: V) => object,
): (reply: FastifyReply, value: V) => FastifyReply {
  const textOf = madeOnce((value: V, reply: FastifyReply) => {
    const serialize = reply.getSerializationFunction('200', 'application/json') ?? JSON.stringify
    return serialize(view(value))
  })
  return (reply, value) => reply.type(JSON_TYPE).send(textOf(value, reply))
}

/** Sends values that are JSON already, such as a page that many have asked for, likewise. */
export function shownAsIs(): (reply: FastifyReply, value: object) => FastifyReply {
  return shownAs((value: object) => value)
}
