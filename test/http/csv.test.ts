import fc from 'fast-check'
import t from 'tap'
import { csvHeader, csvRows } from '../../src/http/csv.ts'
import { parseCsv } from '../helpers/csv.ts'

const COLUMNS = { id: 'value', name: 'text', more: 'value' } as const

const SIGN = /[=+\-@＝＋－＠﹦﹢﹣﹫−]/

/** As a spreadsheet shows a text of its own: the quotes that keep it from being a formula are left out. */
function withoutGuards(text: string): string {
  return text.replace(/^'(?=[\t\r\n])/, '').replace(new RegExp(`'(?=${SIGN.source})`, 'g'), '')
}

/**
 * The cells of a file as a spreadsheet finds them that separates them by another sign than the comma: quotes
 * count only where they begin a cell.
 */
function cellsBy(separator: string, file: string): string[] {
  const between = `[^${separator}\r\n]*`
  const cells = file.matchAll(
    new RegExp(`(?:"((?:[^"]|"")*)"?)?(${between})[${separator}\r\n]?`, 'gy'),
  )
  return Array.from(cells, ([, inQuotes = '', rest = '']) => inQuotes.replaceAll('""', '"') + rest)
}

const nasty = fc.constantFrom(...'",\r\n=＝-\t; |a'.split(''), '\ufeff')

t.test('whatever is in a cell comes back from a parser', async (t) => {
  const text = fc.oneof(fc.string({ unit: nasty }), fc.string({ unit: 'grapheme' }))
  const row = fc.record({ id: fc.integer(), name: text, more: fc.option(fc.jsonValue()) })
  fc.assert(
    fc.property(fc.array(row), (rows) => {
      const [header, ...lines] = parseCsv(csvHeader(COLUMNS) + csvRows(COLUMNS, rows))
      t.strictSame(header, ['id', 'name', 'more'])
      for (const [i, { id, name, more }] of rows.entries()) {
        const [idCell, nameCell = '', moreCell = ''] = lines[i] ?? []
        t.equal(idCell, String(id))
        t.equal(withoutGuards(nameCell), withoutGuards(name))
        if (more === null || typeof more === 'string') t.equal(moreCell, more ?? '')
        else t.strictSame(JSON.parse(moreCell), JSON.parse(JSON.stringify(more)))
      }
    }),
  )
})

t.test('no cell is a formula, whatever a spreadsheet separates cells by', async (t) => {
  const text = fc.string({ unit: nasty, minLength: 1, size: 'medium' })
  const row = fc.record({ id: fc.nat(), name: text, more: fc.dictionary(text, text) })
  const isFormula = (cell: string) => SIGN.test(cell.replace(/^[ \t\r\n]+/, '')[0] ?? '')
  let apart = 0
  fc.assert(
    fc.property(fc.array(row, { minLength: 1 }), (rows) => {
      const file = csvRows(COLUMNS, rows)
      for (const separator of [';', '\t', '|']) {
        const cells = cellsBy(separator, file)
        apart += cells.length
        const formula = cells.find(isFormula)
        if (formula !== undefined) throw new Error(`${JSON.stringify(formula)} by ${separator}`)
      }
      t.notOk(parseCsv(file).some((cells) => cells.some(isFormula)))
    }),
    { numRuns: 300 },
  )
  t.ok(apart > 1000, `${apart} cells`)
})

t.test('what would begin a cell elsewhere is guarded, and quoted', async (t) => {
  for (const [name, written] of [
    ['x;=1+1', `"x;'=1+1"`],
    ['x\t=1+1', `"x\t'=1+1"`],
    ['x|-1', `"x|'-1"`],
    ['x; "=1+1;y', `"x; ""'=1+1;y"`],
    ['x\n@SUM(A1)', `"x\n'@SUM(A1)"`],
    ['=1;=2', `"'=1;'=2"`],
    ['x;y', '"x;y"'],
    ['a=b, c-d', '"a=b, c-d"'],
  ]) {
    t.equal(csvRows(COLUMNS, [{ id: 1, name, more: null }]), `1,${written},\r\n`)
  }
  const more = { a: 'x;=1;"=2', b: -1, c: [-2, 'x; -3'] }
  const [[, , cell = ''] = []] = parseCsv(csvRows(COLUMNS, [{ id: 1, name: '', more }]))
  t.equal(cell, String.raw`{"a":"x;\u003d1;\"=2","b":-1,"c":[-2,"x; \u002d3"]}`)
  t.strictSame(JSON.parse(cell), more)
})

t.test("formulas are guarded in people's own texts only", async (t) => {
  const ascii = ['=1+1', '+1', '-1', '@SUM(A1)', '\t1', '\r1', '\n1']
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
