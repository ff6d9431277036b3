import { Socket } from 'node:net'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import type { Client } from '../../src/http/client-address.ts'
import { Counts, WINDOW_MS, type Count } from '../../src/http/limits/counts.ts'
import { FailedAuthLimit, type SharedCounter } from '../../src/http/limits/failed-auth.ts'

t.test('counts are kept for a window that begins with the first', async (t) => {
  let nowMs = 0
  const counts = new Counts(() => nowMs)
  t.strictSame(counts.add('a'), { count: 1, msLeft: WINDOW_MS })
  nowMs = WINDOW_MS - 1
  t.strictSame(counts.add('a'), { count: 2, msLeft: 1 })
  t.strictSame(counts.add('b'), { count: 1, msLeft: WINDOW_MS })
  nowMs = WINDOW_MS
  t.strictSame(counts.add('a'), { count: 1, msLeft: WINDOW_MS })
  t.strictSame(counts.add('b'), { count: 2, msLeft: WINDOW_MS - 1 })
})

t.test('of very many keys those that are counted latest are known', async (t) => {
  const counts = new Counts(() => 0)
  counts.add('first')
  counts.add('busy')
  for (let i = 0; i < 9_999; i += 1) {
    counts.add(`other ${i}`)
    counts.add('busy')
  }
  t.equal(counts.add('busy').count, 10_001)
  t.equal(counts.add('first').count, 1, 'it was forgotten')
})

function at(address: string): Client {
  return { socket: Object.defineProperty(new Socket(), 'remoteAddress', { value: address }) }
}

function failures(t: Test, shared: SharedCounter | null = null) {
  const written: string[] = []
  const stream = { write: (line: string) => written.push(line) }
  const app = Fastify({ logger: { level: 'info', stream } })
  t.teardown(() => app.close())
  const clock = { nowMs: 0 }
  const now = () => clock.nowMs
  const counts = new Counts(now)
  const limit = new FailedAuthLimit({ most: 3, counts, shared, log: app.log, now })
  return { limit, clock, written }
}

t.test('an address that fails too often is blocked until its minute is over', async (t) => {
  const { limit, clock, written } = failures(t)
  const [bad, other] = [at('192.0.2.1'), at('192.0.2.2')]
  for (let i = 0; i < 3; i += 1) {
    t.equal(limit.blockedForSeconds(bad), 0)
    limit.onFailure(bad)
    clock.nowMs += 1000
  }
  t.equal(limit.blockedForSeconds(bad), 57)
  t.equal(limit.blockedForSeconds(other), 0)
  // Those that were looked at already when the bound was reached.
  limit.onFailure(bad)
  t.equal(written.length, 1, 'it is told once')
  t.match(JSON.parse(written[0] ?? ''), { level: 40, client: '192.0.2.1', failures: 3 })

  clock.nowMs = WINDOW_MS
  t.equal(limit.blockedForSeconds(bad), 0)
  limit.onFailure(bad)
  t.equal(limit.blockedForSeconds(bad), 0, 'it begins anew')
})

t.test('a site can go round by no other IPv6 address of its own', async (t) => {
  const { limit } = failures(t)
  for (let i = 1; i <= 3; i += 1) limit.onFailure(at(`2001:db8::${i}`))
  t.equal(limit.blockedForSeconds(at('2001:db8::ffff')), 60)
  t.equal(limit.blockedForSeconds(at('2001:db8:0:1::1')), 0)
})

t.test('of very many that are blocked the latest are', async (t) => {
  const { limit } = failures(t)
  const addressOf = (i: number) => at(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`)
  for (let i = 0; i <= 10_000; i += 1) {
    for (let failure = 0; failure < 3; failure += 1) limit.onFailure(addressOf(i))
  }
  t.equal(limit.blockedForSeconds(addressOf(0)), 0)
  t.equal(limit.blockedForSeconds(addressOf(1)), 60)
  t.equal(limit.blockedForSeconds(addressOf(10_000)), 60)
})

t.test(
  'what has failed at other processes counts too, and where nobody knows of it the own',
  async (t) => {
    let elsewhere: Count | null = { count: 3, msLeft: 20_000 }
    const { limit } = failures(t, { add: () => Promise.resolve(elsewhere) })
    const [known, unknown] = [at('192.0.2.1'), at('192.0.2.2')]
    limit.onFailure(known)
    await Promise.resolve()
    t.equal(limit.blockedForSeconds(known), 20)

    elsewhere = null
    for (let i = 0; i < 3; i += 1) limit.onFailure(unknown)
    t.equal(limit.blockedForSeconds(unknown), 60)
  },
)
