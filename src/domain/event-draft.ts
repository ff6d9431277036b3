import type { Booking, BookingStatus, EventSettings, EventView, WaitlistEntry } from './commands.ts'
import type { Changes, EventState, HistoryChange, HistoryType } from './state.ts'

/** Ids that new rows take, from the end; shared by the drafts of a batch. */
export interface IdSupply {
  readonly bookings: number[]
  readonly entries: number[]
}

/** An event as the decisions so far leave it: the vocabulary in which the rules are written. */
export class EventDraft {
  readonly now: Date
  requestId: string | null = null
  readonly #event: EventState
  readonly #ids: IdSupply
  #settings: EventSettings
  #isDeleted = false
  #takenSeats: number
  #heldSeats: number
  #waitlistLength: number
  readonly #bookings: Map<number, Booking>
  readonly #users: Set<string>
  readonly #waitlist: Map<number, WaitlistEntry>
  readonly #waiting: Set<string>
  readonly #new = new Set<number>()
  readonly #updated = new Set<number>()
  readonly #removed = new Set<number>()
  readonly #expired = new Set<number>()
  readonly #newEntries = new Set<number>()
  readonly #removedEntries = new Set<number>()
  readonly #history: HistoryChange[] = []

  constructor(event: EventState, now: Date, ids: IdSupply) {
    this.now = now
    this.#event = event
    this.#ids = ids
    this.#settings = event.settings
    this.#takenSeats = event.takenSeats
    this.#heldSeats = event.heldSeats
    this.#waitlistLength = event.waitlistLength
    this.#bookings = new Map(event.bookings.map((booking) => [booking.id, booking]))
    this.#users = new Set(event.bookedUsers)
    this.#waitlist = new Map(event.waitlist.map((entry) => [entry.id, entry]))
    this.#waiting = new Set(event.waitingUsers)
  }

  get settings(): EventSettings {
    return this.#settings
  }

  get isDeleted(): boolean {
    return this.#isDeleted
  }

  get takenSeats(): number {
    return this.#takenSeats
  }

  get freeSeats(): number {
    return this.#settings.totalSeats - this.#takenSeats
  }

  get waitlistLength(): number {
    return this.#waitlistLength
  }

