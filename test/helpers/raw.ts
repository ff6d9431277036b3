import { once } from 'node:events'
import { connect, type AddressInfo, type Socket } from 'node:net'
import type { Test } from 'tap'
import type { App } from '../../src/app.ts'

/** An answer as it came over the wire. */
export interface RawAnswer {
  readonly status: number
  /** Status line and headers. */
  readonly head: string
  readonly body: string
}

/** A client of HTTP that sends what it is told to, whole requests or not. */
export interface RawClient {
  readonly socket: Socket
  send(bytes: string): void
  /** Sends FIN and goes on reading. */
  finish(): void
  /** All answers up to the end of the connection, also of one that is reset. */
  answers(): Promise<RawAnswer[]>
  /** The bytes that have come. */
  received(): string
}

/** Listens on a free port of the loopback; gives the port. */
export async function listen(app: App): Promise<number> {
  await app.listen({ host: '127.0.0.1', port: 0 })
  return (app.server.address() as AddressInfo).port
}

/** Opens a connection; the teardown closes it. It reads from the start unless told not to. */
export async function openRaw(
  t: Pick<Test, 'teardown'>,
  port: number,
  { reads = true } = {},
): Promise<RawClient> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  t.teardown(() => socket.destroy())
  const chunks: Buffer[] = []
  const received = (): string => Buffer.concat(chunks).toString('latin1')
  // A reset is an end too.
  const over = new Promise<void>((resolve) => {
    socket.once('error', () => {
      resolve()
    })
    socket.once('end', resolve)
    socket.once('close', () => {
      resolve()
    })
  })
  await once(socket, 'connect')
  const read = (): unknown => socket.on('data', (chunk) => chunks.push(chunk))
  if (reads) read()
  else socket.pause()
  return {
    socket,
    send: (bytes) => socket.write(bytes, 'latin1'),
    finish: () => socket.end(),
    received,
    async answers() {
      if (!reads) {
        read()
        socket.resume()
      }
      await over
      return parseAnswers(received())
    },
  }
}

/** Sends the bytes on a connection of their own; gives the answers up to its end. */
export async function exchange(t: Test, port: number, bytes: string): Promise<RawAnswer[]> {
  const client = await openRaw(t, port)
  client.send(bytes)
  const answers = await client.answers()
  client.socket.destroy()
  return answers
}

/** A request as it goes over the wire. */
export function rawRequest(
  method: string,
  path: string,
  { body, headers = [] }: { body?: object; headers?: string[] } = {},
): string {
  const content = body === undefined ? '' : JSON.stringify(body)
  const entity =
    body === undefined
      ? []
      : ['Content-Type: application/json', `Content-Length: ${Buffer.byteLength(content)}`]
  const head = [`${method} ${path} HTTP/1.1`, 'Host: localhost', ...entity, ...headers]
  return `${head.join('\r\n')}\r\n\r\n${content}`
}

/** Cuts what came into answers by their Content-Length. An interim answer has no body. */
export function parseAnswers(bytes: string): RawAnswer[] {
  const answers: RawAnswer[] = []
  let rest = bytes
  while (rest !== '') {
    const end = rest.indexOf('\r\n\r\n')
    const head = end === -1 ? rest : rest.slice(0, end)
    const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0)
    const bodyStart = head.length + 4
    answers.push({
      status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? NaN),
      head,
      body: rest.slice(bodyStart, bodyStart + length),
    })
    rest = rest.slice(bodyStart + length)
  }
  return answers
}
