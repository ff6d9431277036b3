import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Account } from './account.ts'
import { EmbeddedDatabaseError, errorText } from './errors.ts'
import type { Folder } from './folder.ts'
import { findNativeFolder, linkLibraries } from './package.ts'
import { runTool } from './run.ts'
import { createStage, removeStage, type Stage } from './stage.ts'

/** PostgreSQL's programs, in a place where the server's user can run them. */
export interface Binaries {
  initdb: string
  postgres: string
  /** `18` */
  majorVersion: string
  /** The copy they are in, or null where they run from node_modules. */
  stage: Stage | null
}

const probeTimeoutMs = 10_000

/**
 * Finds PostgreSQL's programs. They run from node_modules where the server's user can reach them
 * and the links between libraries are there or can be made; else from a copy.
 * @throws EmbeddedDatabaseError where they are missing or do not run on this machine
 */
export async function prepareBinaries(folder: Folder, account: Account | null): Promise<Binaries> {
  const native = findNativeFolder()
  if (await linkLibraries(native)) {
    const version = await probe(native, account).catch(() => null)
    if (version !== null) return binariesIn(native, version, null)
  }
  const stage = await createStage(folder, native)
  try {
    await linkLibraries(stage.path)
    return binariesIn(stage.path, await probe(stage.path, account), stage)
  } catch (error) {
    await removeStage(stage)
    throw new EmbeddedDatabaseError(
      `The embedded PostgreSQL does not run from a copy in ${tmpdir()}: ${errorText(error)}. It ` +
        'needs glibc (not Alpine), and a temporary folder that every user can enter and that ' +
        'allows programs (see TMPDIR). Or set DATABASE_URL.',
      { cause: error },
    )
  }
}

function binariesIn(native: string, majorVersion: string, stage: Stage | null): Binaries {
  const bin = join(native, 'bin')
  return { initdb: join(bin, 'initdb'), postgres: join(bin, 'postgres'), majorVersion, stage }
}

/** Runs both programs once, as the user who'll run them, which also loads every library. */
async function probe(native: string, account: Account | null): Promise<string> {
  const options = { account, cwd: '/', timeoutMs: probeTimeoutMs }
  await runTool(join(native, 'bin', 'initdb'), ['--version'], options)
  const text = await runTool(join(native, 'bin', 'postgres'), ['--version'], options)
  const major = /\(PostgreSQL\) (\d+)/.exec(text)?.[1]
  if (major === undefined) throw new EmbeddedDatabaseError(`unknown version: ${text.trim()}`)
  return major
}
