import fc, { type Arbitrary } from 'fast-check'
import type { Asked } from './asked.ts'
import type { Draft } from './draft.ts'
import { oddText } from './texts.ts'
import { writeOut } from './write-out.ts'

const HEADERS: Readonly<Record<string, readonly string[]>> = {
  accept: ['', ';', 'application/problem+json;q=x', 'a'.repeat(5000), '*/*;q=0', 'text/html,,'],
  'x-request-id': ['', 'a b', '"', 'x'.repeat(5000), 'trace-1'],
  'x-forwarded-for': [',', 'x', '1.2.3.4, 5.6.7.8', '::1'],
  'x-forwarded-prefix': ['/shop', '//evil', '/../..'],
  'if-match': ['', 'x', '""', 'W/', `"${'x'.repeat(5000)}"`],
  'if-none-match': ['', '*', 'W/"x', '\u00ff'],
  'content-type': ['', 'application/json; charset=latin1', 'APPLICATION/JSON', ';'],
  'content-encoding': ['', 'identity'],
  expect: ['miracles'],
  origin: ['null', 'https://evil.example'],
}

/** Requests that are odd, and may be taken or refused: but in order, and as the document says. */
export function oddFrom(draft: Draft): Arbitrary<Asked> {
  const asked = writeOut(draft, 'odd', '')
  return fc.oneof(
    header(asked),
    url(asked),
    query(draft),
    ...(asked.body ? [body(draft, asked)] : []),
  )
}

function header(asked: Asked): Arbitrary<Asked> {
  const all = Object.entries(HEADERS).flatMap(([name, values]) =>
    values.map((value) => [name, value] as const),
  )
  return fc.constantFrom(...all).map(([name, value]) => ({
    ...asked,
    headers: { ...asked.headers, [name]: value },
    about: `header ${name}`,
  }))
}

function url(asked: Asked): Arbitrary<Asked> {
  const [path = '', ...rest] = asked.url.split('?')
  const end = rest.length === 0 ? '' : `?${rest.join('?')}`
  const urls = [`${path}/${end}`, `${path}?`, path.replace('api', '%61pi') + end, `${path}#x`]
  return fc.constantFrom(...urls).map((written) => ({ ...asked, url: written, about: 'URL' }))
}

/** Unknown members, members twice, empty ones, and odd texts. */
function query(draft: Draft): Arbitrary<Asked> {
  const names = draft.operation.parameters.flatMap((parameter) =>
    parameter.in === 'query' ? [parameter.name] : [],
  )
  return fc
    .tuple(fc.constantFrom('userId', 'x', ...names), fc.oneof(oddText, fc.constant('')))
    .map((member) =>
      writeOut({ ...draft, query: [...draft.query, member] }, 'odd', `query ${member[0]}`),
    )
}

function body(draft: Draft, asked: Asked): Arbitrary<Asked> {
  const given: Record<string, unknown> = { ...Object(draft.body) }
  const names = Object.keys(draft.operation.body?.properties ?? {})
  const changed = fc
    .tuple(fc.constantFrom('unknown', ...names), fc.oneof(oddText, fc.constant(null)))
    .map(([name, value]) =>
      writeOut({ ...draft, body: { ...given, [name]: value } }, 'odd', `member ${name}`),
    )
  const json = JSON.stringify(given)
  const texts: Readonly<Record<string, Buffer>> = {
    'member twice': Buffer.from(json.replace(/^\{("\w+":[^,}]+)/, '{$1,$1')),
    'byte order mark': Buffer.from(`\ufeff${json}`),
    'nothing but space': Buffer.from(' \r\n'),
    empty: Buffer.from(''),
    'deep nesting': Buffer.from(`${json.slice(0, -1)},"x":${'['.repeat(5000)}${']'.repeat(5000)}}`),
    'large body': Buffer.from(`${json.slice(0, -1)},"x":"${'x'.repeat(70_000)}"}`),
    'large numbers': Buffer.from(json.replace(/:\d+/, ':1e400')),
    null: Buffer.from('null'),
    array: Buffer.from(`[${json}]`),
  }
  const written = fc
    .constantFrom(...Object.entries(texts))
    .map(([about, text]) => ({ ...asked, body: text, about }))
  return fc.oneof(changed, written)
}
