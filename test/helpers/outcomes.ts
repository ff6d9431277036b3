import type { Booking, EventView, WaitlistEntry } from '../../src/domain/model.ts'
import type { Outcome, Refusal, Success, Waiting } from '../../src/domain/outcomes.ts'
import type { ExecuteOptions } from '../../src/engine/engine.ts'
import type { Executed } from '../../src/engine/submission.ts'

// The one place where tests look at what commands came to.

/** What the engine answers, or what the rules decided. */
export type Told = Executed | Outcome

/** How a request is sent under an idempotency key. */
export function underKey(
  key: string,
  fingerprint = 'fingerprint',
): Required<Pick<ExecuteOptions, 'idempotency'>> {
  return { idempotency: { key, fingerprint } }
}

export function outcomeOf(told: Told): Outcome {
  return 'outcome' in told ? told.outcome : told
}

/** Whether the command took effect before, under the same key. */
export function isReplayed(told: Told): boolean {
  return 'isReplayed' in told && told.isReplayed
}

/** Whether the key was used for another request. */
export function isKeyReused(told: Told): boolean {
  return refusalOf(told) === 'idempotency_key_reused'
}

/** Whether the command took effect, now or before. */
export function hasSucceeded(told: Told): boolean {
  return outcomeOf(told).kind !== 'refused'
}

/** Why the command was turned down; undefined where it was not. */
export function refusalOf(told: Told): Refusal | undefined {
  const outcome = outcomeOf(told)
  return outcome.kind === 'refused' ? outcome.refusal : undefined
}

/** The number of seats that the refusal turns on, where it turns on one. */
export function limitOf(told: Told): number | undefined {
  const outcome = outcomeOf(told)
  return outcome.kind === 'refused' ? outcome.limit : undefined
}

/** The booking that the command made or changed. @throws where there is none */
export function bookingOf(told: Told): Booking {
  const outcome = outcomeOf(told)
  if (outcome.kind !== 'booking') throw new TypeError(`no booking, but ${kindOf(told)}`)
  return outcome.booking
}

/** The waitlist entry that the command made. @throws where there is none */
export function entryOf(told: Told): WaitlistEntry {
  return waitingOf(told).entry
}

/** The position in the waitlist that the command got. @throws where there is none */
export function positionOf(told: Told): number {
  return waitingOf(told).position
}

/** The event as the command left it. @throws where it tells of none */
export function eventOf(told: Told): EventView {
  const outcome = outcomeOf(told)
  if (outcome.kind !== 'event') throw new TypeError(`no event, but ${kindOf(told)}`)
  return outcome.event
}

/** In one word what the command came to: the kind of its success, or its refusal. */
export function kindOf(told: Told): Success['kind'] | Refusal {
  const outcome = outcomeOf(told)
  return outcome.kind === 'refused' ? outcome.refusal : outcome.kind
}

/** What an answer says, be it the first one or a repeated one; in the form in which JSON has it. */
export function saidBy(told: Told): unknown {
  return JSON.parse(JSON.stringify(outcomeOf(told)))
}

function waitingOf(told: Told): Waiting {
  const outcome = outcomeOf(told)
  if (outcome.kind !== 'waiting') throw new TypeError(`no waitlist entry, but ${kindOf(told)}`)
  return outcome
}
