import t from 'tap'
import { codingFor } from '../../src/http/encoded.ts'
import { once } from '../../src/http/once.ts'

t.test('the coding is the one that the client likes best', async (t) => {
  const cases: [string | undefined, string][] = [
    [undefined, 'identity'],
    ['', 'identity'],
    ['gzip', 'gzip'],
    ['gzip, deflate, br', 'br'],
    ['GZIP', 'gzip'],
    ['br;q=0.5, gzip', 'gzip'],
    ['br;q=0, gzip;q=0.1', 'gzip'],
    ['br;q=0, *', 'gzip'],
    ['*', 'br'],
    ['*;q=0', 'identity'],
    ['identity', 'identity'],
    ['identity, gzip;q=0.5', 'identity'],
    ['deflate, zstd', 'identity'],
    [`${'x'.repeat(1000)},;q=,;;,=`, 'identity'],
  ]
  for (const [header, coding] of cases) t.equal(codingFor(header), coding, String(header))
})

t.test('once: what is made is kept, and what failed is made anew', async (t) => {
  let asked = 0
  const get = once(async () => {
    asked += 1
    await Promise.resolve()
    if (asked === 1) throw new Error('not yet')
    return asked
  })
  const first = [get(), get()]
  for (const failed of first) await t.rejects(failed, { message: 'not yet' })
  t.strictSame(await Promise.all([get(), get()]), [2, 2])
  t.equal(await get(), 2)
})
