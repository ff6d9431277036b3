import t, { type Test } from 'tap'
import { Type } from '@sinclair/typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { buildApp, type App } from '../../src/app.ts'
import { failureOf, sendFailure } from '../../src/http/failure.ts'
import { queryErrors } from '../../src/http/error-schemas.ts'
import { testConfig } from '../helpers/app.ts'
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts'
import { seedFor } from '../helpers/random.ts'
import { createFuzzKey } from './key.ts'
import { fuzz, type FuzzOptions, type FuzzReport } from './fuzz.ts'

const REQUESTS = 1500
/** By bad luck what needs much beforehand, such as leaving a waitlist, comes late. */
const MOST_REQUESTS = 6 * REQUESTS
/** As many as find a fault that every right request meets, whatever the seed. */
const REQUESTS_TO_A_FAULT = 200

t.test('whatever is asked, the answer is one that the document has', async (t) => {
  const seed = seedFor(t)
  const database = await createTestDatabase(t)
  const report = await fuzzWith(t, database, {
    seed,
    requests: REQUESTS,
    mostRequests: MOST_REQUESTS,
  })
  t.equal(report.fault, null, 'no fault')
  t.comment(`${report.sent} requests`)
  t.same(report.withoutSuccess, [], 'each operation had a success')
  for (const status of [200, 201, 204, 400, 404, 405, 409, 415, 422]) {
    t.ok(report.statuses.has(status), `some were ${status}`)
  }
})

type Handler = (request: FastifyRequest, reply: FastifyReply, app: App) => unknown

/** Routes that are wrong, each in a way of its own, and what is to be said of it. */
const BROKEN: Readonly<Record<string, readonly [handler: Handler, said: RegExp]>> = {
  'a 500': [() => Promise.reject(new Error('broken')), /: 500/],
  'another status than documented': [
    (_request, reply) => reply.code(218).send(),
    /218 is not documented/,
  ],
  'a body that is not by its schema': [
    (_request, reply) => sendJson(reply, 200, { n: 1.5 }),
    /not by its schema/,
  ],
  'an error in another envelope': [
    (_request, reply) => sendJson(reply, 404, { error: 'x', more: 1 }),
    /not in the envelope/,
  ],
  'a 503 though nobody else asks': [
    (request, reply) => sendFailure(request, reply, failureOf('overloaded')),
    /: 503/,
  ],
  'a refusal that has made something': [
    async (request, reply, app) => {
      await app.prisma.event.create({ data: { name: 'Left behind', totalSeats: 1 } })
      return sendFailure(request, reply, failureOf('event_not_found'))
    },
    /there were changes: events/,
  ],
  'a refusal that has removed something': [
    async (request, reply, app) => {
      const event = await app.prisma.event.findFirst({ orderBy: { id: 'desc' } })
      if (event !== null) await app.prisma.event.delete({ where: { id: event.id } })
      return sendFailure(request, reply, failureOf('event_not_found'))
    },
    /there were changes: rows more or less/,
  ],
  'what ought to be refused, and is not': [
    (_request, reply) => sendJson(reply, 200, { n: 1 }),
    /200 for what breaks a rule/,
  ],
}

// Past the schemas by which the service itself would write it.
function sendJson(reply: FastifyReply, status: number, body: object): FastifyReply {
  return reply.code(status).type('application/json').send(JSON.stringify(body))
}

const schema = {
  operationId: 'broken',
  querystring: Type.Object({
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 2 })),
  }),
  response: {
    200: Type.Object({ n: Type.Integer() }, { description: 'x' }),
    ...queryErrors('event_not_found'),
  },
}

t.test('a service that is broken is found out', async (t) => {
  const database = await createTestDatabase(t)
  await database.pool.query(
    `INSERT INTO events (name, total_seats) SELECT 'Concert', 1 FROM generate_series(1, 100)`,
  )
  const seed = seedFor(t)
  for (const [name, [handler, said]] of Object.entries(BROKEN)) {
    await t.test(name, async (t) => {
      const options = { seed, requests: REQUESTS_TO_A_FAULT, only: ['broken'] }
      const { fault } = await fuzzWith(t, database, options, handler)
      t.match(fault?.text, said)
      t.match(fault?.curl, /^curl .*\/broken/)
    })
  }
})

t.test('of a service that others ask too, a 503 says when to come again', async (t) => {
  const database = await createTestDatabase(t)
  const options = { seed: seedFor(t), requests: 20, only: ['broken'], mayTurnAway: true }
  const bare: Handler = (_request, reply) => sendJson(reply, 503, { error: 'x' })
  t.match((await fuzzWith(t, database, options, bare)).fault?.text, /without Retry-After/)
  const right: Handler = (request, reply) => sendFailure(request, reply, failureOf('overloaded'))
  t.equal((await fuzzWith(t, database, options, right)).fault, null)
})

async function fuzzWith(
  t: Test,
  database: TestDatabase,
  options: Omit<FuzzOptions, 'baseUrl' | 'pool'>,
  handler?: Handler,
): Promise<FuzzReport> {
  const app = await buildApp(testConfig(database.url, { AUTH: 'keys' }))
  t.teardown(() => app.close())
  const key = await createFuzzKey(database.pool)
  if (handler !== undefined) {
    app.route({
      method: 'GET',
      url: '/api/broken',
      config: { scope: null },
      schema,
      // Takes whatever comes: the rules are in the document only.
      validatorCompiler: () => () => true,
      handler: async (request, reply): Promise<void> => {
        await handler(request, reply, app)
      },
    })
  }
  const baseUrl = await app.listen({ host: '127.0.0.1', port: 0 })
  return fuzz({ ...options, baseUrl, key, pool: database.pool })
}
