import { isUtf8 } from 'node:buffer'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { MAX_VALUES } from './body-limit.ts'
import { mayHaveMoreValues } from './body-values.ts'
import { HttpError } from './errors.ts'

type Done = (error: Error | null, value?: unknown) => void
type ParseJson = (request: FastifyRequest, text: string, done: Done) => unknown

const FORBIDDEN_NAME = {
  text: 'The body must not have a member __proto__, nor a member prototype of a member constructor',
}

/**
 * Makes what reads the JSON that some bytes are.
 *
 * @throws (the reader) HttpError, or the framework's own error, where they are none
 */
export function jsonReader(app: Pick<FastifyInstance, 'getDefaultJsonParser'>) {
  const parse: ParseJson = app.getDefaultJsonParser('error', 'error')
  return (request: FastifyRequest, bytes: Buffer): unknown => {
    if (!isUtf8(bytes)) throw new HttpError('malformed_json')
    if (bytes.length > MAX_VALUES) checkValues(request, bytes)
    const text = bytes.toString()
    const read: { error: Error | null; value?: unknown } = { error: null }
    void parse(request, text, (error, value) => {
      read.error = error
      read.value = value
    })
    if (read.error === null) return read.value
    throw isJson(text) ? new HttpError('validation_failed', FORBIDDEN_NAME) : read.error
  }
}

/** Not of shorter bodies: to ask what their route says takes as long as to parse them. */
function checkValues({ routeOptions: { config } }: FastifyRequest, bytes: Buffer): void {
  const { maxBodyValues = MAX_VALUES } = config
  if (!mayHaveMoreValues(bytes, maxBodyValues)) return
  const text = `The body must not have more than ${maxBodyValues} values, or commas`
  throw new HttpError('payload_too_large', { text })
}

/** Whether only a name was wrong: the framework's parser makes no difference. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
