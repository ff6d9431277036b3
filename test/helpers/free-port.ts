import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'

/**
 * A port of this machine on which nothing listens: for programs that don't tell which one they took,
 * and for what is to find nobody.
 */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
