import type { Finish } from './finish.ts'
import type { FirstAnswer, FirstAnswers } from './first-answers.ts'
import {
  BACKGROUND_P99_LIMIT_MS,
  COMMIT_LIMIT,
  DELETE_LIMIT_MS,
  FINISH_LIMIT_S,
  FIRST_ANSWER_LIMIT_MS,
  LIVENESS_P99_LIMIT_MS,
} from './sizes.ts'
import type { Truth } from './verify.ts'
import type { Watched, WatchResult } from './watch-job.ts'

/** A promise with what was measured; `value` is null where it never came to pass. */
export interface Check {
  readonly text: string
  readonly value: number | null
  readonly unit: 'ms' | 's' | 'changes'
  readonly atMost: number
  readonly isKept: boolean
  /** What is to be known beside, such as the status of the answer. */
  readonly note: string
}

/** What was measured, against what was promised. */
export function checksOf(
  first: FirstAnswers,
  finish: Finish,
  watched: WatchResult,
  truth: Truth,
): Check[] {
  const { reserveA, reserveB, raiseC, reserveC, deleteD, readD } = first
  const { background, liveness } = watched
  return [
    answered('a newcomer on A, whose holds expired', reserveA),
    answered('a newcomer on B, full of expired holds', reserveB),
    answered('raising the capacity of C', raiseC),
    answered('a newcomer on C, behind the line', reserveC),
    answered('deleting D', deleteD, DELETE_LIMIT_MS),
    answered('D is gone from then on', readD),
    watchedFor('other events, p99', background, BACKGROUND_P99_LIMIT_MS),
    watchedFor('/livez, p99', liveness, LIVENESS_P99_LIMIT_MS),
    ...Object.entries(finish).map(([event, value]) =>
      check({ text: `${event} is finished`, unit: 's', atMost: FINISH_LIMIT_S, note: '' }, value),
    ),
    check(
      { text: 'the largest commit', unit: 'changes', atMost: COMMIT_LIMIT, note: 'to A, B or C' },
      truth.largestCommit,
    ),
  ]
}

/** What a service may answer that has more to do than it can: nothing has come of the request. */
const HONEST_REFUSALS = ['The service is overloaded', 'The event is busy']

/** Wrong answers, in words. */
export function wrongAnswers(
  asked: readonly FirstAnswer[],
  { background, liveness }: WatchResult,
): string[] {
  return [
    ...asked
      .filter(({ isRight }) => !isRight)
      .map(({ request, status, body }) => `${request}: ${status} ${body}`),
    ...unexpected('other events', background, '201'),
    ...unexpected('/livez', liveness, '200'),
  ]
}

function unexpected(where: string, { answers, lost }: Watched, expected: string): string[] {
  const wrong = Object.entries(answers).filter(
    ([answer]) => answer !== expected && !isHonestRefusal(answer),
  )
  const texts = wrong.map(([answer, count]) => `${where}: ${count} answers of ${answer}`)
  return lost === 0 ? texts : [...texts, `${where}: ${lost} connections broke`]
}

function isHonestRefusal(answer: string): boolean {
  return answer.startsWith('503 ') && HONEST_REFUSALS.some((text) => answer.includes(text))
}

function answered(text: string, answer: FirstAnswer, atMost = FIRST_ANSWER_LIMIT_MS): Check {
  const { status, tookMs, isRight } = answer
  const note = `${status === 0 ? 'no answer' : status}${isRight ? '' : ', WRONG'}`
  return check({ text, unit: 'ms', atMost, note }, tookMs, isRight)
}

function watchedFor(text: string, { medianMs, p99Ms, maxMs, answers }: Watched, atMost: number) {
  const count = sum(Object.entries(answers))
  const refused = sum(Object.entries(answers).filter(([answer]) => isHonestRefusal(answer)))
  const counts = `${count} answers${refused > 0 ? `, ${refused} of them 503` : ''}`
  const note = `${counts}, median ${medianMs.toFixed(1)}, longest ${maxMs.toFixed(0)}`
  return check({ text, unit: 'ms', atMost, note }, p99Ms)
}

function sum(counts: readonly (readonly [string, number])[]): number {
  return counts.reduce((total, [, count]) => total + count, 0)
}

function check(told: Omit<Check, 'value' | 'isKept'>, value: number | null, isRight = true): Check {
  return { ...told, value, isKept: isRight && value !== null && value <= told.atMost }
}
