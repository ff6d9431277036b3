import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { superuser } from './cluster.ts'
import type { Deadline } from './deadline.ts'
import { EmbeddedDatabaseError, errorCode, errorText } from './errors.ts'
import { logTail, type Folder } from './folder.ts'
import { Keeper } from './keeper.ts'
import { Launcher } from './launcher.ts'
import { findPostmaster, type Postmaster } from './postmaster.ts'

/** A running server that this process holds on to. */
export interface Attachment {
  keeper: Keeper
  port: number
  password: string
  /** Another process started it. */
  shared: boolean
}

const retryAfterMs = 50

/**
 * Uses the server that runs on the folder, or starts it. Of processes that start at once one wins,
 * by PostgreSQL's own lock, and the others use its server.
 * @throws EmbeddedDatabaseError where none is usable before the deadline
 */
export async function attachOrLaunch(
  folder: Folder,
  parameters: Record<string, string>,
  log: (line: string) => void,
  deadline: Deadline,
): Promise<Attachment> {
  const launcher = new Launcher(folder, parameters, log)
  let problem: Error | null = null
  try {
    while (!deadline.passed()) {
      const postmaster = await findPostmaster(folder)
      const next =
        postmaster === null
          ? await launcher.launch(deadline)
          : await attach(folder, postmaster, log, deadline)
      if (next !== null && !(next instanceof Error)) {
        return { ...next, shared: launcher.launchedPid !== postmaster?.pid }
      }
      problem = next ?? problem
      if (next !== null || postmaster !== null) await sleep(retryAfterMs)
    }
  } finally {
    await launcher.cleanUp()
  }
  throw await timedOut(folder, problem)
}

/** Null while the server starts or stops; an error where it may be about to stop. */
async function attach(
  folder: Folder,
  postmaster: Postmaster,
  log: (line: string) => void,
  deadline: Deadline,
): Promise<Omit<Attachment, 'shared'> | Error | null> {
  if (!postmaster.ready) return null
  const { port } = postmaster
  const password = (await readFile(folder.password, 'utf8')).trim()
  try {
    const connection = { port, user: superuser, password }
    return { keeper: await Keeper.attach(connection, log, deadline), port, password }
  } catch (error) {
    if (errorCode(error) !== '28P01') return error instanceof Error ? error : new Error('unknown')
    throw new EmbeddedDatabaseError(
      `The password in ${folder.password} is not that of the database: put the old one back, or ` +
        `remove ${folder.root} (with the data in it) to begin anew.`,
      { cause: error },
    )
  }
}

async function timedOut(folder: Folder, problem: Error | null): Promise<EmbeddedDatabaseError> {
  const reason = problem === null ? 'it is still starting or stopping' : errorText(problem)
  return new EmbeddedDatabaseError(
    `The embedded PostgreSQL is not ready in time: ${reason}.${await logTail(folder.log)}`,
    { cause: problem },
  )
}
