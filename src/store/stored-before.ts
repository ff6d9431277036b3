import { momentOf } from '../domain/moment.ts'
import { DONE, type Success } from '../domain/outcomes.ts'
import { ADDED_SETTINGS } from './stored-event.ts'

/** Members of a stored outcome that are moments. */
const MOMENTS = new Set(['createdAt', 'expiresAt', 'startsAt', 'salesStartAt', 'salesEndAt'])

/**
 * What came of a request, as the versions before have stored it: as the outcome's JSON, and until
 * version 1.0 as the HTTP answer. Until a day after an upgrade there are such rows. JSON has no
 * moments: they come back from their texts.
 *
 * @throws TypeError where something else is stored there, which is a mistake of ours
 */
export function successOfBefore(stored: unknown): Success {
  const value = isAnswerOfVersion1(stored) ? outcomeOfVersion1(stored) : stored
  const outcome = isRecord(value) ? reviveMembers(value) : value
  if (isSuccess(outcome)) return withAdded(outcome)
  throw new TypeError('what is stored under the idempotency key is no outcome')
}

/** What those versions knew nothing of: events had it by default, and all seats were of the default type. */
function withAdded(success: Success): Success {
  switch (success.kind) {
    case 'event':
      return { ...success, event: { ...ADDED_SETTINGS, ...success.event } }
    case 'booking':
      return { ...success, booking: { ...success.booking, lines: null } }
    case 'waiting':
      return { ...success, entry: { ...success.entry, lines: null } }
    default:
      return success
  }
}

function isSuccess(value: unknown): value is Success {
  if (!isRecord(value)) return false
  switch (value['kind']) {
    case 'booking':
      return isBooking(value['booking'])
    case 'waiting':
      return isEntry(value['entry']) && typeof value['position'] === 'number'
    case 'event':
      return isRecord(value['event']) && typeof value['event']['totalSeats'] === 'number'
    case 'done':
      return true
    default:
      return false
  }
}

/** As far as its own members tell; of some bookings it is not known when they were made. */
function isBooking(value: unknown): boolean {
  return isEntry(value) || (isRecord(value) && value['createdAt'] === null && hasId(value))
}

function isEntry(value: unknown): boolean {
  return isRecord(value) && value['createdAt'] instanceof Date && hasId(value)
}

function hasId({ id }: Record<string, unknown>): boolean {
  return typeof id === 'number'
}

function reviveMembers(outcome: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(outcome).map(([name, member]) => [
      name,
      isRecord(member) ? revive(member) : member,
    ]),
  )
}

/** An event's metadata is not looked into: it is the client's, whatever its names. */
function revive(thing: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(thing).map(([name, value]) => [
      name,
      MOMENTS.has(name) && typeof value === 'string' ? momentOf(value) : value,
    ]),
  )
}

interface AnswerOfVersion1 {
  readonly status: number
  readonly body: Record<string, unknown> | null
}

function isAnswerOfVersion1(stored: unknown): stored is AnswerOfVersion1 {
  return isRecord(stored) && 'status' in stored && 'body' in stored
}

function outcomeOfVersion1({ body }: AnswerOfVersion1): unknown {
  if (body === null) return DONE
  if (isRecord(body['booking'])) return { kind: 'booking', booking: camelCased(body['booking']) }
  if (isRecord(body['waitlist_entry'])) {
    const { position, ...entry } = camelCased(body['waitlist_entry'])
    return { kind: 'waiting', entry, position }
  }
  const thing = camelCased(body)
  return 'totalSeats' in thing
    ? { kind: 'event', event: thing }
    : { kind: 'booking', booking: thing }
}

function camelCased(members: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(members).map(([name, value]) => [
      name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      value,
    ]),
  )
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
