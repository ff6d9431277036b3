// Of the documentation.

export const reserveInputExample = { event_id: 1, user_id: 'user123' }

export const seatsInputExample = { seats: 2 }

export const bookingExample = {
  id: 1,
  event_id: 1,
  user_id: 'user123',
  seats: 1,
  status: 'confirmed' as const,
  expires_at: null,
  created_at: '2024-01-15T10:30:00.000Z',
}

export const holdExample = {
  ...bookingExample,
  status: 'held' as const,
  expires_at: '2024-01-15T10:40:00.000Z',
}

export const entryExample = {
  id: 1,
  event_id: 1,
  user_id: 'user456',
  seats: 2,
  position: 1,
  created_at: '2024-01-15T10:31:00.000Z',
}
