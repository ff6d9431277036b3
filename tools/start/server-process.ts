import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:os'
import { PROJECT } from '../prisma-cli.ts'

const COMPANION = new URL('companion.mjs', import.meta.url).href

/** A server that runs in a process of its own. */
export interface ServerProcess {
  /** Settles when it has ended, with its exit status as a shell would give it. */
  readonly ended: Promise<number>
  /** Sends it a signal; does nothing where it has ended. */
  pass(signal: NodeJS.Signals): void
}

export interface ServerOptions {
  /** Node's own arguments and the program. */
  args: readonly string[]
  env: NodeJS.ProcessEnv
  /** Gets the server's origin once it listens, and has said so. */
  onListening?: ((origin: string) => void) | undefined
}

/**
 * Starts the server. It leads a process group of its own: a Ctrl-C, which the terminal sends to
 * the whole group, reaches it once, through us. It ends when this process does, however that ends.
 */
export function startServer({ args, env, onListening }: ServerOptions): ServerProcess {
  const server = spawn(process.execPath, [`--import=${COMPANION}`, ...args], {
    cwd: PROJECT,
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    detached: true,
    env,
  })
  server.on('message', (message) => {
    if (typeof message !== 'object' || !('origin' in message)) return
    if (typeof message.origin === 'string') onListening?.(message.origin)
  })
  const ended = once(server, 'exit').then(() => {
    const { exitCode, signalCode } = server
    return exitCode ?? 128 + (signalCode === null ? 0 : constants.signals[signalCode])
  })
  return { ended, pass: (signal) => void server.kill(signal) }
}
