import fc from 'fast-check'
import t from 'tap'
import { csvHeader, csvRows } from '../../src/http/csv.ts'
import { parseCsv } from '../helpers/csv.ts'

const COLUMNS = { id: 'value', name: 'text', more: 'value' } as const

t.test('whatever is in a cell comes back from a parser', async (t) => {
  const nasty = fc.constantFrom('"', ',', '\r', '\n', "'", '=', '＝', '\t', '\ufeff', 'a', ' ')
  const text = fc.oneof(fc.string({ unit: nasty }), fc.string({ unit: 'grapheme' }))
  const row = fc.record({ id: fc.integer(), name: text, more: fc.option(fc.jsonValue()) })
  fc.assert(
    fc.property(fc.array(row), (rows) => {
      const [header, ...lines] = parseCsv(csvHeader(COLUMNS) + csvRows(COLUMNS, rows))
      t.strictSame(header, ['id', 'name', 'more'])
      const expected = rows.map(({ id, name, more }) => [
        String(id),
        /^[=+\-@\t\r\n＝＋－＠﹦﹢﹣﹫−]/.test(name) ? `'${name}` : name,
        more === null ? '' : typeof more === 'string' ? more : JSON.stringify(more),
      ])
      t.strictSame(lines, expected)
    }),
  )
})

t.test("formulas are guarded in people's own texts only", async (t) => {
  const ascii = ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '\n=1']
  const wide = ['\uff1d1', '\uff0b1', '\uff0d1', '\uff20SUM(A1)']
  const others = ['\ufe661', '\ufe621', '\ufe631', '\ufe6bSUM(A1)', '\u22121']
  for (const formula of [...ascii, ...wide, ...others]) {
    const [[id, name, more] = []] = parseCsv(
      csvRows(COLUMNS, [{ id: -1, name: formula, more: formula }]),
    )
    t.strictSame([id, name, more], ['-1', `'${formula}`, formula])
  }
  t.equal(csvRows(COLUMNS, [{ id: 1, name: 'a=b', more: null }]), '1,a=b,\r\n')
})
