import { request, type ClientRequest, type IncomingMessage } from 'node:http'
import { once } from 'node:events'

export const NDJSON = 'application/x-ndjson'

/** A line of the answer to an import. */
export interface ImportAnswer {
  readonly line: number
  readonly status: number
  readonly booking?: { readonly id: number; readonly user_id: string; readonly lines: unknown }
  readonly waitlist_entry?: { readonly id: number }
  readonly error?: { readonly code: string; readonly detail: string; readonly status: number }
  readonly retry_after?: number
  readonly replayed?: boolean
  readonly stopped?: boolean
}

/** Lines of JSON as values. */
export function answersOf(text: string): ImportAnswer[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as ImportAnswer)
}

/** Values as lines of JSON. */
export function linesOf(...values: readonly object[]): string {
  return values.map((value) => `${JSON.stringify(value)}\n`).join('')
}

/** Begins an import on a connection of its own; its body is sent by whoever asks. */
export function beginImport(
  baseUrl: string,
  eventId: number,
  key: string,
  headers: Readonly<Record<string, string>> = {},
): { asking: ClientRequest; answered: Promise<IncomingMessage> } {
  const asking = request(`${baseUrl}/api/events/${eventId}/bookings/import`, {
    method: 'POST',
    agent: false,
    headers: { 'content-type': NDJSON, 'idempotency-key': key, ...headers },
  })
  const answered = once(asking, 'response').then(([response]) => response as IncomingMessage)
  // What it fails with is told where somebody waits for it; the rest of a body may meet a closed socket.
  answered.catch(() => undefined)
  asking.on('error', () => undefined)
  return { asking, answered }
}

/** Reads an answer while something else goes on: when some of it has come, and all of it. */
export function receive(response: IncomingMessage): {
  some: Promise<unknown>
  all: Promise<ImportAnswer[]>
} {
  const pieces: string[] = []
  response.setEncoding('utf8').on('data', (piece: string) => pieces.push(piece))
  const all = once(response, 'end').then(() => answersOf(pieces.join('')))
  return { some: once(response, 'data'), all }
}
