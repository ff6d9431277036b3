import { readdirSync, watch } from 'node:fs'
import { join } from 'node:path'
import { report } from '../../src/report.ts'
import type { ServerProcess } from './server-process.ts'

/**
 * A server that is started again whenever a source file in the folder changes, also after it has
 * failed. It ends with the first signal that is passed on.
 */
export function restartOnChange(folder: string, start: () => ServerProcess): ServerProcess {
  const stopping = new AbortController()
  let server: ServerProcess | undefined

  const run = async (): Promise<number> => {
    for (;;) {
      // Watched before the server reads its files, so that no change is missed.
      const changed = nextChange(folder, stopping.signal)
      server = start()
      const failure = await Promise.race([server.ended, changed.then(() => null)])
      if (failure !== null && !stopping.signal.aborted) {
        report('The server has ended: the next change starts it again')
      }
      await changed
      if (stopping.signal.aborted) return server.ended
      report('A file has changed: starting the server again')
      server.pass('SIGTERM')
      await server.ended
    }
  }

  const pass = (signal: NodeJS.Signals) => {
    stopping.abort()
    server?.pass(signal)
  }
  return { ended: run(), pass }
}

/** Settles when a source file in the folder, or in one below it, changes; and when `stop` comes. */
async function nextChange(folder: string, stop: AbortSignal): Promise<void> {
  const done = new AbortController()
  const signal = AbortSignal.any([done.signal, stop])
  await new Promise<void>((resolve) => {
    stop.addEventListener('abort', () => {
      resolve()
    })
    for (const path of [folder, ...foldersBelow(folder)]) {
      // Of folders, not of files: editors save by putting a new file in the old one's place.
      watch(path, { signal }, (_, name) => {
        if (name?.endsWith('.ts')) resolve()
      })
    }
  })
  done.abort()
}

function foldersBelow(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name))
}
