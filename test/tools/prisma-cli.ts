import { cp, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { Test } from 'tap'
import { PROJECT } from '../../tools/prisma-cli.ts'

export { prisma, type PrismaOptions as CliOptions } from '../../tools/prisma-cli.ts'

const PARTS = ['prisma', 'src', 'tools', 'prisma.config.ts', 'package.json', 'tsconfig.json']

/**
 * A copy of the project, for commands that write into it. Its path has a space in it. It lies in
 * the project, from where Node finds the packages.
 */
export async function copyProject(t: Test): Promise<string> {
  const parent = join(PROJECT, '.tap')
  await mkdir(parent, { recursive: true })
  const path = await mkdtemp(join(parent, 'prisma project '))
  t.teardown(() => rm(path, { recursive: true }))
  for (const name of [...PARTS, 'tsconfig.build.json']) {
    await cp(join(PROJECT, name), join(path, name), { recursive: true })
  }
  await symlink(join(PROJECT, 'node_modules'), join(path, 'node_modules'))
  return path
}
