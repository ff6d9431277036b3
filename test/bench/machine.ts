import { execFile } from 'node:child_process'
import { availableParallelism, cpus, release, totalmem, type } from 'node:os'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** Where a run took place: nothing that names a host or a path. */
export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGiB: number
  readonly system: string
  readonly node: string
  readonly date: string
  /** The commit, with `+` where the tree had changes; null outside of a repository. */
  readonly commit: string | null
}

export async function describeMachine(): Promise<Machine> {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    node: process.version,
    date: new Date().toISOString(),
    commit: await describeCommit(),
  }
}

async function describeCommit(): Promise<string | null> {
  try {
    const hash = await git('rev-parse', '--short=12', 'HEAD')
    // The benchmark's own results are no change of what is measured.
    const changes = await git('status', '--porcelain', '--', ':!test/bench/results')
    return changes === '' ? hash : `${hash}+`
  } catch {
    return null
  }
}

async function git(...args: string[]): Promise<string> {
  const cwd = fileURLToPath(new URL('../../', import.meta.url))
  return (await promisify(execFile)('git', args, { cwd })).stdout.trim()
}
