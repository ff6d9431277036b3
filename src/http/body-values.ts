const [COMMA, BRACKET, BRACE] = [',', '[', '{'].map((sign) => sign.charCodeAt(0))

/**
 * Whether JSON may be made of more values than `max`, told by its bytes before any of it is parsed. A comma
 * in a text counts as well.
 */
export function mayHaveMoreValues(json: Uint8Array, max: number): boolean {
  if (json.length <= max) return false
  let values = 0
  // An iterator takes ten times as long.
  for (let i = 0; i < json.length && values <= max; i += 1) {
    const byte = json[i]
    if (byte === COMMA || byte === BRACKET || byte === BRACE) values += 1
  }
  return values > max
}
