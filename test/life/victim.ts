import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Test } from 'tap'
import type { Executed } from '../../src/engine/submission.ts'
import type { Command } from '../../src/domain/commands.ts'
import { commandToJson } from '../helpers/command-json.ts'
import { programArgs } from '../helpers/programs.ts'
import { projectDir } from '../helpers/run-state.ts'

/** A process with an engine that is going to be killed. */
export interface Victim {
  send(command: Command): void
  kill(): void
  /** Settles when the process is gone and all that it had said was heard. */
  readonly gone: Promise<void>
}

/** @param onAnswer - is told each answer with the request id of its command */
export async function startVictim(
  t: Test,
  url: string,
  onAnswer: (key: string, answer: Executed) => void,
): Promise<Victim> {
  const child = spawn(process.execPath, [...(await programArgs('engine')), url], {
    cwd: projectDir,
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH, NODE_ENV: 'test', AUTH: 'off' },
  })
  // What is sent to a process that was just killed is lost, as it may be.
  child.stdin.on('error', () => undefined)
  const exited = once(child, 'exit')
  const kill = (): void => {
    child.kill('SIGKILL')
  }
  t.teardown(async () => {
    kill()
    await exited
  })
  const lines = createInterface({ input: child.stdout })
  const heard = once(lines, 'close')
  await Promise.race([
    once(lines, 'line'),
    exited.then(() => Promise.reject(new Error('the process did not start'))),
  ])
  lines.on('line', (line) => {
    // The kill may have cut the last line off.
    if (!line.endsWith('}}')) return
    const { key, answer } = JSON.parse(line) as { key: string; answer: Executed }
    onAnswer(key, answer)
  })
  return {
    send: (command) => child.stdin.write(`${commandToJson(command)}\n`),
    kill,
    gone: Promise.all([exited, heard]).then(() => undefined),
  }
}
