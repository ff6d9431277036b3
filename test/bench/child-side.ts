/**
 * Makes this process a servant of the one that forked it: answers its questions, one at a time,
 * and ends with it, also where it is killed. Ctrl-C in a terminal reaches both; the parent decides.
 */
export function serve(
  answer: (question: unknown) => unknown,
  close: () => Promise<void> = () => Promise.resolve(),
): void {
  process.on('SIGINT', () => undefined)
  process.on('message', (question) => {
    void Promise.resolve(answer(question)).then((reply) => process.send?.({ reply }))
  })
  process.once('disconnect', () => {
    void close().finally(() => process.exit())
  })
  process.send?.('ready')
}
