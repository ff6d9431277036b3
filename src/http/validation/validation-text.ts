import { ERRORS } from '../errors.ts'
import { describeRule, listInWords } from '../../config/describe-rule.ts'
import { NOT_BLANK_KEYWORD } from './text.ts'

/**
 * `event_id and user_id are required` if one of the schema's required members is missing, null or
 * the empty string, or if the body, or the query, is not an object; undefined if none is missing. All required
 * members are named, not only the missing ones: that is the contract's text.
 */
export function missingFields(schema: unknown, body: unknown): string | undefined {
  const required = requiredOf(schema, body)
  if (required.length === 0 || required.every((name) => isGiven(body, name))) return undefined
  return `${listInWords(required)} ${required.length === 1 ? 'is' : 'are'} required`
}

/**
 * Names the field and its rule: `event_id must be an integer between 1 and 2147483647`.
 * @param error the validator's first error, with the schema it belongs to (Ajv's `verbose`)
 */
export function validationText(error: unknown): string {
  if (!isObject(error)) return ERRORS.validation_failed.text
  const { instancePath, keyword, params, parentSchema } = error
  const path = fieldName(typeof instancePath === 'string' ? instancePath : '')
  if (keyword === 'required' && isObject(params) && typeof params['missingProperty'] === 'string') {
    return `${path === '' ? '' : `${path}.`}${params['missingProperty']} is required`
  }
  const subject = path === '' ? 'The body' : path
  if (keyword === NOT_BLANK_KEYWORD) return `${subject} must not be blank`
  if (isObject(params) && typeof params['flaw'] === 'string') return `${subject} ${params['flaw']}`
  if (!isObject(parentSchema)) return ERRORS.validation_failed.text
  return `${subject} must be ${describeRule(parentSchema)}`
}

// In UTF-16 units; half of a pair at the end is no harm in a text for people.
const MAX_NAME_LENGTH = 64

/**
 * `userId is not a parameter of this request, which knows event_id and user_id`, for a query with a
 * member that its schema lacks; undefined for any other error.
 */
export function unknownParameterText(error: unknown): string | undefined {
  if (!isObject(error) || error['keyword'] !== 'additionalProperties') return undefined
  const { params, parentSchema } = error
  const name = isObject(params) ? params['additionalProperty'] : undefined
  if (typeof name !== 'string') return undefined
  const properties = isObject(parentSchema) ? parentSchema['properties'] : undefined
  const known = isObject(properties) ? listInWords(Object.keys(properties)) : ''
  const which = known === '' ? 'which knows none' : `which knows ${known}`
  return `${shown(name)} is not a parameter of this request, ${which}`
}

function shown(name: string): string {
  if (name === '') return 'The empty name'
  return name.length <= MAX_NAME_LENGTH ? name : `${name.slice(0, MAX_NAME_LENGTH)}…`
}

// A JSON Pointer (RFC 6901) as people write it: /seats/0/row → seats.0.row
function fieldName(pointer: string): string {
  const parts = pointer.split('/').slice(1)
  return parts.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~')).join('.')
}

function requiredOf(schema: unknown, body: unknown): string[] {
  if (!isObject(schema)) return []
  const { required, anyOf: alternatives } = schema
  if (Array.isArray(alternatives)) return requiredOf(fittingOf(alternatives, body), body)
  return Array.isArray(required) ? required.filter((name) => typeof name === 'string') : []
}

/** That of which nothing is missing; the first where there is none. */
function fittingOf(alternatives: readonly unknown[], body: unknown): unknown {
  const isWhole = (schema: unknown): boolean =>
    requiredOf(schema, body).every((name) => isGiven(body, name))
  return alternatives.find(isWhole) ?? alternatives[0]
}

function isGiven(body: unknown, name: string): boolean {
  if (!isObject(body) || !Object.hasOwn(body, name)) return false
  const value = body[name]
  return value !== undefined && value !== null && value !== ''
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
