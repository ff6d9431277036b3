import t from 'tap'
import { prefersProblemDetails } from '../../src/http/accept.ts'

const CASES: [accept: string | undefined, expected: boolean][] = [
  [undefined, false],
  ['', false],
  ['*/*', false],
  ['application/*', false],
  ['application/json', false],
  ['application/problem+json', true],
  ['Application/Problem+JSON', true],
  ['application/problem+json; charset=utf-8', true],
  ['application/json, application/problem+json', true],
  ['application/problem+json, application/json;q=0.9', true],
  ['application/problem+json;q=0.5, application/json', false],
  ['application/problem+json;q=0.5, application/json;q=0.4', true],
  ['application/problem+json ; q=0.9 , */*;q=0.1', true],
  ['application/problem+json;q=0.1, */*', false],
  ['application/problem+json;q=0.1, application/*;q=0.2, */*;q=0', false],
  ['application/problem+json;q=0', false],
  ['application/problem+json;q=nonsense', true],
  [',,;q=,application/problem+json', true],
  ['application/problem+jsonp', false],
]

t.test('problem details go to those who ask for them', async (t) => {
  for (const [accept, expected] of CASES) {
    t.equal(prefersProblemDetails(accept), expected, accept ?? 'no Accept')
  }
})
