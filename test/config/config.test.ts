import t from 'tap'
import { ConfigurationError, loadConfig } from '../../src/config/config.ts'

const DATABASE_URL = 'postgresql://user:p%40ss@host:5433/name'

function messageFor(variables: Record<string, string>): string {
  try {
    loadConfig({ DATABASE_URL, ...variables })
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message
    throw error
  }
  return 'accepted'
}

t.test('all but the database has a default', async (t) => {
  const config = loadConfig({ DATABASE_URL })
  t.equal(config.http.port, 8000)
  t.equal(config.http.host, 'localhost')
  t.equal(config.environment, 'development')
  t.equal(config.database.poolSize, 10)
  t.equal(config.groupCommit.lanes, 2)
  t.strictSame(config.reads, {
    poolSize: 5,
    timeoutMs: 5000,
    maxWaiting: 20_000,
    lists: { timeoutMs: 2000, maxWaiting: 500 },
  })
  t.equal(config.http.trustProxy, false)
})

t.test('variables are read as what they mean', async (t) => {
  const config = loadConfig({
    PORT: '0',
    LOG_LEVEL: 'warn',
    DATABASE_URL,
    LOCK_TIMEOUT_MS: '300',
  })
  t.equal(config.http.port, 0)
  t.equal(config.logLevel, 'warn')
  t.equal(config.database.url, DATABASE_URL)
  t.equal(config.database.lockTimeoutMs, 300)
})

t.test('proxies are trusted by number or by address', async (t) => {
  const trusted = (TRUST_PROXY: string) => loadConfig({ DATABASE_URL, TRUST_PROXY }).http.trustProxy
  t.equal(trusted('on'), true)
  t.equal(trusted('2'), 2)
  t.strictSame(trusted('10.0.0.1, fd00::/8'), ['10.0.0.1', 'fd00::/8'])
})

t.test('an empty value counts as not set', async (t) => {
  t.equal(loadConfig({ PORT: '', DATABASE_URL }).http.port, 8000)
})

t.test('what is given is left as it is, and what comes out cannot be changed', async (t) => {
  const variables = { PORT: '1234', DATABASE_URL, UNRELATED: 'x' }
  const config = loadConfig(variables)
  t.strictSame(variables, { PORT: '1234', DATABASE_URL, UNRELATED: 'x' })
  t.ok(Object.isFrozen(config))
  t.ok(Object.isFrozen(config.database))
})

t.test('a wrong value is one line that names the variable and the rule', async (t) => {
  const cases: [Record<string, string>, string][] = [
    [{ PORT: 'abc' }, 'PORT must be an integer between 0 and 65535, not "abc"'],
    [{ PORT: '65536' }, 'PORT must be an integer between 0 and 65535, not "65536"'],
    [{ PORT: '80.5' }, 'PORT must be an integer between 0 and 65535, not "80.5"'],
    [{ NODE_ENV: 'prod' }, 'NODE_ENV must be one of development, test, production, not "prod"'],
    ...['api/', '/a/../b', '/..', '/.', '/./a'].map((path): [Record<string, string>, string] => [
      { BASE_PATH: path },
      'BASE_PATH must be a path such as /reservations, without a slash at its end and without ' +
        `segments . and .., not "${path}"`,
    ]),
    [{ DATABASE_URL: '' }, 'DATABASE_URL must be set'],
    [{ DATABASE_POOL_SIZE: '6' }, 'DATABASE_POOL_SIZE must be more than LANES + LOCK_WAITERS'],
    [{ LOCK_TIMEOUT_MS: '5000' }, 'TRANSACTION_TIMEOUT_MS must be more than LOCK_TIMEOUT_MS'],
    [{ COMMAND_TIMEOUT_MS: '2000' }, 'COMMAND_TIMEOUT_MS must be more than LOCK_TIMEOUT_MS'],
  ]
  for (const [variables, message] of cases) t.equal(messageFor(variables), message)
})

t.test('a wrong DATABASE_URL is told without the password in it', async (t) => {
  const urls = [
    'secret',
    'mysql://user:secret@host/name',
    'postgresql://user:secret@host',
    'postgresql://user:secret@host/',
    'postgresql://user:secret%@host/name',
    'postgresql://user:secret@host:port/name',
  ]
  for (const url of urls) {
    const message = messageFor({ DATABASE_URL: url })
    t.match(message, /^DATABASE_URL must [^\n]+$/, url)
    t.notMatch(message, 'secret')
  }
})
