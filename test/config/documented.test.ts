import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { environmentSchema } from '../../src/config/environment-schema.ts'
import { projectDir } from '../helpers/run-state.ts'

// The promise: the table of docs/operations.md and .env.example have the variables that the service
// reads, with their defaults.

const readText = (file: string): Promise<string> => readFile(join(projectDir, file), 'utf8')

/** By name; '' where there is no default. */
function expected(): Map<string, string> {
  const defaults = new Map<string, string>()
  for (const [name, schema] of Object.entries(environmentSchema.properties)) {
    const value: unknown = schema.default
    defaults.set(name, typeof value === 'string' || typeof value === 'number' ? `${value}` : '')
  }
  return defaults
}

/** A default that is another variable's value is none of its own. */
async function inTable(): Promise<Map<string, string>> {
  const text = await readText('docs/operations.md')
  const table = text.slice(text.indexOf('| variable '), text.indexOf('## Deploying'))
  const rows = [...table.matchAll(/^\| `(\w+)` +\| (\S*) *\|/gm)]
  const known = expected()
  return new Map(
    rows.map(([, name = '', cell = '']) => {
      const value = cell.replaceAll('`', '')
      return [name, known.has(value) ? '' : value]
    }),
  )
}

async function inExample(): Promise<{ head: string; values: Map<string, string> }> {
  const [head = '', ...rest] = (await readText('.env.example')).split('\n\n')
  const lines = rest.join('\n\n').matchAll(/^# ([A-Z][A-Z0-9_]+)=(.*)$/gm)
  return { head, values: new Map([...lines].map(([, name = '', value = '']) => [name, value])) }
}

const sorted = (entries: Iterable<[string, string]>) => [...entries].sort()

t.test('the table of docs/operations.md has each variable, with its default', async (t) => {
  t.strictSame(sorted(await inTable()), sorted(expected()))
})

t.test('.env.example has each variable, with its default or an example', async (t) => {
  const { head, values } = await inExample()
  const defaults = expected()
  t.strictSame([...values.keys()].sort(), [...defaults.keys()].sort())
  const named = [...head.matchAll(/\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b/g)].map(([name]) => name)
  const others = [...values].filter(([name, value]) => value !== defaults.get(name))
  t.strictSame(named.sort(), others.map(([name]) => name).sort(), 'its head names the examples')
  const lines = (await readText('.env.example')).split('\n')
  t.strictSame(
    lines.filter((line) => line.length > 110 && !/^# [A-Z_]+=/.test(line)),
    [],
  )
})
