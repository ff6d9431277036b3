// The life of bookings once more, told by plain lists: nothing is counted along, everything is
// looked up anew, one command at a time. Slow, and plain to see. It knows bookings and places in
// line by numbers of its own (`ref`), since ids are given by PostgreSQL.

import type { Asker } from './script.ts'

export interface ModelBooking {
  readonly ref: number
  readonly user: string
  seats: number
  status: 'held' | 'confirmed'
  expiresAt: number | null
  readonly createdAt: number
}

export interface ModelEntry {
  readonly ref: number
  readonly user: string
  readonly seats: number
}

export interface Settings {
  totalSeats: number
  maxSeatsPerBooking: number
  holdSeconds: number
  waitlistPromotesTo: 'held' | 'confirmed'
  /** Milliseconds, null where there is no bound. */
  salesStartAt: number | null
  salesEndAt: number | null
  status: 'draft' | 'on_sale' | 'paused' | 'cancelled'
  cancelUntil: number | null
  waitlistClosesAt: number | null
}

export type ModelCommand = { readonly event: number; readonly by: Asker } & (
  | { type: 'reserve'; user: string; seats: number; hold: boolean; waitlist: boolean }
  | { type: 'confirm' | 'extend' | 'cancel'; booking: number }
  | { type: 'cancel_of_user'; user: string }
  | { type: 'resize'; booking: number; seats: number }
  | { type: 'leave_waitlist'; entry: number }
  | { type: 'change_event'; changes: Partial<Settings>; isExpected: boolean }
  | { type: 'delete_event'; force: boolean; isExpected: boolean }
  | { type: 'settle' }
)

type CommandOf<T extends ModelCommand['type']> = Extract<ModelCommand, { type: T }>

/** What is compared: `done`, what there is now, or the refusal, with its limit. */
export type ModelOutcome =
  | 'done'
  | { booking: Omit<ModelBooking, 'ref'> }
  | { waiting: { user: string; seats: number; position: number } }
  | { event: { total: number; booked: number; held: number; waiting: number } }
  | { refused: string; limit?: number }

let refs = 0

export class ModelEvent {
  now = 0
  isDeleted = false
  bookings: ModelBooking[] = []
  line: ModelEntry[] = []
  readonly settings: Settings
  readonly #expired: { readonly ref: number; readonly user: string }[] = []

  constructor(settings: Settings) {
    this.settings = { ...settings }
  }

  /** Lets the time come; the holds that it ends go. */
  reach(now: number): void {
    this.now = now
    const ended = this.bookings.filter((b) => b.expiresAt !== null && b.expiresAt <= now)
    this.#expired.push(...ended)
    this.bookings = this.bookings.filter((booking) => !ended.includes(booking))
    this.#serve()
  }

  decide(command: ModelCommand): ModelOutcome {
    if (this.isDeleted || command.by.isStranger) return { refused: missing(command) }
    switch (command.type) {
      case 'reserve':
        return this.#reserve(command)
      case 'confirm':
      case 'extend':
      case 'cancel':
      case 'resize':
        return this.#withBooking(command)
      case 'cancel_of_user':
        return this.#cancelOfUser(command)
      case 'leave_waitlist':
        return this.#leave(command)
      case 'change_event':
        return this.#change(command)
      case 'delete_event':
        return this.#delete(command)
      case 'settle':
        return 'done'
    }
  }

  taken(status?: 'held' | 'confirmed'): number {
    const counted = this.bookings.filter((booking) => (status ?? booking.status) === booking.status)
    return counted.reduce((sum, { seats }) => sum + seats, 0)
  }

