import type { LoadJob } from './job.ts'

/** Gives the bytes of the n-th request of a job, for one port. */
export type MakeRequest = (n: number, port: number) => string

export function requestsOf({ ask, eventIds, userPrefix, holds }: LoadJob): MakeRequest {
  const randomEvent = () => eventIds[Math.floor(Math.random() * eventIds.length)] ?? 0
  switch (ask) {
    case 'reserve':
      return (n, port) => {
        const body = `{"event_id":${randomEvent()},"user_id":"${userPrefix}-${n}"}`
        const type = `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`
        return `${head('POST', '/api/bookings/reserve', port)}${type}\r\n${body}`
      }
    case 'read':
      return (_n, port) => `${head('GET', `/api/events/${randomEvent()}`, port)}\r\n`
    case 'confirm': {
      if (holds === undefined) throw new Error('there is nothing to confirm')
      const [first, last] = holds
      return (n, port) => {
        const id = first + (n % (last - first + 1))
        return `${head('POST', `/api/bookings/${id}/confirm`, port)}Content-Length: 0\r\n\r\n`
      }
    }
  }
}

function head(method: string, path: string, port: number): string {
  return `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n`
}
