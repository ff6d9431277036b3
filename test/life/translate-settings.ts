import type { EventSettings } from '../../src/domain/model.ts'
import { DEFAULT_SETTINGS } from '../../src/domain/policy.ts'
import type { ModelType, Settings } from './model/types.ts'
import type { Change, TypeStep } from './script.ts'

/** What a change comes to now. */
export function settingsChanged(change: Change, now: Date): Partial<Settings> {
  const { salesStartIn, salesEndIn, cancelIn, waitlistClosesIn, types, ...others } = change
  const at = (seconds: number | null | undefined): number | null =>
    typeof seconds === 'number' ? now.getTime() + seconds * 1000 : null
  const typeAt = ({ salesStartIn: start, salesEndIn: end, ...type }: TypeStep): ModelType => {
    return { ...type, salesStartAt: at(start), salesEndAt: at(end) }
  }
  const rest = {
    ...others,
    ...(types !== undefined && { types: types.map(typeAt) }),
    ...(cancelIn !== undefined && { cancelUntil: at(cancelIn) }),
    ...(waitlistClosesIn !== undefined && { waitlistClosesAt: at(waitlistClosesIn) }),
  }
  if (salesStartIn === undefined && salesEndIn === undefined) return rest
  const [salesStartAt, salesEndAt] = [at(salesStartIn), at(salesEndIn)]
  const isInOrder = salesStartAt === null || salesEndAt === null || salesStartAt < salesEndAt
  return { ...rest, salesStartAt: isInOrder ? salesStartAt : null, salesEndAt }
}

function date(ms: number | null): Date | null {
  return ms === null ? null : new Date(ms)
}

/** Settings as the system has them. */
export function withDates({
  salesStartAt,
  salesEndAt,
  cancelUntil,
  waitlistClosesAt,
  types,
  ...rest
}: Partial<Settings>): Partial<EventSettings> {
  const typeOf = (type: ModelType) => ({
    ...{ key: type.key, name: type.key, pools: type.pools, maxPerBooking: type.maxPerBooking },
    ...{ salesStartAt: date(type.salesStartAt), salesEndAt: date(type.salesEndAt) },
  })
  return {
    ...rest,
    ...(types !== undefined && { ticketTypes: types.map(typeOf) }),
    ...(salesStartAt !== undefined && { salesStartAt: date(salesStartAt) }),
    ...(salesEndAt !== undefined && { salesEndAt: date(salesEndAt) }),
    ...(cancelUntil !== undefined && { cancelUntil: date(cancelUntil) }),
    ...(waitlistClosesAt !== undefined && { waitlistClosesAt: date(waitlistClosesAt) }),
  }
}

/** All settings of a new event. */
export function fullSettings(settings: Settings): EventSettings {
  return { ...DEFAULT_SETTINGS, name: 'Model', totalSeats: 0, ...withDates(settings) }
}
