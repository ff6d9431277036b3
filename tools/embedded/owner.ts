import { readdir, readlink, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { hasCode, isRunning, tokenOf } from './process.ts'

/** A link whose target is no file, but the token of a process that has the folder, or `FREE`. */
export interface Owner {
  readonly number: number
  readonly token: string
}

/** Version 1 of this program knew no numbers. */
const LINK = /^owner(?:-(\d+))?$/
const FREE = 'free'

/**
 * Takes the folder for this process: of all that try it at the same instant, one gets it. What it
 * rests on: the link with the highest number counts, and is never removed. So numbers only grow, and
 * whoever follows a process that was killed has to make the very next one, which only one can. A
 * folder has to be listed in one piece, as a local disk does with a few names.
 * @throws where a living process has the folder
 */
export async function becomeOwner(root: string): Promise<Owner> {
  const token = await tokenOf(process.pid)
  if (token === null) throw new Error('This process does not find itself: is /proc mounted?')
  for (;;) {
    const last = await ownerOf(root)
    if (await isRunning(last.token)) {
      const pid = Number.parseInt(last.token, 10)
      throw new Error(`Process ${pid} holds the database in ${root}: stop it, or set DATABASE_URL`)
    }
    const own = { number: last.number + 1, token }
    if (await follow(root, own)) return own
  }
}

/** Gives the folder free, whoever has it; does nothing where another one has followed already. */
export async function freeFolder(root: string, owner: Owner): Promise<void> {
  if (owner.token !== FREE) await follow(root, { number: owner.number + 1, token: FREE })
}

/** Who has the folder, or had it last. */
export async function ownerOf(root: string): Promise<Owner> {
  const number = Math.max(0, ...(await numbersIn(root)))
  const token = await readlink(pathOf(root, number)).catch(unlessMissing(FREE))
  return { number, token }
}

/** Makes the link and removes those before it; false where another process was faster. */
export async function follow(root: string, { number, token }: Owner): Promise<boolean> {
  try {
    await symlink(token, pathOf(root, number))
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false
    throw error
  }
  const numbers = await numbersIn(root)
  // Whoever looked long ago may have made one that had been removed.
  const isLast = number === Math.max(...numbers)
  const superfluous = isLast ? numbers.filter((other) => other < number) : [number]
  for (const other of superfluous) await rm(pathOf(root, other), { force: true })
  return isLast
}

async function numbersIn(root: string): Promise<number[]> {
  const names = await readdir(root).catch(unlessMissing([]))
  return names.flatMap((name) => {
    const match = LINK.exec(name)
    return match === null ? [] : Number(match[1] ?? 0)
  })
}

function pathOf(root: string, number: number): string {
  return join(root, number === 0 ? 'owner' : `owner-${number}`)
}

function unlessMissing<T>(value: T): (error: unknown) => T {
  return (error) => {
    if (hasCode(error, 'ENOENT')) return value
    throw error
  }
}
