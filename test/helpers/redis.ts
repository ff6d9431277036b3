import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { createInterface } from 'node:readline'
import type { Test } from 'tap'
import { findTool, type Program } from './debian.ts'
import { freePort } from './free-port.ts'

export interface RedisServer {
  readonly url: string
  signal(signal: NodeJS.Signals): void
  /** Kills it and settles once it is gone. */
  kill(): Promise<void>
  /** Starts it again, empty, at the same port. */
  start(): Promise<void>
}

/** Redis for tests: `skip` is why there is none, which is printed too, or false. */
export async function findRedis() {
  const [name, debianPackage, file] = ['redis-server', 'redis-server', 'usr/bin/redis-server']
  const program = await findTool({ name, debianPackage, file, needsOthers: true })
  const skip = 'missing' in program && program.missing
  if (skip !== false) console.log(`# skipped: ${skip}`)
  return {
    skip,
    start: (t: Pick<Test, 'teardown'>): Promise<RedisServer> => {
      if ('missing' in program) throw new Error(program.missing)
      return startRedis(t, program)
    },
  }
}

/** Starts a Redis of the test's own, empty; the teardown kills it. */
async function startRedis(t: Pick<Test, 'teardown'>, { path, env }: Program): Promise<RedisServer> {
  const port = await freePort()
  let child: ChildProcess | undefined
  const server: RedisServer = {
    url: `redis://127.0.0.1:${port}`,
    signal: (signal) => child?.kill(signal),
    async kill() {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'close')
      child.kill('SIGKILL')
      await gone
    },
    async start() {
      const options = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--dir', tmpdir()]
      child = spawn(path, options, {
        env,
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      await ready(child)
    },
  }
  t.teardown(() => server.kill())
  await server.start()
  return server
}

async function ready(child: ChildProcess): Promise<void> {
  if (child.stdout === null) throw new Error('Redis has no output')
  const lines = createInterface({ input: child.stdout })
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', () => {
      reject(new Error('Redis did not start'))
    })
    lines.on('line', (line) => {
      if (line.includes('eady to accept connections')) resolve()
    })
  })
}
