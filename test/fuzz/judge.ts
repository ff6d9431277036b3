import addFormats from 'ajv-formats'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import type { Answer, Asked } from './asked.ts'
import { NDJSON, type Document, type Operation } from './document.ts'
import { isError, problemOf, type Problem } from './envelope.ts'
import { isLines, linesOf } from './lines.ts'

/** Statuses that any operation can have, by the document's description. */
const GENERAL = new Set([400, 404, 405, 408, 414, 429, 431])
/** What the state can't be the reason for. */
const OF_FORM = new Set(['validation_failed', 'malformed_json', 'missing_fields'])
/** Rules between members, and of texts, that no schema tells of. */
const OF_RULES = new RegExp(
  [
    'At least one of .* is required',
    '^sections[. ]',
    'must not both be given',
    "can't be waited for",
    '^time_zone must be',
    '^reference must be',
  ].join('|'),
)

/** Holds answers against the document. */
export class Judge {
  readonly #ajv = new Ajv2020({ strict: false, allErrors: false })
  readonly #validators = new Map<string, ValidateFunction>()

  readonly #mayTurnAway: boolean

  /** `mayTurnAway`: the service may have reason for a 503, as others ask it too. */
  constructor(document: Document, { mayTurnAway }: { mayTurnAway: boolean }) {
    this.#mayTurnAway = mayTurnAway
    addFormats.default(this.#ajv)
    this.#ajv.addSchema(document, 'document')
  }

  /** What is wrong with an answer; undefined if nothing is. */
  faultOf(operation: Operation, asked: Asked, answer: Answer): string | undefined {
    return (
      faultOfHeaders(answer) ??
      (answer.status < 400 ? undefined : faultOfRefusal(answer, this.#mayTurnAway)) ??
      this.#faultByDocument(operation, asked, answer) ??
      faultOfClaim(asked, answer)
    )
  }

  #faultByDocument(operation: Operation, asked: Asked, answer: Answer): string | undefined {
    const { status, body } = answer
    const response = asked.method === operation.method ? operation.responses[status] : undefined
    if (response === undefined) {
      return GENERAL.has(status) ? undefined : `the status ${status} is not documented`
    }
    const type = (answer.headers['content-type'] ?? '').split(';', 1).join('')
    if (response.content === undefined) {
      return body === '' ? undefined : `a body where none is documented: ${body.slice(0, 200)}`
    }
    if (response.content[type]?.schema === undefined) return `the type ${type} is not documented`
    const validate = this.#validatorOf(operation, status, type)
    const value: unknown = /[/+]json$/.test(type) ? JSON.parse(body) : body
    if (!validate(value)) return `not by its schema: ${this.#ajv.errorsText(validate.errors)}`
    return isLines(answer) ? this.#faultOfLines(operation, answer) : undefined
  }

  #faultOfLines(operation: Operation, answer: Answer): string | undefined {
    const validate = this.#validatorOf(operation, answer.status, NDJSON, 'contentSchema')
    for (const line of linesOf(answer)) {
      if (!validate(line))
        return `a line not by its schema: ${this.#ajv.errorsText(validate.errors)}`
      if (line.status >= 500 && !(line.status === 503 && this.#mayTurnAway)) {
        return `a line of ${line.status}: ${JSON.stringify(line)}`
      }
    }
    return undefined
  }

  #validatorOf(
    { path, method }: Operation,
    status: number,
    type: string,
    ...within: string[]
  ): ValidateFunction {
    const parts = ['paths', path, method.toLowerCase(), 'responses', String(status)]
    const pointer = [...parts, 'content', type, 'schema', ...within].map(escape).join('/')
    const found = this.#validators.get(pointer)
    if (found !== undefined) return found
    const validator = this.#ajv.compile({ $ref: `document#/${pointer}` })
    this.#validators.set(pointer, validator)
    return validator
  }
}

/** As a part of a JSON pointer in a URI (RFC 6901, section 6). */
function escape(part: string): string {
  return encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))
}

function faultOfHeaders({ headers }: Answer): string | undefined {
  if (headers['x-request-id'] === undefined) return 'no X-Request-Id'
  if (headers['x-content-type-options'] !== 'nosniff') return 'no X-Content-Type-Options'
  return undefined
}

function faultOfRefusal(answer: Answer, mayTurnAway: boolean): string | undefined {
  const { status, headers } = answer
  if (status >= 500 && !(status === 503 && mayTurnAway))
    return `${status}: ${answer.body.slice(0, 200)}`
  if (!isError(answer)) return `not in the envelope: ${answer.body.slice(0, 200)}`
  if (status === 405 && headers.allow === undefined) return '405 without Allow'
  if (status !== 503) return undefined
  return /^[1-9]\d*$/.test(headers['retry-after'] ?? '') ? undefined : '503 without Retry-After'
}

function faultOfClaim({ claim }: Asked, answer: Answer): string | undefined {
  const told = isLines(answer)
    ? linesOf(answer).map(({ status, error }) => ({ status, problem: error }))
    : [{ status: answer.status, problem: problemOf(answer) }]
  for (const { status, problem } of told) {
    if (claim === 'invalid' && status < 400) return `${status} for what breaks a rule`
    if (claim !== 'valid') continue
    if (status === 405 || status === 413 || status === 415) return `${status} for what is right`
    if (status === 400 && isOfForm(problem)) return `refused though right: ${answer.body}`
  }
  return undefined
}

/** Whether something is refused for what the document tells of. */
function isOfForm(problem: Problem | undefined): boolean {
  return problem !== undefined && OF_FORM.has(problem.code) && !OF_RULES.test(problem.detail)
}
