-- Whether an event is on sale, until when its bookings can be cancelled and its waitlist joined, and the
-- time zone that its times are to be shown in.
--
-- Locks `events`, against reads too, while it is read twice and no row is written: about a second for
-- each million events. The service, also the version before, may go on running; what it adds is on sale,
-- without limits. Yet it reserves whatever an event's status: set none before its last process has ended.

LOCK TABLE "events" IN ACCESS EXCLUSIVE MODE;

ALTER TABLE "events"
  ADD COLUMN "status" VARCHAR NOT NULL DEFAULT 'on_sale',
  ADD COLUMN "time_zone" VARCHAR,
  ADD COLUMN "cancel_until" TIMESTAMPTZ,
  ADD COLUMN "waitlist_closes_at" TIMESTAMPTZ,
  ADD CONSTRAINT "events_status_check" CHECK ("status" IN ('draft', 'on_sale', 'paused', 'cancelled')),
  -- Which zones there are PostgreSQL may know otherwise than the service.
  ADD CONSTRAINT "events_time_zone_check" CHECK ("time_zone" ~ '^[A-Za-z][A-Za-z0-9_+/-]{0,63}$'),
  ADD CONSTRAINT "events_cancel_until_check"
    CHECK ("cancel_until" >= '0001-01-01 00:00:00+00' AND "cancel_until" < '10000-01-01 00:00:00+00'),
  ADD CONSTRAINT "events_waitlist_closes_at_check"
    CHECK ("waitlist_closes_at" >= '0001-01-01 00:00:00+00' AND "waitlist_closes_at" < '10000-01-01 00:00:00+00');

-- By it the sweeper finds cancelled events that have bookings or a waitlist yet. Their counters are not in
-- it: they change with every booking, and a column that an index turns on would have each of those
-- written into every index of the table.
CREATE INDEX "events_cancelled_idx" ON "events" ("id") WHERE "status" = 'cancelled' AND "deleted_at" IS NULL;
