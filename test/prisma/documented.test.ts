import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { projectDir } from '../helpers/run-state.ts'

t.test('docs/operations.md says of each migration what to know before it', async (t) => {
  const entries = await readdir(join(projectDir, 'prisma/migrations'), { withFileTypes: true })
  const migrations = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  const text = await readFile(join(projectDir, 'docs/operations.md'), 'utf8')
  const rows = [...text.matchAll(/^\| `(\d{14}_\w+)` +\| \S/gm)].map(([, name]) => name)
  t.strictSame(rows, migrations.sort(), 'in their order')
})
