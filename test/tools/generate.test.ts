import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { projectDir } from '../helpers/run-state.ts'

interface Ended {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

/** Generates from another schema than the project's, whose client other tests are using. */
function generate(schema: string): Promise<Ended> {
  const args = ['--import=tsx', 'tools/generate.ts', '--schema', schema]
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: projectDir }, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr })
    })
  })
}

const SCHEMA = `
generator client {
  provider = "prisma-client"
  output   = "client"
}
datasource db {
  provider = "postgresql"
}
model Thing {
  id Int @id
}
`

t.test('a client is generated without a word', async (t) => {
  const schema = join(t.testdir({ 'schema.prisma': SCHEMA }), 'schema.prisma')
  t.same(await generate(schema), { status: 0, stdout: '', stderr: '' })
  t.ok(existsSync(join(schema, '../client/client.ts')))
})

t.test('what is wrong with a schema is said, and the status tells of it', async (t) => {
  const wrong = SCHEMA.replace('Int @id', 'Nothing @id')
  const schema = join(t.testdir({ 'schema.prisma': wrong }), 'schema.prisma')
  const { status, stdout, stderr } = await generate(schema)
  t.equal(status, 1)
  t.equal(stdout, '')
  t.match(stderr, /Nothing/)
})
