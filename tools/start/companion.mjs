// @ts-check

// Runs in the server's process, before the server (`node --import`). So the server itself need not
// know that anybody has started it, nor do its log lines take a way round through another process.

// The channel closes when the process at its other end is gone, also by `kill -9`. A server that
// stayed behind would hold its port, on a database that the next start stops.
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'))
process.channel?.unref()

// The last line that the server prints for people once it listens.
const LISTENING = /^(?:Documentation|API) at (\S+)\/(?:documentation|api)$/m

const write = process.stdout.write.bind(process.stdout)

/** @type {typeof process.stdout.write} */
process.stdout.write = (/** @type {any} */ chunk, /** @type {any[]} */ ...rest) => {
  const isDone = write(chunk, ...rest)
  const origin = LISTENING.exec(String(chunk))?.[1]
  if (origin !== undefined) {
    process.stdout.write = write
    process.send?.({ origin })
  }
  return isDone
}
