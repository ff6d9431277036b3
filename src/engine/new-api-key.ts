import { randomBytes, randomInt } from 'node:crypto'
import type { ApiKey } from '../domain/api-key.ts'

const ID_ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789'
const ID_LENGTH = 16
const SECRET_BYTES = 32

/** Makes a key that nobody can guess, with an id that none has. */
export function generateApiKey(): ApiKey {
  const letters = Array.from(
    { length: ID_LENGTH },
    () => ID_ALPHABET[randomInt(ID_ALPHABET.length)],
  )
  return { id: letters.join(''), secret: randomBytes(SECRET_BYTES).toString('base64url') }
}
