import { isDeepStrictEqual } from 'node:util'
import type { Answer } from './asked.ts'
import { NDJSON } from './document.ts'
import type { Problem } from './envelope.ts'

/** An answer to a line. */
interface AnsweredLine {
  readonly line: number
  readonly status: number
  readonly error?: Problem
  readonly replayed?: boolean
}

/** Whether an answer is one to lines, each for itself. */
export function isLines({ headers }: Answer): boolean {
  return headers['content-type'] === NDJSON
}

export function linesOf({ body }: Answer): AnsweredLine[] {
  const texts = body.split('\n').slice(0, -1)
  return texts.map((text) => JSON.parse(text) as AnsweredLine)
}

/** Lines that had a success under their key get the same again; others are decided anew. */
export function faultOfReplayedLines(before: Answer, now: Answer): string | undefined {
  const answers = new Map(linesOf(now).map((answer) => [answer.line, answer]))
  for (const answer of linesOf(before).filter(({ status }) => status < 300)) {
    const again = answers.get(answer.line)
    const expected = { ...answer, replayed: true }
    if (!isDeepStrictEqual(again, expected)) {
      return `line ${answer.line} is ${JSON.stringify(again)} instead of ${JSON.stringify(answer)}`
    }
  }
  return undefined
}
