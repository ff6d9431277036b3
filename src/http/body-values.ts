const [COMMA, BRACKET, BRACE] = [',', '[', '{'].map((sign) => sign.charCodeAt(0))

/**
 * Whether JSON may be made of more values than `max`, told by its bytes before any of it is parsed. A comma
 * in a text counts as well.
 */
export function mayHaveMoreValues(json: Uint8Array, max: number): boolean {
  if (json.length <= max) return false
  let values = 0
  for (const byte of json) {
    if (byte === COMMA || byte === BRACKET || byte === BRACE) values += 1
  }
  return values > max
}
