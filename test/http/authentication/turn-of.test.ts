import { Socket } from 'node:net'
import t from 'tap'
import { formatApiKey } from '../../../src/domain/api-key.ts'
import { generateApiKey } from '../../../src/engine/new-api-key.ts'
import { turnOf } from '../../../src/http/authentication/turn-of.ts'
import { createTestDatabase } from '../../helpers/database.ts'
import { startKeyRing } from '../../helpers/key-ring.ts'
import { createKey } from '../../helpers/keys.ts'

t.test('a tenant is one, whatever keys it has, and a network whatever it sends', async (t) => {
  const { url, pool } = await createTestDatabase(t)
  const { ring } = startKeyRing(t, url)
  const keys = [
    await createKey(pool, { tenant: 'acme' }),
    await createKey(pool, { tenant: 'acme' }),
  ]
  const turn = (authorization?: string, address = '192.0.2.1'): string =>
    turnOf({ ips: [address], headers: { authorization }, socket: new Socket() }, ring)
  const [one, other] = keys.map((key) => `Bearer ${formatApiKey(key)}`)
  t.equal(turn(one), 'network 192.0.2.1', 'nobody knows yet whose it is')
  for (const key of keys) await ring.ask(key)
  t.equal(turn(one), 'tenant acme')
  t.equal(turn(one, '192.0.2.2'), 'tenant acme')
  t.equal(turn(other), 'tenant acme')
  t.equal(turn(one?.replace('Bearer ', 'bEARER    ')), 'tenant acme')
  const [{ id } = generateApiKey()] = keys
  const madeUp = [
    `Bearer ${formatApiKey({ ...generateApiKey(), id })}`,
    `Bearer ${formatApiKey(generateApiKey())}`,
    'Bearer network 192.0.2.9',
    'Basic YTpi',
    '',
    undefined,
  ]
  for (const each of madeUp) t.equal(turn(each), 'network 192.0.2.1')
  t.equal(turn(undefined, '2001:db8::1'), turn('x', '2001:db8::2'), 'a site of IPv6 is one')
})
