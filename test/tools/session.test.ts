import t from 'tap'
import { authOf } from '../../tools/start/session.ts'

t.test('AUTH is off by default where only this machine reaches the service', async (t) => {
  t.equal(authOf({}), 'off')
  for (const HOST of ['', 'localhost', '127.0.0.1', '::1']) t.equal(authOf({ HOST }), 'off', HOST)
  for (const HOST of [
    '0.0.0.0',
    '::',
    '192.0.2.1',
    'api.example',
    'localhost.example',
    '127.0.0.1.nip.io',
  ]) {
    t.equal(authOf({ HOST }), 'keys', HOST)
    t.equal(authOf({ HOST, AUTH: 'off' }), 'off', 'unless somebody says so')
  }
  t.equal(authOf({ AUTH: 'keys' }), 'keys')
})
