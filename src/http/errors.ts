import { MAX_USABLE_KEYS } from '../domain/api-key.ts'

/**
 * The closed catalogue of what can go wrong, as the outside sees it. The keys are the stable `code`
 * of problem details (RFC 9457): clients switch on them, so a code is never renamed or reused.
 * `text` is what the default envelope `{"error": text}` carries. Refusals of the domain and reasons
 * of the engine stand here under their own names.
 */
export const ERRORS = {
  missing_fields: { status: 400, text: 'Required fields are missing' },
  validation_failed: { status: 400, text: 'The request is not valid' },
  malformed_json: { status: 400, text: 'The body is not valid JSON' },
  bad_request: { status: 400, text: 'Bad request' },
  invalid_cursor: { status: 400, text: 'cursor must be a next_cursor of this list' },
  too_many_seats: { status: 400, text: 'The event does not allow so many seats in one booking' },
  unknown_ticket_type: { status: 400, text: 'The event has no such ticket type' },
  unknown_pool: { status: 400, text: 'A ticket type names a pool that the event does not have' },
  duplicate_key: { status: 400, text: 'Keys of pools and ticket types must be unique' },
  labels_invalid: { status: 400, text: 'labels must be those of numbered seats of the event' },
  unknown_section: { status: 400, text: 'The event has no such section' },
  lines_required: {
    status: 400,
    text: 'lines is required, as there are several ticket types: seats alone does not tell of which',
  },
  sales_window_invalid: { status: 400, text: 'sales_start_at must be before sales_end_at' },
  expiry_past: { status: 400, text: 'expires_at must be in the future' },
  unauthorized: {
    status: 401,
    text: 'An API key or a token is required, sent as Authorization: Bearer …',
  },
  invalid_token: { status: 401, text: 'The API key or token is not valid' },
  insufficient_scope: { status: 403, text: 'The API key or token does not allow this' },
  auth_off: {
    status: 403,
    text: 'With AUTH=off keys are made by the command line only: npm run keys -- create',
  },
  user_mismatch: { status: 403, text: 'user_id must be the subject of the token, or left out' },
  not_found: { status: 404, text: 'Not found' },
  event_not_found: { status: 404, text: 'Event not found' },
  booking_not_found: { status: 404, text: 'Booking not found' },
  waitlist_entry_not_found: { status: 404, text: 'Waitlist entry not found' },
  seating_not_found: { status: 404, text: 'The event has no numbered seats' },
  key_not_found: { status: 404, text: 'API key not found' },
  method_not_allowed: { status: 405, text: 'Method not allowed' },
  request_timeout: { status: 408, text: 'The request took too long to arrive' },
  already_booked: { status: 409, text: 'User already booked for this event' },
  sold_out: { status: 409, text: 'No seats available' },
  seats_taken: { status: 409, text: 'Some of the seats are taken' },
  seats_not_together: { status: 409, text: 'No seats side by side are available' },
  already_waiting: { status: 409, text: 'User is already on the waitlist of this event' },
  sales_not_open: { status: 409, text: 'Sales are not open' },
  sales_closed: { status: 409, text: 'Sales are closed' },
  not_on_sale: { status: 409, text: 'The event is not on sale' },
  event_cancelled: { status: 409, text: 'The event is cancelled' },
  exceeds_capacity: { status: 409, text: 'The event has fewer seats' },
  waitlist_too_varied: {
    status: 409,
    text: 'Too many different things are waited for; ask for fewer seats or ticket types',
  },
  not_held: { status: 409, text: 'Only a held booking can be extended' },
  hold_limit_reached: { status: 409, text: 'The hold cannot be extended any further' },
  waitlist_closed: { status: 409, text: 'The waitlist of this event is closed' },
  cancellation_closed: {
    status: 409,
    text: 'It is too late to cancel the booking, or to make it smaller',
  },
  capacity_below_waiting: {
    status: 409,
    text: 'total_seats must not be less than what somebody in line waits for',
  },
  capacity_below_taken: { status: 409, text: 'total_seats must not be less than the seats taken' },
  event_has_bookings: { status: 409, text: 'The event has bookings; force=true deletes them too' },
  too_many_keys: {
    status: 409,
    text: `The tenant has ${MAX_USABLE_KEYS} API keys that let somebody in; revoke one first`,
  },
  data_refused: { status: 409, text: 'The database refuses this data' },
  hold_expired: { status: 410, text: 'The hold has expired' },
  booking_ended: { status: 410, text: 'The booking has ended' },
  precondition_failed: { status: 412, text: 'The event has changed; If-Match does not fit' },
  payload_too_large: { status: 413, text: 'The body is too large' },
  uri_too_long: { status: 414, text: 'The URL is too long' },
  unsupported_media_type: {
    status: 415,
    text: 'The body must be JSON, sent as Content-Type: application/json',
  },
  idempotency_key_reused: {
    status: 422,
    text: 'The Idempotency-Key was used for another request',
  },
  rate_limited: { status: 429, text: 'Too many requests; try again later' },
  headers_too_large: { status: 431, text: 'The request headers are too large' },
  internal_error: { status: 500, text: 'Internal server error' },
  not_implemented: { status: 501, text: 'Not implemented' },
  overloaded: { status: 503, text: 'The service is overloaded; try again later' },
  event_busy: { status: 503, text: 'The event is busy; try again later' },
  database_unavailable: { status: 503, text: 'The database is unavailable; try again later' },
  token_keys_unavailable: {
    status: 503,
    text: 'The keys that tokens are signed with are unavailable; try again later',
  },
  outcome_unknown: {
    status: 503,
    text: 'The outcome is unknown; repeat the request to learn it',
  },
  migrations_pending: { status: 503, text: 'Database migrations are pending' },
  shutting_down: { status: 503, text: 'The service is shutting down; try again' },
} as const satisfies Record<string, { status: number; text: string }>

export type ErrorCode = keyof typeof ERRORS

export interface HttpErrorOptions {
  /** Replaces the catalogue's text where the answer names a limit or a field. */
  text?: string
  /** Whole seconds, at least 1: sent as Retry-After. Every 503 has one; 1 by default. */
  retryAfterSeconds?: number
  /** More headers of the answer, such as what would be accepted. */
  headers?: Readonly<Record<string, string>>
  /** For the log only; never reaches a client. */
  cause?: unknown
}

/** An error of the catalogue that HTTP itself raises: a body, a header or a cursor is not right. */
export class HttpError extends Error {
  override readonly name = 'HttpError'
  readonly code: ErrorCode
  readonly statusCode: number
  readonly retryAfterSeconds: number | undefined
  readonly headers: Readonly<Record<string, string>> | undefined

  constructor(code: ErrorCode, options: HttpErrorOptions = {}) {
    const { status, text } = ERRORS[code]
    super(options.text ?? text, options.cause === undefined ? {} : { cause: options.cause })
    this.code = code
    this.statusCode = status
    this.retryAfterSeconds = options.retryAfterSeconds ?? (status === 503 ? 1 : undefined)
    this.headers = options.headers
  }
}
