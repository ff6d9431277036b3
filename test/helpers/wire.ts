/** A message of PostgreSQL's wire protocol; `type` is empty for the start-up messages. */
export interface Message {
  readonly type: string
  readonly bytes: Buffer
}

const LENGTH_BYTES = 4

/** Cuts a stream of chunks into messages: a type byte, then a length that counts itself. */
export class MessageReader {
  #buffered = Buffer.alloc(0)
  #isStartUp: boolean

  /** @param side - what a client sends begins with a message that has no type byte */
  constructor(side: 'client' | 'server') {
    this.#isStartUp = side === 'client'
  }

  read(chunk: Buffer): Message[] {
    this.#buffered = Buffer.concat([this.#buffered, chunk])
    const messages: Message[] = []
    for (let message = this.#next(); message !== undefined; message = this.#next()) {
      messages.push(message)
    }
    return messages
  }

  #next(): Message | undefined {
    const typeBytes = this.#isStartUp ? 0 : 1
    if (this.#buffered.length < typeBytes + LENGTH_BYTES) return undefined
    const end = typeBytes + this.#buffered.readInt32BE(typeBytes)
    if (this.#buffered.length < end) return undefined
    const bytes = this.#buffered.subarray(0, end)
    this.#buffered = this.#buffered.subarray(end)
    this.#isStartUp = false
    return { type: bytes.toString('latin1', 0, typeBytes), bytes }
  }
}

/** Tells which statement a client's message sets to work, prepared by name or not. */
export class StatementTracker {
  readonly #prepared = new Map<string, string>()

  textOf({ type, bytes }: Message): string | undefined {
    const strings = bytes.toString('utf8', 1 + LENGTH_BYTES).split('\0')
    if (type === 'Q') return strings[0]
    if (type === 'P') this.#prepared.set(strings[0] ?? '', strings[1] ?? '')
    // Bind names the portal first, then the statement.
    return type === 'B' ? this.#prepared.get(strings[1] ?? '') : undefined
  }
}
