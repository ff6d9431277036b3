import type { Gathering } from './arrange.ts'

const PATIENCE_MS = 60_000

/** The first answer to a request that meets what has gathered. */
export interface FirstAnswer {
  readonly request: string
  /** 0 where no answer came. */
  readonly status: number
  readonly body: string
  readonly tookMs: number
  readonly isRight: boolean
}

export interface FirstAnswers {
  readonly reserveA: FirstAnswer
  readonly reserveB: FirstAnswer
  readonly raiseC: FirstAnswer
  readonly reserveC: FirstAnswer
  readonly deleteD: FirstAnswer
  readonly readD: FirstAnswer
}

/** Sends the requests of the instant, all at once; reads D as soon as its deletion is answered. */
export async function firstAnswers(
  origin: string,
  gathering: Gathering,
  newCapacity: number,
): Promise<FirstAnswers> {
  const { expiring, filling, waiting } = gathering
  const reserve = (eventId: number, expected: readonly number[]): Promise<FirstAnswer> =>
    ask(`${origin}/api/bookings/reserve`, 'POST', expected, {
      event_id: eventId,
      user_id: 'newcomer',
    })
  const deletion = ask(`${urlOf(origin, gathering.deleted)}?force=true`, 'DELETE', [204])
  const [reserveA, reserveB, raiseC, reserveC, deleteD, readD] = await Promise.all([
    reserve(expiring, [201]),
    reserve(filling, [201]),
    ask(urlOf(origin, waiting), 'PATCH', [200], { total_seats: newCapacity }),
    // All that it gains is for its line.
    reserve(waiting, [409]),
    deletion,
    deletion.then(() => readDeleted(origin, gathering)),
  ])
  return { reserveA, reserveB, raiseC, reserveC, deleteD, readD }
}

/** The deleted event is not found, however much of it there still is. */
export function readDeleted(origin: string, { deleted }: Gathering): Promise<FirstAnswer> {
  return ask(urlOf(origin, deleted), 'GET', [404])
}

function urlOf(origin: string, eventId: number): string {
  return `${origin}/api/events/${eventId}`
}

async function ask(
  url: string,
  method: string,
  expected: readonly number[],
  payload?: object,
): Promise<FirstAnswer> {
  const startedAt = performance.now()
  const request = `${method} ${new URL(url).pathname}`
  const tookMs = (): number => performance.now() - startedAt
  try {
    const response = await fetch(url, {
      method,
      signal: AbortSignal.timeout(PATIENCE_MS),
      ...(payload !== undefined && {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(payload),
      }),
    })
    const { status } = response
    const body = await response.text()
    return { request, status, body, tookMs: tookMs(), isRight: expected.includes(status) }
  } catch (error) {
    return { request, status: 0, body: String(error), tookMs: tookMs(), isRight: false }
  }
}