  /** The seats of the largest entry in line, where the whole line is loaded; 0 for an empty one. */
  get largestWaiting(): number {
    const largest = (most: number, { seats }: WaitlistEntry): number => Math.max(most, seats)
    return [...this.#waitlist.values()].reduce(largest, 0)
  }

  /**
   * A booking that a command names. Those that this batch makes cannot be named yet: nobody was
   * told of them, and an id that is guessed must not free more seats than were reckoned with.
   */
  booking(id: number): Booking | undefined {
    return this.#new.has(id) ? undefined : this.#bookings.get(id)
  }

  isBooked(userId: string): boolean {
    return this.#users.has(userId)
  }

  hasExpired(bookingId: number): boolean {
    return this.#expired.has(bookingId) || this.#event.expiredBookingIds.has(bookingId)
  }

  /** A hold has expired from the very instant of its expiry on. */
  expiredHolds(): Booking[] {
    const ofInterest = [...this.#bookings.values()]
    return ofInterest.filter(({ expiresAt }) => expiresAt !== null && expiresAt <= this.now)
  }

  entry(id: number): WaitlistEntry | undefined {
    return this.#waitlist.get(id)
  }

  isWaiting(userId: string): boolean {
    return this.#waiting.has(userId)
  }

  /**
   * Who is to be served next; undefined where nobody is, as far as the line is loaded. Where some of
   * it is not, an entry that this batch made stands behind those, and they are not overtaken.
   */
  firstInLine(): WaitlistEntry | undefined {
    const isWhole = this.#waitlistLength === this.#waitlist.size
    for (const entry of this.#waitlist.values()) {
      return isWhole || !this.#newEntries.has(entry.id) ? entry : undefined
    }
    return undefined
  }

  book(userId: string, seats: number, status: BookingStatus): Booking {
    return this.#insert(userId, seats, status, status === 'held' ? 'held' : 'booked')
  }

  /** Gives the first in line a booking for the place. */
  promote(entry: WaitlistEntry, status: BookingStatus): void {
    this.#removeEntry(entry)
    this.#insert(entry.userId, entry.seats, status, 'promoted', entry.id)
  }

  update(
    booking: Booking,
    change: Partial<Pick<Booking, 'seats' | 'status' | 'expiresAt'>>,
    type: HistoryType,
  ): Booking {
    const updated = { ...booking, ...change }
    this.#count(booking, -1)
    this.#count(updated, 1)
    this.#bookings.set(booking.id, updated)
    if (!this.#new.has(booking.id)) this.#updated.add(booking.id)
    this.#note(type, updated, booking.seats, updated.seats)
    return updated
  }

  remove(booking: Booking, type: 'cancelled' | 'released' | 'expired'): void {
    this.#count(booking, -1)
    this.#bookings.delete(booking.id)
    this.#users.delete(booking.userId)
    this.#updated.delete(booking.id)
    if (!this.#new.delete(booking.id)) this.#removed.add(booking.id)
    if (type === 'expired') this.#expired.add(booking.id)
    const { id, userId, seats } = booking
    this.#log({ type, user_id: userId, booking_id: id, seats_before: seats, seats_after: 0 })
  }

  /** Puts a user at the end of the line. */
  wait(userId: string, seats: number): { entry: WaitlistEntry; position: number } {
    const id = take(this.#ids.entries)
    const entry = { id, eventId: this.#event.id, userId, seats, createdAt: this.now }
    this.#waitlist.set(id, entry)
    this.#waiting.add(userId)
    this.#newEntries.add(id)
    this.#waitlistLength += 1
    this.#logEntry('waitlisted', entry, 0, seats)
    return { entry, position: this.#waitlistLength }
  }

  leave(entry: WaitlistEntry): void {
    this.#removeEntry(entry)
    this.#logEntry('left_waitlist', entry, entry.seats, 0)
  }

  change(changes: Partial<EventSettings>): void {
    const before = this.#settings.totalSeats
    this.#settings = { ...this.#settings, ...changes }
    const after = this.#settings.totalSeats
    if (before === after) return
    this.#log({ type: 'capacity_changed', seats_before: before, seats_after: after })
  }

  delete(): void {
    this.#isDeleted = true
    this.#log({ type: 'event_deleted', seats_before: this.#settings.totalSeats, seats_after: 0 })
  }

  view(): EventView {
    return {
      ...this.#settings,
      id: this.#event.id,
      bookedSeats: this.#takenSeats - this.#heldSeats,
      heldSeats: this.#heldSeats,
      waitlistLength: this.#waitlistLength,
    }
  }

  changes(): Changes {
    const current = (ids: Iterable<number>) =>
      [...ids].flatMap((id) => this.#bookings.get(id) ?? [])
    return {
      eventId: this.#event.id,
      newBookings: current(this.#new),
      updatedBookings: current(this.#updated),
      removedBookingIds: [...this.#removed],
      expiredBookingIds: [...this.#expired],
      newEntries: [...this.#newEntries].flatMap((id) => this.#waitlist.get(id) ?? []),
      removedEntryIds: [...this.#removedEntries],
      settings: this.#settings === this.#event.settings ? null : this.#settings,
      isDeleted: this.#isDeleted,
      history: {
        firstSequence: this.#event.lastSequence + 1,
        at: this.now,
        changes: this.#history,
      },
    }
  }

  #insert(
    userId: string,
    seats: number,
    status: BookingStatus,
    type: HistoryType,
    entryId?: number,
  ): Booking {
    const { now } = this
    const holdMs = this.#settings.holdSeconds * 1000
    const expiresAt = status === 'held' ? new Date(now.getTime() + holdMs) : null
    const id = take(this.#ids.bookings)
    const booking = {
      id,
      eventId: this.#event.id,
      userId,
      seats,
      status,
      expiresAt,
      createdAt: now,
    }
    this.#bookings.set(id, booking)
    this.#users.add(userId)
    this.#new.add(id)
    this.#count(booking, 1)
    this.#note(type, booking, 0, seats, entryId)
    return booking
  }

  #removeEntry(entry: WaitlistEntry): void {
    this.#waitlist.delete(entry.id)
    this.#waiting.delete(entry.userId)
    this.#waitlistLength -= 1
    if (!this.#newEntries.delete(entry.id)) this.#removedEntries.add(entry.id)
  }

  #count({ seats, status }: Booking, sign: 1 | -1): void {
    this.#takenSeats += sign * seats
    if (status === 'held') this.#heldSeats += sign * seats
  }

  #note(
    type: HistoryType,
    { id, userId, status, expiresAt }: Booking,
    before: number,
    after: number,
    entryId?: number,
  ): void {
    this.#log({
      type,
      user_id: userId,
      booking_id: id,
      ...(entryId !== undefined && { waitlist_entry_id: entryId }),
      seats_before: before,
      seats_after: after,
      status,
      ...(expiresAt !== null && { expires_at: expiresAt.toISOString() }),
    })
  }

  #logEntry(type: HistoryType, entry: WaitlistEntry, before: number, after: number): void {
    const { id, userId } = entry
    this.#log({
      type,
      user_id: userId,
      waitlist_entry_id: id,
      seats_before: before,
      seats_after: after,
    })
  }

  #log(change: HistoryChange): void {
    const { requestId } = this
    this.#history.push(requestId === null ? change : { ...change, request_id: requestId })
  }
}

function take(ids: number[]): number {
  const id = ids.pop()
  if (id === undefined) throw new RangeError('no id is left for a new row')
  return id
}
