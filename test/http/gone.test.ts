import { once } from 'node:events'
import { Socket } from 'node:net'
import t from 'tap'
import { onGone } from '../../src/http/connections/gone.ts'

t.test('calls back once when the connection closes', async (t) => {
  const socket = new Socket()
  const calls: string[] = []
  onGone({ socket }, () => calls.push('a'))
  const takeBack = onGone({ socket }, () => calls.push('b'))
  onGone({ socket }, () => calls.push('c'))
  t.equal(socket.listenerCount('close'), 1, 'one listener for all')
  takeBack()
  const closed = once(socket, 'close')
  socket.destroy()
  await closed
  t.same(calls, ['a', 'c'])
  onGone({ socket }, () => calls.push('after'))
  t.same(calls, ['a', 'c', 'after'], 'at once where it has closed')
})

t.test('once only where the socket is destroyed and not closed yet', async (t) => {
  const socket = new Socket()
  const calls: string[] = []
  const takeBackFirst = onGone({ socket }, () => calls.push('before'))
  const closed = once(socket, 'close')
  socket.destroy()
  const takeBack = onGone({ socket }, () => calls.push('between'))
  t.same(calls, ['between'])
  await closed
  t.same(calls, ['between', 'before'])
  takeBack()
  takeBackFirst()
})
