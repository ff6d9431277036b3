import { Socket } from 'node:net'
import t from 'tap'
import { clientAddress, clientNetwork, type Client } from '../../src/http/client-address.ts'

/** The address that was connected from, or those that proxies tell, the nearest first. */
function from(...addresses: string[]): Client {
  const socket = new Socket()
  return addresses.length === 1
    ? { socket: Object.defineProperty(socket, 'remoteAddress', { value: addresses[0] }) }
    : { socket, ips: addresses }
}

t.test('the address is as far back as proxies tell one', async (t) => {
  t.equal(clientAddress(from('192.0.2.7')), '192.0.2.7')
  t.equal(clientAddress(from('10.0.0.1', '192.0.2.7')), '192.0.2.7')
  t.equal(clientAddress(from('10.0.0.1', '192.0.2.7', 'unknown')), '192.0.2.7')
  t.equal(clientAddress(from('10.0.0.1', '192.0.2.7:49152')), '192.0.2.7', 'without its port')
  t.equal(clientAddress(from('10.0.0.1', '[2001:db8::7]:49152')), '2001:db8::7')
  t.equal(clientAddress(from('10.0.0.1', '2001:db8::7:4915')), '2001:db8::7:4915', 'that is none')
  t.equal(clientAddress(from('10.0.0.1', '[192.0.2.7')), '10.0.0.1')
  t.equal(clientAddress({ socket: new Socket() }), undefined)
})

t.test('clients are counted by IPv4 address, or by the network of an IPv6 site', async (t) => {
  const same: [string, string][] = [
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2::1', '2001:db8:1:2:ffff:ffff:ffff:ffff'],
    ['2001:DB8:1:2::1', '2001:0db8:0001:0002::5'],
    ['fe80::1%eth0', 'fe80::2%eth0'],
  ]
  for (const [one, other] of same) t.equal(clientNetwork(from(one)), clientNetwork(from(other)))
  const different: [string, string][] = [
    ['192.0.2.7', '192.0.2.8'],
    ['2001:db8:1:2::1', '2001:db8:1:3::1'],
    ['::1', '127.0.0.1'],
  ]
  for (const [one, other] of different) t.not(clientNetwork(from(one)), clientNetwork(from(other)))
  t.equal(clientNetwork({ socket: new Socket() }), '')
})
