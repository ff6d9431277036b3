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
  t.equal(config.groupCommit.maxQueueLength, 40_000)
  t.strictSame(config.reads, {
    poolSize: 5,
    timeoutMs: 5000,
    maxWaiting: 40_000,
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
    [{ DATABASE_POOL_SIZE: '7' }, 'DATABASE_POOL_SIZE must be at least LANES + LOCK_WAITERS + 2'],
    [{ LANES: '5' }, 'DATABASE_POOL_SIZE must be at least LANES + LOCK_WAITERS + 2'],
    [{ LOCK_TIMEOUT_MS: '5000' }, 'TRANSACTION_TIMEOUT_MS must be more than LOCK_TIMEOUT_MS'],
    [{ COMMAND_TIMEOUT_MS: '2000' }, 'COMMAND_TIMEOUT_MS must be more than LOCK_TIMEOUT_MS'],
  ]
  for (const [variables, message] of cases) t.equal(messageFor(variables), message)
  t.equal(loadConfig({ DATABASE_URL, DATABASE_POOL_SIZE: '8' }).database.poolSize, 8, 'the least')
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

t.test('metrics are off, on a port of their own, on the public one, or both', async (t) => {
  const metrics = (variables: Record<string, string>) =>
    loadConfig({ DATABASE_URL, HOST: '10.0.0.1', ...variables }).metrics
  t.equal(metrics({}), null)
  t.equal(metrics({ METRICS: 'private' }), null)
  t.strictSame(metrics({ METRICS: 'public' }), { own: null, isPublic: true })
  const own = { host: '10.0.0.1', port: 9464 }
  t.strictSame(metrics({ METRICS_PORT: '9464' }), { own, isPublic: false })
  t.strictSame(metrics({ METRICS_PORT: '9464', METRICS: 'public' }), { own, isPublic: true })
  t.strictSame(metrics({ METRICS_PORT: '8000', METRICS_HOST: '127.0.0.1' }), {
    own: { host: '127.0.0.1', port: 8000 },
    isPublic: false,
  })
})

t.test('metrics can’t be where the API is, nor have a host without a port', async (t) => {
  const samePort = 'METRICS_PORT must not be PORT; METRICS=public serves both there'
  t.equal(messageFor({ METRICS_PORT: '8000' }), samePort)
  for (const [host, metricsHost] of [
    ['0.0.0.0', '127.0.0.1'],
    ['127.0.0.1', '0.0.0.0'],
    ['localhost', '::'],
    ['::', '10.0.0.1'],
    ['localhost', 'LOCALHOST'],
  ] as const) {
    const variables = { METRICS_PORT: '8000', HOST: host, METRICS_HOST: metricsHost }
    t.equal(messageFor(variables), samePort, `${host} and ${metricsHost}`)
  }
  for (const metricsHost of ['10.0.0.2', '::1']) {
    const variables = { METRICS_PORT: '8000', HOST: '10.0.0.1', METRICS_HOST: metricsHost }
    t.equal(messageFor(variables), 'accepted', metricsHost)
  }
  t.equal(
    messageFor({ METRICS_PORT: '8000', HOST: '0.0.0.0', METRICS_HOST: '::1' }),
    'accepted',
    'all of IPv4 is none of IPv6',
  )
  t.equal(messageFor({ METRICS_PORT: '0', PORT: '0' }), 'accepted')
  t.equal(messageFor({ METRICS_HOST: '127.0.0.1' }), 'METRICS_HOST needs a METRICS_PORT')
  t.equal(
    messageFor({ METRICS_PORT: 'on' }),
    'METRICS_PORT must be an integer between 0 and 65535, not "on"',
  )
  t.equal(messageFor({ METRICS: 'on' }), 'METRICS must be one of private, public, not "on"')
})

t.test('a wrong REDIS_URL is told without the password in it', async (t) => {
  const wrong = ['secret', 'http://user:secret@host', 'redis://', 'redis://:secret@host/name']
  for (const url of [...wrong, 'redis://host/0?password=secret']) {
    const message = messageFor({ REDIS_URL: url })
    t.match(message, /^REDIS_URL must be a URL such as [^\n]+$/, url)
    t.notMatch(message, 'secret')
  }
  for (const url of ['redis://host', 'rediss://user:p%40ss@host:6380/2', 'redis://[::1]:6379/']) {
    t.equal(loadConfig({ DATABASE_URL, REDIS_URL: url }).limits.redisUrl, url)
  }
})

t.test('traces go below the endpoint, which is an URL without secrets', async (t) => {
  const traced = (OTEL_EXPORTER_OTLP_ENDPOINT: string) =>
    loadConfig({ DATABASE_URL, OTEL_EXPORTER_OTLP_ENDPOINT }).tracing
  t.equal(loadConfig({ DATABASE_URL }).tracing, null)
  t.equal(traced(''), null)
  t.strictSame(traced('http://collector:4318'), { url: 'http://collector:4318/v1/traces' })
  t.strictSame(traced('https://[::1]/otlp/'), { url: 'https://[::1]/otlp/v1/traces' })
  const wrong = [
    'secret',
    'collector:4318',
    'grpc://collector:4317',
    'http://user:secret@collector',
  ]
  for (const url of [
    ...wrong,
    'http://',
    'http://collector?key=secret',
    'http://collector#secret',
  ]) {
    const message = messageFor({ OTEL_EXPORTER_OTLP_ENDPOINT: url })
    t.match(message, /^OTEL_EXPORTER_OTLP_ENDPOINT must be a URL such as [^\n]+$/, url)
    t.notMatch(message, 'secret')
  }
})

t.test('other origins are named as browsers write them, or are any, in words', async (t) => {
  const origins = (CORS_ORIGINS: string) => loadConfig({ DATABASE_URL, CORS_ORIGINS }).corsOrigins
  t.strictSame(loadConfig({ DATABASE_URL }).corsOrigins, [])
  t.equal(origins('any'), 'any')
  const named = ['https://a.example', 'http://[::1]:3000', 'capacitor://localhost']
  t.strictSame(origins(named.join(' , ')), named)
  const wrong = ['*', 'null', 'https://*.example', 'https://a.example/', 'HTTPS://a.example']
  wrong.push('a.example', 'https://a.example:443', 'https://a.example/path', 'any', '')
  for (const origin of wrong) {
    t.equal(
      messageFor({ CORS_ORIGINS: `https://b.example,${origin}` }),
      'CORS_ORIGINS must be origins such as https://tickets.example, separated by commas, or any, ' +
        `not ${JSON.stringify(origin)}`,
    )
  }
})

t.test('limits', async (t) => {
  const off = { requestsPerMinute: null, failedAuthPerMinute: 60, redisUrl: null }
  t.strictSame(loadConfig({ DATABASE_URL }).limits, off)
  const variables = { DATABASE_URL, RATE_LIMIT_PER_MINUTE: '600', FAILED_AUTH_PER_MINUTE: '10' }
  t.match(loadConfig(variables).limits, { requestsPerMinute: 600, failedAuthPerMinute: 10 })
  t.equal(
    messageFor({ RATE_LIMIT_PER_MINUTE: '0' }),
    'RATE_LIMIT_PER_MINUTE must be an integer between 1 and 1000000, not "0"',
  )
})
