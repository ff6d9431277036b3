import closeWithGrace from 'close-with-grace'
import { reportFatal } from './report.ts'

// npm passes on a signal that the terminal has already sent to the whole group, so that one Ctrl-C
// comes twice within milliseconds. What comes later is someone who has lost patience.
const SAME_SIGNAL_MS = 1000

/**
 * Closes the process in an orderly way on SIGINT, SIGTERM and SIGHUP (exit 0) and on an error
 * nobody caught (exit 1). When `close` takes longer than the bound, or somebody signals again, the
 * process ends at once with exit 1.
 */
export function closeOnSignals(close: () => Promise<void>, timeoutMs: number): void {
  const grace = closeWithGrace(
    {
      delay: timeoutMs,
      // It would treat the second half of one Ctrl-C as a second signal.
      skip: ['SIGINT', 'SIGTERM', 'SIGHUP'],
      logger: false,
      onTimeout: () => {
        reportFatal(`Shutdown took longer than ${timeoutMs} ms: ending anyway`)
      },
    },
    async ({ err }) => {
      if (err) reportFatal(err)
      try {
        await close()
      } catch (error) {
        reportFatal(error)
        throw error
      }
    },
  )

  let firstSignalMs: number | undefined
  const onSignal = (signal: NodeJS.Signals) => {
    if (firstSignalMs === undefined) {
      firstSignalMs = performance.now()
      grace.close()
    } else if (performance.now() - firstSignalMs > SAME_SIGNAL_MS) {
      reportFatal(`Second ${signal}: ending at once`)
      process.exit(1)
    }
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal)
}
