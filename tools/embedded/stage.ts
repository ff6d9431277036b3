import { randomBytes } from 'node:crypto'
import * as fs from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { errorCode } from './errors.ts'
import type { Folder } from './folder.ts'
import { processIsAlive } from './postmaster.ts'

/** A copy of the binaries in the system's temporary folder. */
export interface Stage {
  path: string
  /**
   * A link in the data folder to the copy. Its name carries the process that uses the copy: its
   * maker while it starts the server, then the server. A link is made and renamed in one step, so
   * there is no moment at which a kill would leave a copy that nobody knows of.
   */
  record: string
}

const stageName = /^reservations-postgres-[0-9a-f]{24}$/
const recordName = /^stage-(\d+)-([0-9a-f]{24})$/

/** Copies the binaries to where every user can run them. */
export async function createStage(folder: Folder, nativeFolder: string): Promise<Stage> {
  const id = randomBytes(12).toString('hex')
  const stage = {
    path: join(tmpdir(), `reservations-postgres-${id}`),
    record: join(folder.root, `stage-${process.pid}-${id}`),
  }
  await fs.symlink(stage.path, stage.record)
  try {
    await fs.mkdir(stage.path, { mode: 0o700 }) // fails where it exists: nobody slips us a folder
    await copyTree(nativeFolder, stage.path)
    return stage
  } catch (error) {
    await removeStage(stage)
    throw error
  }
}

/** Hands the copy over to the process `pid`: while that lives, the copy stays. */
export async function assignStage(folder: Folder, stage: Stage, pid: number): Promise<void> {
  const id = recordName.exec(basename(stage.record))?.[2] ?? ''
  await fs.rename(stage.record, join(folder.root, `stage-${pid}-${id}`))
}

/** Removes the copy and then its record. Removes nothing that does not look like our copy. */
export async function removeStage(stage: Stage): Promise<void> {
  if (await isOurs(stage.path)) {
    await fs.rm(stage.path, { recursive: true, force: true, maxRetries: 3 })
  }
  await fs.rm(stage.record, { force: true })
}

/** Removes every copy whose user is dead: what processes leave behind that were killed. */
export async function sweepStages(folder: Folder): Promise<void> {
  for (const name of await fs.readdir(folder.root)) {
    const pid = recordName.exec(name)?.[1]
    if (pid === undefined || (await processIsAlive(Number(pid)))) continue
    const record = join(folder.root, name)
    const path = await fs.readlink(record).catch(() => '') // another process swept it
    await removeStage({ path, record })
  }
}

async function isOurs(path: string): Promise<boolean> {
  if (!stageName.test(basename(path))) return false
  try {
    const entry = await fs.lstat(path)
    return entry.isDirectory() && entry.uid === process.getuid?.()
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false
    throw error
  }
}

/** Copies what a server needs, readable by all whatever the umask was at installation. */
async function copyTree(from: string, to: string): Promise<void> {
  for (const entry of await fs.readdir(from, { withFileTypes: true })) {
    const source = join(from, entry.name)
    const target = join(to, entry.name)
    if (entry.isDirectory()) {
      await fs.mkdir(target)
      await copyTree(source, target)
    } else if (entry.isFile() && !entry.name.endsWith('.a')) {
      await fs.copyFile(source, target)
      await fs.chmod(target, basename(from) === 'bin' ? 0o755 : 0o644)
    }
  }
  await fs.chmod(to, 0o755)
}
