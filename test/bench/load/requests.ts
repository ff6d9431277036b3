import { HALL, SECTION_KEYS, TYPE_KEYS } from '../arrange/offers.ts'
import type { LoadJob } from './job.ts'

/** Gives the n-th request of a job, in plain ASCII. */
export type MakeRequest = (n: number) => string

/** Whether the n-th request of a mixed job is a booking. */
export function isBooking(n: number, bookEvery: number): boolean {
  return n % bookEvery === 0
}

/** The requests of a job to one of its ports: what does not change is put together once. */
export function requestsOf(job: LoadJob, port: number): MakeRequest {
  switch (job.ask) {
    case 'reserve':
      return reservations(job, port)
    case 'keyed':
      return reservations(job, port, { isKeyed: true })
    case 'hold':
      return reservations(job, port, { option: ',"hold":true' })
    case 'join':
      return reservations(job, port, { option: ',"waitlist":true' })
    case 'typed':
      return reservations(job, port, { option: randomOf(TYPE_KEYS.map((key) => linesOf(key))) })
    case 'labels':
      return reservations(job, port, { option: labelsInTurn() })
    case 'best':
      return reservations(job, port, {
        option: randomOf(SECTION_KEYS.map((key) => bestOf({ section: key }))),
      })
    case 'best-of-all':
      return reservations(job, port, { option: () => bestOf({}) })
    case 'read':
      return reads(job, port)
    case 'confirm':
      return onBookings(job, (id) => `POST /api/bookings/${id}/confirm`, port)
    case 'cancel':
      return onBookings(job, (id) => `DELETE /api/bookings/${id}`, port)
    case 'mixed':
      return mixed(job, port)
    case 'turnover':
      return turnover(job, port)
    case 'page':
      throw new TypeError('pages are asked for by paths')
  }
}

interface Reservation {
  /** A further member of the body. */
  readonly option?: string | ((n: number) => string)
  readonly isKeyed?: boolean
}

function reservations(
  { eventIds, userPrefix, apiKey }: LoadJob,
  port: number,
  { option = '', isKeyed = false }: Reservation = {},
): MakeRequest {
  const key = isKeyed ? `Idempotency-Key: ${userPrefix}-` : ''
  const start =
    `POST /api/bookings/reserve HTTP/1.1\r\n${headOf(port, apiKey)}` +
    `Content-Type: application/json\r\nContent-Length: `
  const event = randomOf(eventIds.map((id) => `{"event_id":${id},"user_id":"${userPrefix}-`))
  const endOf = typeof option === 'string' ? () => option : option
  return (n) => {
    const user = String(n)
    const end = `"${endOf(n)}}`
    const opening = event()
    const length = opening.length + user.length + end.length
    const header = isKeyed
      ? `${start}${length}\r\n${key}${user}\r\n\r\n`
      : `${start}${length}\r\n\r\n`
    return header + opening + user + end
  }
}

function linesOf(type: string, seats = 1, option: object = {}): string {
  return `,"lines":${JSON.stringify([{ ticket_type: type, seats, ...option }])}`
}

function bestOf(where: object): string {
  return linesOf('default', 2, { best_available: where })
}

function labelsInTurn(): (n: number) => string {
  const shuffled = [...HALL.labels()]
    .map((label) => ({ label, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ label }) => linesOf('default', 1, { labels: [label] }))
  return (n) => shuffled[(n - 1) % shuffled.length] ?? ''
}

function reads({ eventIds, apiKey }: LoadJob, port: number): MakeRequest {
  return randomOf(eventIds.map((id) => getRequest(`/api/events/${id}`, port, apiKey)))
}

function mixed(job: LoadJob, port: number): MakeRequest {
  const { bookEvery } = job
  if (bookEvery === undefined) throw new TypeError('how often is a booking made?')
  const book = reservations(job, port)
  const read = reads(job, port)
  return (n) => (isBooking(n, bookEvery) ? book(n) : read(n))
}

function turnover(job: LoadJob, port: number): MakeRequest {
  const plain = reservations(job, port)
  const hold = reservations(job, port, { option: ',"hold":true' })
  const keyed = reservations(job, port, { isKeyed: true })
  return (n) => (n % 10 === 0 ? hold(n) : n % 10 === 5 ? keyed(n) : plain(n))
}

/** After the last of the bookings the first one follows: to confirm again does no harm. */
function onBookings(
  { bookingIds, apiKey }: LoadJob,
  line: (id: number) => string,
  port: number,
): MakeRequest {
  if (bookingIds === undefined) throw new TypeError('there are no bookings')
  const [first, last] = bookingIds
  const end = ` HTTP/1.1\r\n${headOf(port, apiKey)}Content-Length: 0\r\n\r\n`
  return (n) => line(first + ((n - 1) % (last - first + 1))) + end
}

/** A request for what stands at a path. */
export function getRequest(path: string, port: number, apiKey?: string): string {
  return `GET ${path} HTTP/1.1\r\n${headOf(port, apiKey)}\r\n`
}

function headOf(port: number, apiKey: string | undefined): string {
  const host = `Host: 127.0.0.1:${port}\r\n`
  return apiKey === undefined ? host : `${host}Authorization: Bearer ${apiKey}\r\n`
}

function randomOf(texts: readonly string[]): () => string {
  return () => texts[Math.floor(Math.random() * texts.length)] ?? ''
}
