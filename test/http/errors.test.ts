import t from 'tap'
import { ERRORS, HttpError, type ErrorCode } from '../../src/http/errors.ts'

const codes = Object.keys(ERRORS) as ErrorCode[]

t.test("the contract's texts and statuses stand as they are", async (t) => {
  t.strictSame(ERRORS.event_not_found, { status: 404, text: 'Event not found' })
  t.strictSame(ERRORS.already_booked, { status: 409, text: 'User already booked for this event' })
  t.strictSame(ERRORS.sold_out, { status: 409, text: 'No seats available' })
  t.strictSame(ERRORS.internal_error, { status: 500, text: 'Internal server error' })
})

t.test('every code is a name, every status an error, every text a line', async (t) => {
  for (const code of codes) {
    t.match(code, /^[a-z]+(_[a-z]+)*$/)
    t.ok(ERRORS[code].status >= 400 && ERRORS[code].status <= 599, code)
    t.match(ERRORS[code].text, /^\S[^\n]*\S$/)
  }
})

t.test('an HTTP error has the status and text of its code', async (t) => {
  for (const code of codes) {
    const error = new HttpError(code)
    t.equal(error.statusCode, ERRORS[code].status)
    t.equal(error.message, ERRORS[code].text)
    t.equal(error.retryAfterSeconds, error.statusCode === 503 ? 1 : undefined)
  }
})

t.test('an HTTP error can say more', async (t) => {
  const cause = new Error('below')
  const error = new HttpError('event_busy', { text: 'busy', retryAfterSeconds: 5, cause })
  t.match(error, { message: 'busy', retryAfterSeconds: 5, cause, code: 'event_busy' })
})
