import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Test } from 'tap'
import { projectDir } from './run-state.ts'

export interface Service {
  readonly baseUrl: string
  readonly pid: number
  /** Sends the signal and settles with the exit status once the process is gone. */
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

/** Starts the server as a process of its own, on any free port; the teardown stops it. */
export async function startService(
  t: Test,
  databaseUrl: string,
  environment: Record<string, string> = {},
): Promise<Service> {
  const child = spawn(process.execPath, ['--import=tsx', 'src/server.ts'], {
    cwd: projectDir,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'test',
      LOG_LEVEL: 'silent',
      PORT: '0',
      DATABASE_URL: databaseUrl,
      ...environment,
    },
  })
  const exited = once(child, 'exit')
  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> => {
    child.kill(signal)
    await exited
    return child.exitCode
  }
  t.teardown(() => stop())
  const port = await Promise.race([portOf(child.stdout), exited.then(() => undefined)])
  if (port === undefined || child.pid === undefined) throw new Error('the service did not start')
  return { baseUrl: `http://localhost:${port}`, pid: child.pid, stop }
}

async function portOf(stdout: NodeJS.ReadableStream): Promise<string | undefined> {
  for await (const line of createInterface({ input: stdout })) {
    const port = /^Server running on port (\d+)$/.exec(line)?.[1]
    if (port !== undefined) {
      stdout.resume()
      return port
    }
  }
  return undefined
}
