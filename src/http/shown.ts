import type { FastifyReply } from 'fastify'
import { codingFor, compress, type Compression } from './encoded.ts'
import { varyBy } from './vary.ts'

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
  const shownOf = madeOnce((value: V, reply: FastifyReply) => textOf(view(value), reply))
  return (reply, value) => reply.type(JSON_TYPE).send(shownOf(value, reply))
}

/**
 * Sends pages of a list, which are JSON already, likewise; compressed where the client takes that and
 * it pays. That is done once for each page and coding too, however many are sent it.
 */
export function pagesShown(): (reply: FastifyReply, page: object) => Promise<FastifyReply> {
  const pageOf = madeOnce((page: object, reply: FastifyReply) => new PageText(textOf(page, reply)))
  return async (reply, page) => {
    const shown = pageOf(page, reply)
    varyBy(reply.type(JSON_TYPE), 'accept-encoding')
    const coding = codingFor(reply.request.headers['accept-encoding'])
    if (coding === 'identity' || !shown.isWorthIt) return reply.send(shown.text)
    const bytes = await shown.as(coding)
    return reply.header('content-encoding', coding).send(bytes)
  }
}

function textOf(value: object, reply: FastifyReply): string {
  const serialize = reply.getSerializationFunction('200', 'application/json') ?? JSON.stringify
  return serialize(value)
}

/** What fits into one or two packets takes no less time to send. */
const WORTH_COMPRESSING = 2048

/** Compressed at once, in less than 0.1 ms: higher levels make a page a few per cent smaller. */
const BROTLI_LEVEL = 4

class PageText {
  readonly text: string
  readonly #compressed = new Map<Compression, Promise<Buffer>>()

  constructor(text: string) {
    this.text = text
  }

  get isWorthIt(): boolean {
    return this.text.length >= WORTH_COMPRESSING
  }

  as(coding: Compression): Promise<Buffer> {
    const known = this.#compressed.get(coding)
    if (known !== undefined) return known
    const compressed = compress(this.text, coding, BROTLI_LEVEL)
    this.#compressed.set(coding, compressed)
    return compressed
  }
}
