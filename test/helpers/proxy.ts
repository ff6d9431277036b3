import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import type { Test } from 'tap'
import { MessageReader, StatementTracker, type Message } from './wire.ts'

/**
 * What becomes of a statement: it passes; the connection is cut before PostgreSQL sees it; or
 * PostgreSQL carries it out, and the connection is cut before the answer is passed on.
 */
export type Verdict = 'pass' | 'cut_before' | 'cut_after'

/** A network between the service and PostgreSQL that breaks in the way the test wants. */
export interface Proxy {
  readonly url: string
  /** Asked for each statement; one that makes its answer wait holds the statement up. */
  judge: (statement: string) => Verdict | Promise<Verdict>
  /** Connections that were cut by a verdict. */
  readonly cuts: number
  /** Cuts every connection and takes no more, until `accept`. */
  refuse(): Promise<void>
  accept(): Promise<void>
  /** Lets no byte through in either direction, without an end, until `thaw`. */
  freeze(): void
  thaw(): void
  /** Strands the connections that are there: silent for ever. New ones work. */
  strand(): void
}

/** Starts a proxy for the PostgreSQL at `url`; the teardown ends it. */
export async function startProxy(t: Test, url: string): Promise<Proxy> {
  const proxy = new TcpProxy(new URL(url))
  t.teardown(() => proxy.refuse())
  await proxy.accept()
  return proxy
}

interface Link {
  readonly sockets: readonly [Socket, Socket]
  isStranded: boolean
}

class TcpProxy implements Proxy {
  cuts = 0
  readonly #target: URL
  readonly #server: Server
  readonly #links = new Set<Link>()
  #port = 0
  #thawed: Promise<void> | undefined
  #endFreeze: () => void = () => undefined

  constructor(target: URL) {
    this.#target = target
    this.#server = createServer((client) => {
      this.#link(client)
    })
  }

  judge: Proxy['judge'] = () => 'pass'

  get url(): string {
    const url = new URL(this.#target)
    url.host = `127.0.0.1:${this.#port}`
    return url.href
  }

  async accept(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.#port = (this.#server.address() as AddressInfo).port
  }

  async refuse(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    for (const link of this.#links) this.#cut(link)
    await closed
  }

  freeze(): void {
    this.#thawed = new Promise((resolve) => {
      this.#endFreeze = resolve
    })
  }

  thaw(): void {
    this.#thawed = undefined
    this.#endFreeze()
  }

  strand(): void {
    for (const link of this.#links) link.isStranded = true
  }

  #link(client: Socket): void {
    const server = connect(Number(this.#target.port), this.#target.hostname)
    const link: Link = { sockets: [client, server], isStranded: false }
    this.#links.add(link)
    const statements = new StatementTracker()
    let isCutDue = false
    const pass = async (to: Socket, bytes: Buffer): Promise<void> => {
      await this.#thawed
      if (!link.isStranded) to.write(bytes)
    }
    const fromClient = async (message: Message): Promise<void> => {
      const text = statements.textOf(message)
      const verdict = text === undefined ? 'pass' : await this.judge(text)
      if (verdict === 'cut_before') this.#cutByVerdict(link)
      else await pass(server, message.bytes)
      isCutDue ||= verdict === 'cut_after'
    }
    const fromServer = async (message: Message): Promise<void> => {
      if (!isCutDue) await pass(client, message.bytes)
      // ReadyForQuery: PostgreSQL has carried out what it was sent.
      else if (message.type === 'Z') this.#cutByVerdict(link)
    }
    void this.#pump(link, client, new MessageReader('client'), fromClient)
    void this.#pump(link, server, new MessageReader('server'), fromServer)
  }

  async #pump(
    link: Link,
    from: Socket,
    reader: MessageReader,
    handle: (message: Message) => Promise<void>,
  ): Promise<void> {
    from.setNoDelay()
    try {
      for await (const chunk of from) {
        for (const message of reader.read(chunk as Buffer)) await handle(message)
      }
    } catch {
      // A reset: the other side learns of it by the cut.
    }
    this.#cut(link)
  }

  #cutByVerdict(link: Link): void {
    this.cuts += 1
    this.#cut(link)
  }

  #cut(link: Link): void {
    this.#links.delete(link)
    for (const socket of link.sockets) socket.destroy()
  }
}
