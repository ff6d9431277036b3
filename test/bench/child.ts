import { fork, type ChildProcess, type Serializable } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const STOP_TIMEOUT_MS = 10_000

/** A process of the benchmark that answers questions; the other side is `serve`. */
export class Child {
  readonly #process: ChildProcess
  readonly #name: string

  private constructor(child: ChildProcess, name: string) {
    this.#process = child
    this.#name = name
  }

  /** Forks a script of this folder, with the loader that this process has, and awaits its start. */
  static async start(
    script: string,
    args: readonly string[] = [],
    environment: Record<string, string> = {},
  ): Promise<Child> {
    const { PATH } = process.env
    const child = fork(fileURLToPath(new URL(script, import.meta.url)), args, {
      cwd: ROOT,
      env: { ...(PATH !== undefined && { PATH }), NODE_ENV: 'production', ...environment },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    const started = new Child(child, [script, ...args].join(' '))
    try {
      await started.#message()
    } catch (error) {
      await started.stop()
      throw error
    }
    return started
  }

  /** Asks one question and gives the answer; one at a time. */
  async ask(question: Serializable): Promise<unknown> {
    const answer = this.#message()
    this.#process.send(question)
    const message = await answer
    return typeof message === 'object' && message !== null && 'reply' in message
      ? message.reply
      : undefined
  }

  /** Settles when the process is gone. May be called again. */
  async stop(): Promise<void> {
    const child = this.#process
    if (child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    if (child.connected) child.disconnect()
    const timeout = new AbortController()
    const tooLate = delay(STOP_TIMEOUT_MS, undefined, { signal: timeout.signal })
      .then(() => child.kill('SIGKILL'))
      .catch(() => undefined)
    await exited
    timeout.abort()
    await tooLate
  }

  async #message(): Promise<unknown> {
    const listening = new AbortController()
    const { signal } = listening
    const gone = once(this.#process, 'exit', { signal }).then(() => {
      throw new Error(`${this.#name} ended before its time`)
    })
    try {
      const message = once(this.#process, 'message', { signal }).then(([value]: unknown[]) => value)
      return await Promise.race([message, gone])
    } finally {
      listening.abort()
    }
  }
}
