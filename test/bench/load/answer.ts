const HEADER_END = Buffer.from('\r\n\r\n')
const CONTENT_LENGTH = Buffer.from('\r\ncontent-length: ')
const STATUS_AT = 'HTTP/1.1 '.length
/** Statuses of answers that have neither a length nor a body. */
const BODILESS: readonly number[] = [204, 304]
const ZERO = 0x30

/** Whether the bytes, which begin with an answer, have all of it. */
export function isWhole(answer: Buffer): boolean {
  const headerEnd = answer.indexOf(HEADER_END)
  if (headerEnd < 0) return false
  if (BODILESS.includes(statusOf(answer))) return true
  const lengthAt = answer.indexOf(CONTENT_LENGTH)
  if (lengthAt < 0) throw new Error('an answer has no content-length')
  const bodyLength = readInteger(answer, lengthAt + CONTENT_LENGTH.length)
  return answer.length >= headerEnd + HEADER_END.length + bodyLength
}

export function statusOf(answer: Buffer): number {
  return readInteger(answer, STATUS_AT)
}

/** The body of a whole answer, as text. */
export function bodyOf(answer: Buffer): string {
  return answer.toString('utf8', answer.indexOf(HEADER_END) + HEADER_END.length)
}

function readInteger(bytes: Buffer, from: number): number {
  let value = 0
  for (let at = from; ; at += 1) {
    const digit = (bytes[at] ?? 0) - ZERO
    if (digit < 0 || digit > 9) return value
    value = value * 10 + digit
  }
}
