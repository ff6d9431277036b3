/**
 * Passes texts on to a reader that has to take each within a time, and what it has not taken at the end
 * as well.
 *
 * @param onUnread - called where it does not
 * @returns the texts, and what is to be called when the reader has come to the end
 */
export function whileRead(
  texts: AsyncIterable<string>,
  timeoutMs: number,
  onUnread: () => void,
): { texts: AsyncGenerator<string, undefined>; onRead: () => void } {
  let timer: NodeJS.Timeout | undefined
  async function* passOn(): AsyncGenerator<string, undefined> {
    for await (const text of texts) {
      timer = setTimeout(onUnread, timeoutMs)
      yield text
      clearTimeout(timer)
    }
    timer = setTimeout(onUnread, timeoutMs)
  }
  return {
    texts: passOn(),
    onRead: () => {
      clearTimeout(timer)
    },
  }
}
