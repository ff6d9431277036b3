import type { FastifyRequest } from 'fastify'
import { EngineError, OVERLOADED } from '../engine/engine-error.ts'
import { unsupportedMediaType } from './body.ts'
import { HttpError, type ErrorCode } from './errors.ts'
import { failureOf, sharedFailure, type Failure } from './failure.ts'
import {
  missingFields,
  unknownParameterText,
  validationText,
} from './validation/validation-text.ts'

// Errors that the framework raises under a code of its own.
const FRAMEWORK_CODES: ReadonlyMap<unknown, ErrorCode> = new Map<string, ErrorCode>([
  ['FST_ERR_CTP_INVALID_JSON_BODY', 'malformed_json'],
  ['FST_ERR_CTP_EMPTY_JSON_BODY', 'malformed_json'],
  ['FST_ERR_CTP_BODY_TOO_LARGE', 'payload_too_large'],
  ['FST_ERR_CTP_INVALID_MEDIA_TYPE', 'unsupported_media_type'],
  ['FST_ERR_MAX_PARAM_LENGTH', 'uri_too_long'],
])

// Other errors keep their status if the catalogue has a general text for it.
const GENERAL_CODES: ReadonlyMap<number, ErrorCode> = new Map<number, ErrorCode>([
  // @fastify/static, for a path outside its folder.
  [403, 'not_found'],
  [404, 'not_found'],
  [405, 'method_not_allowed'],
  [408, 'request_timeout'],
  [413, 'payload_too_large'],
  [414, 'uri_too_long'],
  [415, 'unsupported_media_type'],
  [431, 'headers_too_large'],
  [503, 'overloaded'],
])

/** For all who are turned away: what is shed must cost less than what is served. */
const SHED = sharedFailure(failureOf('overloaded'))

/**
 * The answer to an error that a route or the framework raised. The text is always one of ours: an
 * unknown error's message may carry what no client should see, and stays in the log.
 */
export function classify(error: unknown, request: FastifyRequest): Failure {
  if (error === OVERLOADED) return SHED
  if (error instanceof HttpError) return fromHttpError(error)
  if (error instanceof EngineError) return fromEngineError(error)
  const failure = fromValidation(error, request)
  if (failure !== undefined) return failure
  const raised = { ...fromFramework(error), cause: error }
  if (raised.status !== 415) return raised
  return { ...fromHttpError(unsupportedMediaType(request)), cause: error }
}

function fromHttpError(error: HttpError): Failure {
  const { code, statusCode: status, message: text, retryAfterSeconds, headers, cause } = error
  return { code, status, text, retryAfterSeconds, headers, cause: cause ?? error }
}

// The catalogue has each reason under its own name; the compiler holds it to that.
function fromEngineError(error: EngineError): Failure {
  return { ...failureOf(error.reason), cause: error.cause }
}

function fromValidation(error: unknown, request: FastifyRequest): Failure | undefined {
  const context = memberOf(error, 'validationContext')
  const isEmptyBody = memberOf(error, 'code') === 'FST_ERR_CTP_EMPTY_JSON_BODY'
  const validation = memberOf(error, 'validation')
  if (!isEmptyBody && !Array.isArray(validation)) return undefined

  const { schema } = request.routeOptions
  if (context === 'body') return failureOfBody(schema?.body, request.body, validation)
  const missing = isEmptyBody
    ? missingFields(schema?.body, request.body)
    : context === 'querystring' && missingFields(schema?.querystring, request.query)
  if (missing) return failureOf('missing_fields', missing)
  if (!Array.isArray(validation)) return undefined
  const unknown = context === 'querystring' ? unknownParameterText(validation[0]) : undefined
  const text = unknown ?? validationText(validation[0])
  return failureOf('validation_failed', context === 'headers' ? inHeaderCase(text) : text)
}

/**
 * The answer to a body that is not by its schema.
 *
 * @param validation - the validator's errors
 */
export function failureOfBody(schema: unknown, body: unknown, validation: unknown): Failure {
  const missing = missingFields(schema, body)
  if (missing !== undefined) return failureOf('missing_fields', missing)
  const first: unknown = Array.isArray(validation) ? validation[0] : undefined
  return failureOf('validation_failed', validationText(first))
}

// idempotency-key must be … → Idempotency-Key must be …
function inHeaderCase(text: string): string {
  return text.replace(/^[a-z-]+/, (name) => name.replace(/\b[a-z]/g, (c) => c.toUpperCase()))
}

function fromFramework(error: unknown): Failure {
  const known = FRAMEWORK_CODES.get(memberOf(error, 'code'))
  if (known !== undefined) return failureOf(known)

  const status = memberOf(error, 'statusCode')
  if (typeof status !== 'number' || status < 400 || status > 599) return failureOf('internal_error')
  const general = GENERAL_CODES.get(status)
  if (general !== undefined) return failureOf(general)
  const base = failureOf(status < 500 ? 'bad_request' : 'internal_error')
  return { ...base, status }
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}
