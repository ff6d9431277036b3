import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { isWhole, statusOf } from './answer.ts'

const BUFFER_BYTES = 16_384

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
  /** Whether the request under way is a booking; of no meaning but for mixed jobs. */
  isBooking = false
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
    if (isWhole(answer)) {
      this.#pending = null
      this.#events.onAnswer(this, statusOf(answer), answer)
    } else {
      // The chunk is in a buffer that the next one overwrites.
      this.#pending = Buffer.from(answer)
    }
  }
}
