import t from 'tap'
import { SeatMaps } from '../../src/store/reads/seat-maps.ts'
import { createApi } from '../helpers/api.ts'
import { createHall } from '../helpers/hall.ts'

t.test('maps of seats that are at hand', async (t) => {
  const api = await createApi(t)
  const sql = api.app.readPrisma
  const [first, second] = [await createHall(api), await createHall(api)]
  const of = (id: number, tenantId = 'default') => ({ id, tenantId })

  await t.test("are not another tenant's", async (t) => {
    const maps = new SeatMaps()
    const map = await maps.read(sql, of(first))
    t.match(map, { map: { count: 12 } })
    t.equal(await maps.read(sql, of(first, 'zenith')), 'event_not_found')
    t.equal(await maps.read(sql, of(first)), map)
  })

  await t.test('are as many as fit, those asked for last', async (t) => {
    const wide = new SeatMaps()
    const [one] = [await wide.read(sql, of(first)), await wide.read(sql, of(second))]
    t.equal(await wide.read(sql, of(first)), one)
    const narrow = new SeatMaps(600)
    const [before, other] = [await narrow.read(sql, of(first)), await narrow.read(sql, of(second))]
    t.equal(await narrow.read(sql, of(second)), other)
    const after = await narrow.read(sql, of(first))
    t.not(after, before)
    t.same(after, before)
  })

  await t.test('are there no more where the event, or its seating, is gone', async (t) => {
    const maps = new SeatMaps()
    await maps.read(sql, of(first))
    await api.ask('DELETE', `/events/${first}/seating`)
    t.equal(await maps.read(sql, of(first)), 'seating_not_found')
    await api.ask('DELETE', `/events/${first}`)
    t.equal(await maps.read(sql, of(first)), 'event_not_found')
  })
})
