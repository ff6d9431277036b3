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
  blocked_seats: 0,
  waitlist_length: 0,
  starts_at: '2026-06-01T19:00:00.000Z',
  sales_start_at: null,
  sales_end_at: null,
  max_seats_per_booking: 4,
  hold_seconds: 600,
  waitlist_promotes_to: 'confirmed' as const,
  pools: [{ key: 'balcony', capacity: 40, available: 38 }],
  ticket_types: [
    {
      key: 'adult',
      name: 'Adult',
      pools: ['balcony'],
      max_per_booking: 4,
      sales_start_at: null,
      sales_end_at: null,
      available: 38,
    },
  ],
  status: 'on_sale' as const,
  time_zone: 'Europe/Berlin',
  cancel_until: '2026-05-30T22:00:00.000Z',
  waitlist_closes_at: null,
  metadata: {},
}
