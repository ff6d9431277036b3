import pg from 'pg'
import { POOL_SIZE, type CandidateName } from './candidates/names.ts'
import { Child } from './child.ts'
import type { Databases } from './databases.ts'
import type { LoadJob, LoadResult } from './load/job.ts'

interface Server {
  readonly child: Child
  readonly port: number
}

/** A candidate with its database and as many of its processes as were asked for. */
export interface Candidate {
  readonly url: string
  /** For arranging and looking. */
  readonly pool: pg.Pool
  readonly servers: Server[]
  /** The kinds of load that its processes have had, for those who warm them up. */
  readonly warmedBy: Set<string>
}

// What is queued waits, however long: a candidate that is slow is slow, and does not fail.
const PATIENCE = {
  DATABASE_CONNECT_TIMEOUT_MS: '60000',
  TRANSACTION_TIMEOUT_MS: '60000',
  COMMAND_TIMEOUT_MS: '60000',
  LOCK_TIMEOUT_MS: '30000',
}

/** All processes and connections of a run: started when first needed, kept until the end. */
export class Fleet {
  readonly #databases: Databases
  readonly #candidates = new Map<string, Candidate>()
  readonly #generators: Child[] = []
  readonly #helpers: Child[] = []
  #isClosing = false

  constructor(databases: Databases) {
    this.#databases = databases
  }

  /**
   * @param suffix - names the database; the candidate's processes share one by default
   * @param more - variables of its processes
   */
  async candidate(
    name: CandidateName,
    processes: number,
    suffix: string = name,
    more: Readonly<Record<string, string>> = {},
  ): Promise<Candidate> {
    const known = this.#candidates.get(suffix) ?? (await this.#create(name, suffix))
    const { servers, ...others } = known
    while (servers.length < processes) {
      const environment = { ...environmentOf(name, known.url), ...more }
      const child = await this.#start('candidates/server.ts', [name], environment)
      servers.push({ child, port: Number(await child.ask('port')) })
    }
    return { ...others, servers: servers.slice(0, processes) }
  }

  /** Does the jobs at the same time, each in a generator of its own. */
  generate(jobs: readonly LoadJob[]): Promise<LoadResult[]> {
    return Promise.all(
      jobs.map(async (job, i) => {
        const generator = (this.#generators[i] ??= await this.#start('load/generator.ts'))
        // Our own process, of the same version: what it answers is what it says it answers.
        return (await generator.ask({ ...job })) as LoadResult
      }),
    )
  }

  /** CPU time that PostgreSQL has taken so far, in microseconds; null where nobody can tell. */
  postgresMicros(): Promise<number | null> {
    return this.#databases.cpuMicros()
  }

  /** Starts a script of this folder that answers questions. */
  async helper(script: string): Promise<Child> {
    const child = await this.#start(script)
    this.#helpers.push(child)
    return child
  }

  /** Ends all processes and closes all connections. */
  async close(): Promise<void> {
    this.#isClosing = true
    const candidates = [...this.#candidates.values()]
    const children = candidates.flatMap(({ servers }) => servers.map(({ child }) => child))
    await Promise.all(
      [...this.#generators, ...this.#helpers, ...children].map((child) => child.stop()),
    )
    await Promise.all(candidates.map(({ pool }) => pool.end()))
  }

  async #create(name: CandidateName, suffix: string): Promise<Candidate> {
    const url = await this.#databases.create(name, suffix)
    const pool = new pg.Pool({ connectionString: url, max: 2 })
    // An idle connection that breaks says so here; whoever needs the next one learns it anyway.
    pool.on('error', () => undefined)
    const candidate = { url, pool, servers: [], warmedBy: new Set<string>() }
    this.#candidates.set(suffix, candidate)
    return candidate
  }

  /** A process that came up while the others are being ended would be forgotten. */
  async #start(...parameters: Parameters<typeof Child.start>): Promise<Child> {
    const child = await Child.start(...parameters)
    if (!this.#isClosing) return child
    await child.stop()
    throw new Error('the benchmark is closing')
  }
}

/** CPU time that the servers have taken so far, in microseconds. */
export async function cpuMicros(servers: readonly Server[]): Promise<number> {
  const all = await Promise.all(servers.map(({ child }) => child.ask('cpu')))
  return all.reduce<number>((total, micros) => total + Number(micros), 0)
}

function environmentOf(name: CandidateName, url: string): Record<string, string> {
  return {
    DATABASE_URL: url,
    // As the image has it.
    NODE_OPTIONS: '--max-semi-space-size=64',
    HOST: '127.0.0.1',
    PORT: '0',
    LOG_LEVEL: 'warn',
    AUTH: 'off',
    DATABASE_POOL_SIZE: String(POOL_SIZE),
    ...(name === 'prisma' && PATIENCE),
  }
}
