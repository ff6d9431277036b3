import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface, type Interface } from 'node:readline'
import type { Test } from 'tap'
import { programArgs } from './programs.ts'
import { projectDir } from './run-state.ts'

export interface Service {
  readonly baseUrl: string
  readonly pid: number
  /** The lines that it has printed; all of them once it has stopped. */
  readonly printed: readonly string[]
  /** Sends the signal and settles with the exit status once the process is gone. */
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

/** Starts the server as a process of its own, on any free port; the teardown stops it. */
export async function startService(
  t: Test,
  databaseUrl: string,
  environment: Record<string, string> = {},
): Promise<Service> {
  const child = spawn(process.execPath, await programArgs('server'), {
    cwd: projectDir,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'test',
      AUTH: 'off',
      LOG_LEVEL: 'silent',
      PORT: '0',
      DATABASE_URL: databaseUrl,
      ...environment,
    },
  })
  // Its output has ended too by then.
  const exited = once(child, 'close')
  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> => {
    child.kill(signal)
    await exited
    return child.exitCode
  }
  t.teardown(() => stop())
  const printed: string[] = []
  const lines = createInterface({ input: child.stdout }).on('line', (line) => printed.push(line))
  const port = await Promise.race([portOf(lines), exited.then(() => undefined)])
  if (port === undefined || child.pid === undefined) throw new Error('the service did not start')
  return { baseUrl: `http://localhost:${port}`, pid: child.pid, printed, stop }
}

function portOf(lines: Interface): Promise<string> {
  return new Promise((resolve) => {
    lines.on('line', (line) => {
      const port = /^Server running on port (\d+)$/.exec(line)?.[1]
      if (port !== undefined) resolve(port)
    })
  })
}
