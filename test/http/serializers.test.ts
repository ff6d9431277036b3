import t from 'tap'
import { createSerializerBuilder } from '../../src/http/serializers.ts'

const answer = { method: 'GET', url: '/', httpStatus: '404' }
const named = (type: string) => ({
  Failed: { $id: 'Failed', type: 'object', properties: { error: { type } } },
})
const failed = () => ({ ...answer, schema: { $ref: 'Failed#' } })

t.test('schemas that are alike have one serializer, and each is by its schema', async (t) => {
  const build = createSerializerBuilder()
  const ofTexts = build(named('string'))(failed())
  t.equal(build(named('string'))(failed()), ofTexts)
  t.equal(ofTexts({ error: 'x', more: 1 }), '{"error":"x"}')
  const ofNull = build(named('string'))({ ...answer, schema: { type: 'null' } })
  t.equal(ofNull(null), 'null')
})

t.test('what a name stands for makes another schema', async (t) => {
  const build = createSerializerBuilder()
  const serialized = ['string', 'integer'].map((type) => build(named(type))(failed())({ error: 1 }))
  t.same(serialized, ['{"error":"1"}', '{"error":1}'])
})
