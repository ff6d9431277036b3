import { connect, type Socket } from 'node:net'
import { once } from 'node:events'

const HEADER_END = Buffer.from('\r\n\r\n')
const CONTENT_LENGTH = Buffer.from('\r\ncontent-length: ')
const STATUS_AT = 'HTTP/1.1 '.length
const BUFFER_BYTES = 16_384
const ZERO = 0x30

export interface ClientEvents {
  /** The answer is in a buffer that the next one overwrites. */
  onAnswer: (client: Client, status: number, answer: Buffer) => void
  onLost: (client: Client) => void
}

/**
 * One keep-alive connection that has one request under way at a time. Speaks just as much HTTP as
 * the server's answers need, because the generator shares the machine with what it measures.
 */
export class Client {
  readonly port: number
  /** When the request under way was sent; null where none is. */
  sentAt: number | null = null
  readonly #socket: Socket
  readonly #events: ClientEvents
  #pending: Buffer | null = null

  constructor(port: number, events: ClientEvents) {
    this.port = port
    this.#events = events
    const buffer = Buffer.allocUnsafe(BUFFER_BYTES)
    this.#socket = connect({
      host: '127.0.0.1',
      port,
      noDelay: true,
      // Without a stream between the socket and us: no allocation for what is read.
      onread: {
        buffer,
        callback: (length) => {
          this.#read(buffer.subarray(0, length))
          return true
        },
      },
    })
    this.#socket.on('error', () => undefined)
    this.#socket.on('close', () => {
      this.#events.onLost(this)
    })
  }

  async connected(): Promise<void> {
    if (this.#socket.connecting) await once(this.#socket, 'connect')
  }

  /** Sends a request of plain ASCII. */
  send(request: string, now: number): void {
    this.sentAt = now
    this.#socket.write(request, 'latin1')
  }

  close(): void {
    this.#socket.destroy()
  }

  #read(chunk: Buffer): void {
    const answer = this.#pending === null ? chunk : Buffer.concat([this.#pending, chunk])
    if (isComplete(answer)) {
      this.#pending = null
      this.#events.onAnswer(this, statusOf(answer), answer)
    } else {
      // The chunk is in a buffer that the next one overwrites.
      this.#pending = Buffer.from(answer)
    }
  }
}

function isComplete(answer: Buffer): boolean {
  const headerEnd = answer.indexOf(HEADER_END)
  if (headerEnd < 0) return false
  const lengthAt = answer.indexOf(CONTENT_LENGTH)
  if (lengthAt < 0) throw new Error('an answer has no content-length')
  const bodyLength = readInteger(answer, lengthAt + CONTENT_LENGTH.length)
  return answer.length >= headerEnd + HEADER_END.length + bodyLength
}

function statusOf(answer: Buffer): number {
  return readInteger(answer, STATUS_AT)
}

function readInteger(bytes: Buffer, from: number): number {
  let value = 0
  for (let at = from; ; at += 1) {
    const digit = (bytes[at] ?? 0) - ZERO
    if (digit < 0 || digit > 9) return value
    value = value * 10 + digit
  }
}
