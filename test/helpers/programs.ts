import { rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { build } from 'esbuild'
import { ownRun, projectDir } from './run-state.ts'

/** What tests start as processes of their own, and the file that each begins with. */
const PROGRAMS = {
  server: 'src/server.ts',
  cli: 'src/cli.ts',
  engine: 'test/life/fixtures/engine-child.ts',
  storm: 'test/life/fixtures/storm-child.ts',
} as const

export type ProgramName = keyof typeof PROGRAMS

/**
 * Compiles the programs, once for all tests of a run: to load hundreds of files one by one costs a process
 * more than most of them do afterwards.
 */
export async function buildPrograms(run: string): Promise<void> {
  await build({
    absWorkingDir: projectDir,
    entryPoints: PROGRAMS,
    outdir: folderOf(run),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    // What is imported at run time is not loaded before that here either.
    splitting: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: true,
  })
}

/** What Node is to be started with to run a program, of this run unless another is given. */
export async function programArgs(name: ProgramName, run?: string): Promise<string[]> {
  return ['--enable-source-maps', join(folderOf(run ?? (await ownRun())), `${name}.mjs`)]
}

export async function removePrograms(run: string): Promise<void> {
  await rm(folderOf(run), { recursive: true, force: true })
}

/** As deep in the project as the sources that look for files beside them. */
function folderOf(run: string): string {
  return join(projectDir, '.data', `programs-${basename(run)}`)
}
