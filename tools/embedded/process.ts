import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { Account } from './account.ts'

const TOOL_TIMEOUT_MS = 60_000
const POLL_EVERY_MS = 20

const execute = promisify(execFile)
const hasProc = process.platform === 'linux'

/**
 * Names a process for as long as the machine is up: its number and when it was started, since
 * numbers come again. Null where no such process runs; one that waits to be reaped does not.
 */
export async function tokenOf(pid: number): Promise<string | null> {
  const [state, startedAt] = hasProc ? await readProc(pid) : await askPs(pid)
  return startedAt === undefined || state === 'Z' ? null : `${pid}-${startedAt}`
}

/** Whether the process that the token names still runs. */
export async function isRunning(token: string): Promise<boolean> {
  return (await tokenOf(Number.parseInt(token, 10))) === token
}

async function readProc(pid: number) {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(emptyIfGone)
  // Before these comes the program's name, in parentheses, with any characters in it.
  const [state, ...fields] = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return [state, fields[18]]
}

async function askPs(pid: number) {
  const [state, ...date] = (await ps(pid, 'state=,lstart=')).split(/\s+/)
  return [state?.[0], date.join('_') || undefined]
}

/** The process's command line; empty where there is no such process. */
export async function commandLine(pid: number): Promise<string[]> {
  if (!hasProc) return (await ps(pid, 'args=')).split(/\s+/)
  return (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(emptyIfGone)).split('\0')
}

async function ps(pid: number, columns: string): Promise<string> {
  const args = ['-ww', '-o', columns, '-p', String(pid)]
  return run('ps', args).catch(emptyIfGone)
}

/** Anything else is no proof that a process does not run. `ps` ends with 1 where none does. */
function emptyIfGone(error: unknown): string {
  const isGone = hasCode(error, 'ENOENT') || hasCode(error, 'ESRCH') || hasCode(error, 1)
  if (isGone) return ''
  throw error
}

/**
 * Runs a program to its end, as the given user; gives what it wrote to its standard output.
 * @throws where it can't be started, fails, or takes too long
 */
export async function run(
  program: string,
  args: string[],
  account: Account | null = null,
  cwd = '/',
): Promise<string> {
  const env = toolEnvironment()
  const options = { cwd, timeout: TOOL_TIMEOUT_MS, env, ...account }
  const { stdout } = await execute(program, args, options)
  return stdout.trim()
}

/**
 * What PostgreSQL's programs see of the environment. Nothing of ours: PGPORT, LC_ALL, LD_PRELOAD
 * and the like would change what they do.
 */
export function toolEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C', TMPDIR: tmpdir() }
}

/** Whether it is Node's error with this code: `ENOENT` for instance, or a program's exit status. */
export function hasCode(error: unknown, code: string | number): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}

/** Asks again and again until `condition` holds; gives whether it came to hold in time. */
export async function waitUntil(
  condition: () => Promise<boolean>,
  timeoutMs: number,
): Promise<boolean> {
  const end = performance.now() + timeoutMs
  while (!(await condition())) {
    if (performance.now() >= end) return false
    await sleep(POLL_EVERY_MS)
  }
  return true
}
