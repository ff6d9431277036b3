import t from 'tap'
import { recordLog } from '../helpers/log.ts'

t.test('a service that lets everybody in says so where others can reach it', async (t) => {
  const isWarned = async (environment: Record<string, string>) => {
    const { app, lines } = await recordLog(t, environment)
    await app.close()
    return lines().some(({ level, msg }) => level === 40 && /^AUTH is off/.test(String(msg)))
  }
  for (const HOST of ['0.0.0.0', '::', '192.0.2.1']) {
    t.equal(await isWarned({ HOST }), true, HOST)
    t.equal(await isWarned({ HOST, AUTH: 'keys' }), false, `${HOST} with keys`)
  }
  for (const HOST of ['localhost', '127.0.0.1', '::1']) {
    t.equal(await isWarned({ HOST, NODE_ENV: 'production' }), false, HOST)
  }
})
