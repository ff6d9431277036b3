// Of the documentation.

export const eventInputExample = { name: 'Concert', total_seats: 100, max_seats_per_booking: 4 }

export const eventPatchExample = { total_seats: 120 }

export const eventExample = {
  id: 1,
  name: 'Concert',
  total_seats: 100,
  available_seats: 95,
  booked_seats: 3,
  held_seats: 2,
  waitlist_length: 0,
  starts_at: '2026-06-01T19:00:00.000Z',
  sales_start_at: null,
  sales_end_at: null,
  max_seats_per_booking: 4,
  hold_seconds: 600,
  waitlist_promotes_to: 'confirmed' as const,
  metadata: {},
}
