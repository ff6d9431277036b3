import type { Answer, Asked } from './asked.ts'

/** How many things of a kind are remembered: few, so that they are met again. */
const MAX_REMEMBERED = 12

/** What answers have told so far: without it nearly every request would name what is not there. */
export class Known {
  readonly #ids = new Map<string, string[]>()
  readonly #successes: { readonly asked: Asked; readonly answer: Answer }[] = []
  /** Ids of the operations that have had a success. */
  readonly succeeded = new Set<string>()
  readonly tags: string[] = []
  readonly cursors: string[] = []
  readonly keys: string[] = []

  /** Ids of what is under `/api/<collection>/`. */
  ids(collection: string): readonly string[] {
    return this.#ids.get(collection) ?? []
  }

  /** Requests under a key that have had a success, with it. */
  get successes(): readonly { readonly asked: Asked; readonly answer: Answer }[] {
    return this.#successes
  }

  learn(asked: Asked, answer: Answer): void {
    const key = asked.headers['idempotency-key']
    if (key !== undefined && asked.claim === 'valid') remember(this.keys, key)
    if (answer.status < 200 || answer.status > 299) return
    this.succeeded.add(asked.operationId)
    if (key !== undefined && asked.method !== 'GET') {
      remember(this.#successes, { asked, answer })
    }
    const [, collection, id] = /\/api\/(\w+)\/(\w+)$/.exec(answer.headers.location ?? '') ?? []
    if (collection !== undefined) {
      const ids = this.#ids.get(collection) ?? []
      this.#ids.set(collection, ids)
      remember(ids, String(id))
    }
    if (answer.headers.etag !== undefined) remember(this.tags, answer.headers.etag)
    const cursor = /"next_cursor":"([^"]+)"/.exec(answer.body)?.[1]
    if (cursor !== undefined) remember(this.cursors, cursor)
  }
}

function remember<T>(things: T[], thing: T): void {
  things.push(thing)
  if (things.length > MAX_REMEMBERED) things.shift()
}
