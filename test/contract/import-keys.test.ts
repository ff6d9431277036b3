import t from 'tap'
import { beginImport, linesOf, receive } from '../helpers/import.ts'
import { createKey } from '../helpers/keys.ts'
import { createTokenApi } from '../helpers/token-api.ts'
import { importerOf } from '../helpers/importer.ts'

t.test('who may import', async (t) => {
  const api = await createTokenApi(t)
  const { ask, send } = importerOf(api)
  const eventId = await api.createEvent(9)
  const lines = linesOf({ user_id: 'ann' })
  const { authorization } = await api.as('ann')
  const withToken = await ask(eventId, lines, { authorization })
  t.equal(withToken.statusCode, 403)
  t.match(withToken.headers['www-authenticate'], /insufficient_scope/)
  t.match(withToken.json(), { error: /^This needs an API key/ })

  const { headers } = await createKey(api.database.pool, {
    tenant: 'acme',
    scopes: ['bookings:write'],
  })
  t.match(await send(eventId, lines, headers), [{ status: 201 }])
  const reader = await createKey(api.database.pool, { tenant: 'acme', scopes: ['bookings:read'] })
  t.equal((await ask(eventId, lines, reader.headers)).statusCode, 403)
  const stranger = await createKey(api.database.pool, { tenant: 'globex', scopes: ['admin'] })
  t.match(
    await send(eventId, lines, stranger.headers),
    [{ status: 404 }],
    'and its key is another one',
  )
})

t.test('a key that ends while it is used', { timeout: 120_000 }, async (t) => {
  const api = await createTokenApi(t)
  const eventId = await api.createEvent(1_000_000)
  const baseUrl = await api.app.listen({ port: 0, host: '127.0.0.1' })
  const endings = {
    'is revoked': 'UPDATE api_keys SET revoked_at = now() WHERE id = $1',
    expires: `UPDATE api_keys SET expires_at = now() + interval '1 second' WHERE id = $1`,
  }
  for (const [name, sql] of Object.entries(endings)) {
    await t.test(name, async (t) => {
      const { pool } = api.database
      const [key, other] = await Promise.all([createKey(pool), createKey(pool)])
      const begun = [key, other].map(({ headers }, i) => {
        const { asking, answered } = beginImport(baseUrl, eventId, `${key.id}-${i}`, headers)
        let sent = 0
        const send = (): boolean => asking.write(linesOf({ user_id: `${key.id} ${i} ${sent++}` }))
        send()
        const sending = setInterval(send, 50)
        t.teardown(() => {
          clearInterval(sending)
        })
        return {
          answered,
          finish: () => {
            clearInterval(sending)
            asking.end()
          },
        }
      })
      const [one, rest] = begun
      if (one === undefined || rest === undefined) throw new Error('there are two')
      const [ended, going] = [receive(await one.answered), receive(await rest.answered)]
      await Promise.all([ended.some, going.some])
      await pool.query(sql, [key.id])
      const endedAt = performance.now()
      const answers = await ended.all
      t.ok(performance.now() - endedAt < 8000, 'soon')
      one.finish()
      t.match(answers.at(-1), {
        line: answers.length,
        status: 401,
        error: { code: 'invalid_token' },
        stopped: true,
      })
      t.ok(answers.slice(0, -1).every(({ status }) => status === 201))
      rest.finish()
      const others = await going.all
      t.ok(
        others.every(({ status }) => status === 201),
        'those of other keys go on',
      )
    })
  }
})
