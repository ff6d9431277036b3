import type { Account } from './account.ts'
import { serverAccount } from './account.ts'
import { prepareBinaries, type Binaries } from './binaries.ts'
import { ensureCluster } from './cluster.ts'
import type { Deadline } from './deadline.ts'
import { EmbeddedDatabaseError } from './errors.ts'
import type { Folder } from './folder.ts'
import { launchPostmaster } from './launch.ts'
import { removeEmptyLockFile } from './postmaster.ts'
import { assignStage, removeStage, sweepStages } from './stage.ts'

/** What keeps a server from starting and passes: a rival, or its dying predecessor. */
const passing = [
  /lock file "postmaster\.pid" (already exists|is empty)/,
  /pre-existing shared memory block .* is still in use/,
  /could not create any TCP\/IP sockets/, // another program took the port in between
]

/** Starts the server of a data folder, in as many attempts as it takes. */
export class Launcher {
  readonly #folder: Folder
  readonly #parameters: Record<string, string>
  readonly #log: (line: string) => void
  #account: Account | null = null
  #binaries: Binaries | null = null
  #launchedPid: number | null = null

  constructor(folder: Folder, parameters: Record<string, string>, log: (line: string) => void) {
    this.#folder = folder
    this.#parameters = parameters
    this.#log = log
  }

  /** The server that this process started, or null. */
  get launchedPid(): number | null {
    return this.#launchedPid
  }

  /**
   * Makes what is missing and starts the server.
   * @returns null where it runs, or what was in the way and is worth another attempt
   * @throws EmbeddedDatabaseError where no further attempt would help
   */
  async launch(deadline: Deadline): Promise<EmbeddedDatabaseError | null> {
    const folder = this.#folder
    const binaries = (this.#binaries ??= await this.#prepare())
    await ensureCluster(folder, binaries, this.#account, this.#log, deadline)
    await removeEmptyLockFile(folder)
    const result = await launchPostmaster(
      folder,
      binaries,
      this.#account,
      this.#parameters,
      deadline,
    )
    if (result.pid === null) return judge(result.log)
    this.#launchedPid = result.pid
    if (binaries.stage) await assignStage(folder, binaries.stage, result.pid)
    await sweepStages(folder)
    return null
  }

  /** Removes the copy of the binaries where no server of ours came to use it. */
  async cleanUp(): Promise<void> {
    const stage = this.#binaries?.stage
    if (stage && this.#launchedPid === null) await removeStage(stage)
  }

  async #prepare(): Promise<Binaries> {
    this.#account = await serverAccount(this.#folder)
    return prepareBinaries(this.#folder, this.#account)
  }
}

function judge(log: string): EmbeddedDatabaseError {
  const error = new EmbeddedDatabaseError(`The embedded PostgreSQL does not start.${log}`)
  if (passing.some((pattern) => pattern.test(log))) return error
  throw error
}
