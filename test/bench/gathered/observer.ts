import { serve } from '../child-side.ts'
import { Pulse, Tally } from './pulse.ts'
import type { WatchJob, WatchQuestion, WatchResult } from './watch-job.ts'

// The process that books at other events and asks whether the service lives, all the while. It is
// one of its own, so that what it measures is not the benchmark's own waiting.

const background = new Tally()
const liveness = new Tally()
let pulses: readonly Pulse[] = []
let measuredFrom = { atMs: 0, cpu: process.cpuUsage() }

// Nobody but the benchmark talks to it, so a question is a question.
serve((question) => answer(question as WatchQuestion))

async function answer(question: WatchQuestion): Promise<WatchResult | null> {
  switch (question.type) {
    case 'start':
      pulses = pulsesFor(question.job)
      await Promise.all(pulses.map((pulse) => pulse.start()))
      return null
    case 'measure':
      background.reset()
      liveness.reset()
      measuredFrom = { atMs: performance.now(), cpu: process.cpuUsage() }
      return null
    case 'stop':
      for (const pulse of pulses) pulse.stop()
      return result()
  }
}

function pulsesFor({ port, background: load, eventIds, userPrefix }: WatchJob): Pulse[] {
  let sent = 0
  const reserve = (): string => {
    sent += 1
    const eventId = eventIds[Math.floor(Math.random() * eventIds.length)] ?? 0
    const body = `{"event_id":${eventId},"user_id":"${userPrefix}-${sent}"}`
    return (
      `POST /api/bookings/reserve HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
    )
  }
  const livez = (): string => `GET /livez HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`
  return [
    new Pulse(port, load.livenessPeriodMs, livez, liveness),
    ...Array.from(
      { length: load.clients },
      () => new Pulse(port, load.periodMs, reserve, background),
    ),
  ]
}

function result(): WatchResult {
  const elapsedMs = performance.now() - measuredFrom.atMs
  const { user, system } = process.cpuUsage(measuredFrom.cpu)
  return {
    background: background.result(),
    liveness: liveness.result(),
    seconds: elapsedMs / 1000,
    cpuShare: (user + system) / 1000 / elapsedMs,
  }
}
