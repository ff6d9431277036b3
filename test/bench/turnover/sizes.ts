/** Seats that are booked at the full size: each by a request of its own. */
const SEATS = 10_000_000

/** Pieces that are looked at: two of them are the first tenth, and two the last. */
export const PIECES = 20
export const CLIENTS = 256
/** Of ten bookings one is a hold, and one under a key: see `turnover` in load/requests.ts. */
export const HOLD_SHARE = 1 / 10
export const KEY_SHARE = 1 / 10
/** So short that a hold is gone long before the last piece, also of a small run. */
export const HOLD_SECONDS = 5
/** How long the last holds may take to be ended. */
export const FINISH_LIMIT_S = 120

/** @param scale - 1 is the full size */
export function requestsAPiece(scale: number): number {
  // A whole number of tens, so that the shares are exact.
  return Math.max(1, Math.round((SEATS * scale) / PIECES / 10)) * 10
}
