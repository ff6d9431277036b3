const LF = 0x0a
const CR = 0x0d
const NOTHING = Buffer.alloc(0)

/** A line of a body, without its end; null for one that is longer than it may be. */
export type Line = Buffer | null

/**
 * Splits a stream of bytes into lines, each ended by LF or CR LF; what comes behind the last of these is a
 * line too, unless it is empty. Gives those that have come to their end, one at least. Of a line that is too
 * long no more is kept than may be, and none keeps the chunk in memory that it came in.
 *
 * @param maxBytes - of a line, without its end
 */
export async function* linesOf(
  chunks: AsyncIterable<Buffer>,
  maxBytes: number,
): AsyncGenerator<readonly Line[], undefined> {
  let begun = new BegunLine(maxBytes)
  for await (const chunk of chunks) {
    const lines: Line[] = []
    let start = 0
    for (let end = chunk.indexOf(LF); end !== -1; end = chunk.indexOf(LF, start)) {
      begun.add(chunk.subarray(start, end))
      start = end + 1
      lines.push(begun.whole())
      begun = new BegunLine(maxBytes)
    }
    begun.add(chunk.subarray(start))
    if (lines.length > 0) yield lines
  }
  if (!begun.isEmpty) yield [begun.whole()]
}

/** Whether a line has nothing in it but what JSON takes for white space. */
export function isBlank(line: Line): boolean {
  return line?.every((byte) => byte === 0x20 || byte === 0x09 || byte === CR) === true
}

class BegunLine {
  readonly #maxBytes: number
  #parts: Buffer[] = []
  #bytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  get isEmpty(): boolean {
    return this.#bytes === 0
  }

  add(part: Buffer): void {
    if (part.length === 0) return
    this.#bytes += part.length
    // One more may be the CR of its end.
    if (this.#bytes > this.#maxBytes + 1) this.#parts = []
    else this.#parts.push(part)
  }

  whole(): Line {
    if (this.#bytes > this.#maxBytes + 1) return null
    const bytes = this.#parts.length === 0 ? NOTHING : Buffer.concat(this.#parts)
    const line = bytes.at(-1) === CR ? bytes.subarray(0, -1) : bytes
    return line.length > this.#maxBytes ? null : line
  }
}
