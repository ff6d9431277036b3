import Fastify from 'fastify'
import t from 'tap'
import { EngineError, type EngineErrorReason } from '../../src/engine/engine-error.ts'
import { ERRORS, HttpError } from '../../src/http/errors.ts'
import errorHandler from '../../src/plugins/error-handler.ts'

const REASONS: Record<EngineErrorReason, number> = {
  overloaded: 503,
  event_busy: 503,
  database_unavailable: 503,
  outcome_unknown: 503,
  shutting_down: 503,
  data_refused: 409,
  internal_error: 500,
}

t.test('what the engine cannot do has a status, a text and a time to try again', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(errorHandler)
  const reasons = Object.entries(REASONS) as [EngineErrorReason, number][]
  for (const [reason] of reasons) {
    app.get(`/${reason}`, () => {
      throw new EngineError(reason, { cause: new Error('inner workings') })
    })
  }
  for (const [reason, status] of reasons) {
    const response = await app.inject(`/${reason}`)
    t.equal(response.statusCode, status, reason)
    t.strictSame(response.json(), { error: ERRORS[reason].text })
    t.equal(response.headers['retry-after'], status === 503 ? '1' : undefined)
  }
})

t.test('an error that HTTP raises keeps its own text', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(errorHandler)
  app.get('/', () => {
    throw new HttpError('event_busy', { text: 'busy', retryAfterSeconds: 5 })
  })
  const response = await app.inject('/')
  t.equal(response.statusCode, 503)
  t.strictSame(response.json(), { error: 'busy' })
  t.equal(response.headers['retry-after'], '5')
})
