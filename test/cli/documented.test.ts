import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { readArguments } from '../../src/cli/arguments.ts'
import { projectDir } from '../helpers/run-state.ts'

const FILES = ['README.md', 'docs/operations.md', 'compose.yaml', 'deploy/kubernetes/README.md']

/** What the documents have people type, but for lines that leave something open by `…`. */
async function commandLines(): Promise<string[]> {
  const found: string[] = []
  for (const file of FILES) {
    const text = await readFile(join(projectDir, file), 'utf8')
    const lines = text.matchAll(/(?:dist\/cli\.js|npm run --silent) (keys [^`\n]+)/g)
    for (const [, line = ''] of lines) if (!line.includes('…')) found.push(line.trim())
  }
  return found
}

/** As a shell takes it apart, where nothing is quoted but by '. */
function argumentsOf(line: string): string[] {
  const words = line.replace('keys -- ', 'keys ').match(/'[^']*'|\S+/g) ?? []
  return words.map((word) => word.replaceAll("'", ''))
}

t.test('the command lines of the documents are right', async (t) => {
  const lines = await commandLines()
  t.ok(lines.length >= 10, `${lines.length} command lines`)
  const types = new Set(lines.map((line) => readArguments(argumentsOf(line)).type))
  t.strictSame([...types].sort(), ['create', 'list', 'revoke'])
})
