-- Bookings and waitlist entries carry a JSON object of the client's, as events do. Null where there is none
-- (`{}`), as with most: then nothing is written.
--
-- No row is written anew; the service, also the version before, may go on running. That version leaves
-- metadata alone, but a waitlist entry that it serves becomes a booking without.

-- Events first, as every transaction has it: the other order could deadlock.
LOCK TABLE "events" IN ACCESS EXCLUSIVE MODE;
ALTER TABLE "bookings" ADD COLUMN "metadata" JSON;
ALTER TABLE "waitlist_entries" ADD COLUMN "metadata" JSON;