  #fits(seats: number): boolean {
    return this.line.length === 0 && this.taken() + seats <= this.settings.totalSeats
  }

  #serve(): void {
    if (this.settings.status !== 'on_sale') return
    const [first, ...rest] = this.line
    if (first === undefined || this.taken() + first.seats > this.settings.totalSeats) return
    this.line = rest
    this.#add(first.user, first.seats, this.settings.waitlistPromotesTo)
    this.#serve()
  }

  #add(user: string, seats: number, status: 'held' | 'confirmed'): ModelBooking {
    const expiresAt = status === 'held' ? this.now + this.settings.holdSeconds * 1000 : null
    const booking = { ref: ++refs, user, seats, status, expiresAt, createdAt: this.now }
    this.bookings.push(booking)
    return booking
  }

  #reserve({ by, user, seats, hold, waitlist }: CommandOf<'reserve'>): ModelOutcome {
    if (!isFor(by, user)) return refused('user_mismatch')
    if (this.settings.status !== 'on_sale') return refused('not_on_sale')
    const { totalSeats, maxSeatsPerBooking, salesStartAt, salesEndAt } = this.settings
    if (seats > maxSeatsPerBooking) return refused('too_many_seats', maxSeatsPerBooking)
    if (this.bookings.some((booking) => booking.user === user)) return refused('already_booked')
    if (salesStartAt !== null && this.now < salesStartAt) return refused('sales_not_open')
    if (salesEndAt !== null && this.now >= salesEndAt) return refused('sales_closed')
    if (this.#fits(seats)) return shown(this.#add(user, seats, hold ? 'held' : 'confirmed'))
    if (!waitlist) return refused('sold_out')
    if (this.line.some((entry) => entry.user === user)) return refused('already_waiting')
    if (seats > totalSeats) return refused('exceeds_capacity', totalSeats)
    if (isFrom(this.settings.waitlistClosesAt, this.now)) return refused('waitlist_closed')
    this.line.push({ ref: ++refs, user, seats })
    return { waiting: { user, seats, position: this.line.length } }
  }

  #withBooking(command: CommandOf<'confirm' | 'extend' | 'cancel' | 'resize'>): ModelOutcome {
    const isNamed = ({ ref, user }: { ref: number; user: string }): boolean =>
      ref === command.booking && isFor(command.by, user)
    const booking = this.bookings.find(isNamed)
    if (booking === undefined) {
      const tellsApart = command.type === 'confirm' || command.type === 'extend'
      const hasExpired = this.#expired.some(isNamed)
      return refused(tellsApart && hasExpired ? 'hold_expired' : 'booking_not_found')
    }
    if (command.type === 'resize') return this.#resize(booking, command.seats)
    if (command.type === 'extend') return this.#extend(booking)
    if (command.type === 'cancel') return this.#cancel(booking)
    booking.status = 'confirmed'
    booking.expiresAt = null
    return shown(booking)
  }

  #cancel(booking: ModelBooking): ModelOutcome {
    if (this.#isKept(booking)) return refused('cancellation_closed')
    this.bookings = this.bookings.filter((other) => other !== booking)
    this.#serve()
    return 'done'
  }

  #cancelOfUser({ by, user }: CommandOf<'cancel_of_user'>): ModelOutcome {
    if (!isFor(by, user)) return refused('user_mismatch')
    const booking = this.bookings.find((each) => each.user === user)
    return booking === undefined ? refused('booking_not_found') : this.#cancel(booking)
  }

  #isKept({ status }: ModelBooking): boolean {
    return status === 'confirmed' && isFrom(this.settings.cancelUntil, this.now)
  }

  #extend(booking: ModelBooking): ModelOutcome {
    if (booking.expiresAt === null) return refused('not_held')
    const holdMs = this.settings.holdSeconds * 1000
    const latest = booking.createdAt + 4 * holdMs
    if (booking.expiresAt >= latest) return refused('hold_limit_reached')
    booking.expiresAt = Math.max(booking.expiresAt, Math.min(this.now + holdMs, latest))
    return shown(booking)
  }

  #resize(booking: ModelBooking, seats: number): ModelOutcome {
    const more = seats - booking.seats
    const { maxSeatsPerBooking, status } = this.settings
    if (more < 0 && this.#isKept(booking)) return refused('cancellation_closed')
    if (more > 0 && status !== 'on_sale') return refused('not_on_sale')
    if (more > 0 && seats > maxSeatsPerBooking) return refused('too_many_seats', maxSeatsPerBooking)
    if (more > 0 && !this.#fits(more)) return refused('sold_out')
    booking.seats = seats
    this.#serve()
    return shown(booking)
  }

  #leave({ by, entry }: CommandOf<'leave_waitlist'>): ModelOutcome {
    const stayed = this.line.filter(({ ref, user }) => ref !== entry || !isFor(by, user))
    if (stayed.length === this.line.length) return refused('waitlist_entry_not_found')
    this.line = stayed
    this.#serve()
    return 'done'
  }

  #change({ changes, isExpected }: CommandOf<'change_event'>): ModelOutcome {
    if (!isExpected) return refused('event_changed')
    const { status = this.settings.status } = changes
    if (this.settings.status === 'cancelled' && status !== 'cancelled') {
      return refused('event_cancelled')
    }
    const taken = this.taken()
    if ((changes.totalSeats ?? Infinity) < taken) return refused('capacity_below_taken', taken)
    const total = changes.totalSeats ?? this.settings.totalSeats
    const largest = Math.max(0, ...this.line.map(({ seats }) => seats))
    if (total !== this.settings.totalSeats && total < largest) {
      return refused('capacity_below_waiting', largest)
    }
    Object.assign(this.settings, changes)
    this.#serve()
    const [booked, held] = [this.taken('confirmed'), this.taken('held')]
    const waiting = this.line.length
    // In the end; a script does nothing else meanwhile.
    if (status === 'cancelled') this.bookings = this.line = []
    return { event: { total, booked, held, waiting } }
  }

  #delete({ force, isExpected }: CommandOf<'delete_event'>): ModelOutcome {
    if (!isExpected) return refused('event_changed')
    if (this.bookings.length > 0 && !force) return refused('event_has_bookings')
    this.isDeleted = true
    this.bookings = []
    this.line = []
    return 'done'
  }
}

function isFrom(moment: number | null, now: number): boolean {
  return moment !== null && now >= moment
}

/** Whether somebody may ask for a user. */
function isFor({ onlyFor }: Asker, user: string): boolean {
  return onlyFor === null || onlyFor === user
}

function missing(command: ModelCommand): string {
  if (command.type === 'leave_waitlist') return 'waitlist_entry_not_found'
  const isOfBooking = 'booking' in command || command.type === 'cancel_of_user'
  return isOfBooking ? 'booking_not_found' : 'event_not_found'
}

function refused(refusal: string, limit?: number): ModelOutcome {
  return limit === undefined ? { refused: refusal } : { refused: refusal, limit }
}

function shown({ user, seats, status, expiresAt, createdAt }: ModelBooking): ModelOutcome {
  return { booking: { user, seats, status, expiresAt, createdAt } }
}
