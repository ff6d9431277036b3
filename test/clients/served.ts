import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { packagesDir } from './packages.ts'
import { run } from './run.ts'

/**
 * A temporary folder for generated code, with `openapi.json`, the document that a service sends, and
 * the packages of this folder.
 */
export async function folderWith(t: Test, document: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'clients-'))
  t.teardown(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'openapi.json'), document)
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
  await symlink(packagesDir, join(folder, 'node_modules'))
  return folder
}

/** Runs a program of the packages; what it says, and whether it failed. */
export async function runTool(folder: string, program: string, ...args: string[]) {
  return run(folder, process.execPath, join(packagesDir, '.bin', program), ...args)
}
