import { deepStrictEqual, ok } from 'node:assert/strict'
import { isBookingFact, type BookingFact, type Fact } from '../../src/domain/facts.ts'
import { growthOf, partyOf, type ModelPools, type Party } from './pools-model.ts'

/** Judges fact by fact what happens to an event, by the slow model. */
export class Judge {
  /** Who gave a place in line up with the fact before, and how things were until then. */
  #left: { readonly user: string; readonly model: ModelPools } | undefined

  /**
   * @param model - the event as it is before the fact
   * @throws where somebody is overtaken wrongly
   */
  see(model: ModelPools, fact: Fact): void {
    const left = this.#left
    this.#left = fact.type === 'left_waitlist' ? { user: fact.userId, model } : undefined
    if (!isBookingFact(fact) || fact.status === null) return
    if (['confirmed', 'extended', 'metadata_changed'].includes(fact.type)) return
    // Who books something else has the place until then: those behind it do not come first.
    judge(left?.user === fact.userId ? left.model : model, fact)
  }
}

function judge(model: ModelPools, fact: BookingFact): void {
  const party = partyOf({ userId: fact.userId, seats: fact.seatsAfter, lines: fact.lines })
  const { user } = party
  const place = model.line.findIndex((each) => each.user === user)
  ok(fact.type !== 'promoted' || place >= 0, 'who is promoted was in line')
  const isInTurn = fact.type === 'promoted'
  const before = (isInTurn ? model.line.slice(0, place) : model.line).filter(
    (each) => each.user !== user,
  )
  const booking = model.bookings.find((each) => each.user === user)
  const more = booking === undefined ? party : { user, takes: growthOf(booking.takes, party.takes) }
  ok(model.canServe(more, before), `nobody is overtaken wrongly by ${user}`)
  const overtaken = before.filter(
    (each) => sharesPool(each, more) && model.canServe(each, model.before(each)),
  )
  deepStrictEqual(overtaken, [], `nobody who could be served is overtaken by ${user}`)
}

function sharesPool(a: Party, b: Party): boolean {
  return Object.keys(a.takes).some((pool) => b.takes[pool] !== undefined)
}
