import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { projectDir } from '../helpers/run-state.ts'

// The promise: the lines of a turn are written together, and no end of a process but a kill loses
// any; nor does it end because nobody reads them.

const OPEN = `
  import { openLogDestination } from './src/http/logging/log-destination.ts'
  const log = openLogDestination()
`
const LINES = 1000
const WRITE = `for (let i = 1; i <= ${LINES}; i += 1) log.write(i + '\\n');`
const ALL = Array.from({ length: LINES }, (_, i) => `${i + 1}\n`).join('')

/** A process that runs the program; the teardown ends it. */
function run(t: Test, program: string) {
  const child: ChildProcess = spawn(
    process.execPath,
    ['--import=tsx', '--input-type=module', '-e', program],
    { cwd: projectDir, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] },
  )
  const exited = once(child, 'exit')
  t.teardown(async () => {
    child.kill('SIGKILL')
    await exited
  })
  const { stdout, stderr } = child
  if (stdout === null || stderr === null) throw new Error('there are pipes')
  return { child, stdout, errors: text(stderr), exited }
}

for (const [name, end, status] of [
  ['comes to its end', 'process.disconnect()', 0],
  ['calls process.exit', 'process.exit(3)', 3],
  ['throws', `throw new Error('a mistake')`, 1],
  ['exits in a later turn', 'setImmediate(() => process.exit(4))', 4],
] as const) {
  t.test(`a process that ${name} loses no line`, async (t) => {
    const { child, stdout, exited } = run(t, `${OPEN} ${WRITE} ${end}`)
    t.equal(await text(stdout), ALL)
    await exited
    t.equal(child.exitCode, status)
  })
}

t.test('the lines of a turn are one write', async (t) => {
  const watched = `
    const { stdout } = process
    const writes = []
    stdout.write = (lines) => writes.push(lines)
    ${OPEN}
    log.write('a'); log.write('b')
    setImmediate(() => {
      log.write('c')
      setImmediate(() => {
        process.send(writes)
        process.disconnect()
      })
    })`
  const { child } = run(t, watched)
  t.same(await once(child, 'message'), [['ab', 'c'], undefined])
})

/** Writes a line for each message, and answers when what it writes is written. */
const SERVE = `
  process.on('message', () => {
    log.write('a line\\n')
    setTimeout(() => process.send('served'))
  })
  process.send('ready')
`

/** Whether a process goes on serving that writes its log to nobody. */
async function survives(t: Test, open: string): Promise<boolean> {
  const { child, stdout, errors, exited } = run(t, `${open} ${SERVE}`)
  await once(child, 'message')
  stdout.destroy()
  await once(stdout, 'close')
  for (let requests = 0; requests < 5; requests += 1) {
    child.send('a request', () => undefined)
    const [told] = await Promise.race([once(child, 'message'), exited.then(() => ['gone'])])
    if (told === 'gone') {
      t.match(await errors, /EPIPE/)
      return false
    }
  }
  child.disconnect()
  await exited
  t.equal(child.exitCode, 0)
  return true
}

t.test('whose reader goes goes on serving', async (t) => {
  t.equal(await survives(t, OPEN), true)
  const plain = 'const log = { write: (line) => process.stdout.write(line) };'
  t.equal(await survives(t, plain), false, 'the control')
})
