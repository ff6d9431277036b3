import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { Test } from 'tap'
import { answersOf, NDJSON, type ImportAnswer } from './import.ts'

/** An import by a client that does all of HTTP itself. */
export interface RawImport {
  readonly socket: Socket
  /** Sends bytes; settles once the kernel has taken them all. */
  readonly write: (bytes: string | Buffer) => Promise<void>
  /** Reads to the end of the connection, from now on. */
  readonly read: () => Promise<{ head: string; answers: ImportAnswer[]; received: string }>
}

let total = 0

interface AskedRaw {
  readonly eventId: number
  /** In chunks where that is left out. */
  readonly length?: number
  readonly headers?: readonly string[]
  /** Sent in one piece with the head. */
  readonly begun?: string
}

/** Begins an import. It reads nothing before it is told to. */
export async function beginRaw(
  t: Pick<Test, 'teardown'>,
  baseUrl: string,
  { eventId, length, headers = [], begun = '' }: AskedRaw,
): Promise<RawImport> {
  const { port } = new URL(baseUrl)
  const socket = connect({ port: Number(port), host: '127.0.0.1', allowHalfOpen: true })
  socket.on('error', () => undefined)
  t.teardown(() => socket.destroy())
  await once(socket, 'connect')
  const write = (bytes: string | Buffer): Promise<void> =>
    new Promise((resolve, reject) => {
      socket.write(bytes, (error) => {
        if (error) reject(error)
        else resolve()
      })
    })
  const head = [
    `POST /api/events/${eventId}/bookings/import HTTP/1.1`,
    'Host: localhost',
    `Content-Type: ${NDJSON}`,
    `Idempotency-Key: raw-${(total += 1)}`,
    length === undefined ? 'Transfer-Encoding: chunked' : `Content-Length: ${length}`,
    ...headers,
  ]
  await write(`${head.join('\r\n')}\r\n\r\n${begun}`)
  return {
    socket,
    write,
    read: async () => {
      const chunks: Buffer[] = []
      socket.on('data', (chunk) => chunks.push(chunk))
      // Not by iterating, which would close the client's end as well.
      await once(socket, 'end')
      const received = Buffer.concat(chunks).toString()
      const end = received.indexOf('\r\n\r\n')
      const body = received.slice(end + 4)
      // Each chunk of the answer is of whole lines.
      const lines = body.split('\r\n').filter((piece) => piece.startsWith('{"line"'))
      return { head: received.slice(0, end), answers: answersOf(lines.join('')), received }
    },
  }
}

/** A chunk of a body. */
export const chunkOf = (text: string): string =>
  `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`
