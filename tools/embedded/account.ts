import { readFile, stat } from 'node:fs/promises'
import type { Folder } from './folder.ts'

/** An operating-system user, by number. */
export interface Account {
  uid: number
  gid: number
}

/**
 * The user that PostgreSQL runs as; null means ourselves. It refuses to run as root, so root uses
 * the owner of the existing data, or else the system's user `postgres` or `nobody`.
 * @throws where the data belongs to a user that we can't act as
 */
export async function serverAccount(folder: Folder): Promise<Account | null> {
  const owner = await stat(folder.cluster).catch(() => null)
  const weAreRoot = process.getuid?.() === 0
  if (owner === null) return weAreRoot ? systemAccount() : null
  if (weAreRoot && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid }
  if (!weAreRoot && owner.uid === process.getuid?.()) return null
  throw new Error(
    `The database in ${folder.root} belongs to the user with id ${owner.uid}: start as the user ` +
      'who made it (never root), or remove the folder with the data in it.',
  )
}

async function systemAccount(): Promise<Account> {
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'))
  for (const wanted of ['postgres', 'nobody']) {
    const [, , uid, gid] = lines.find(([name]) => name === wanted) ?? []
    // macOS writes nobody's ids as -2: the kernel's numbers are unsigned.
    if (uid && gid && Number(uid) !== 0) return { uid: Number(uid) >>> 0, gid: Number(gid) >>> 0 }
  }
  throw new Error(
    'PostgreSQL does not run as root, and there is no system user postgres or nobody to run it ' +
      'as: start as an ordinary user, or set DATABASE_URL.',
  )
}
