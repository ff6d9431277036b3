import type { FastifyRequest } from 'fastify'

type Socket = FastifyRequest['socket']

/** One listener a connection, however many of its requests are under way. */
const waiting = new WeakMap<Socket, Set<() => void>>()

/**
 * Calls back once when the request's connection closes; at once where it has, or is about to.
 *
 * @returns takes the callback back: to be called when the request is done
 */
export function onGone(
  { socket }: Pick<FastifyRequest, 'socket'>,
  callback: () => void,
): () => void {
  if (socket.destroyed) {
    callback()
    return () => undefined
  }
  const callbacks = waiting.get(socket) ?? watch(socket)
  callbacks.add(callback)
  return () => {
    callbacks.delete(callback)
  }
}

function watch(socket: Socket): Set<() => void> {
  const callbacks = new Set<() => void>()
  waiting.set(socket, callbacks)
  socket.once('close', () => {
    for (const callback of callbacks) callback()
    callbacks.clear()
  })
  return callbacks
}
