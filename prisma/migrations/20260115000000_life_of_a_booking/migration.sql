-- Bookings can be held, resized and given back; users can wait in line; what happened is kept.

-- As in the migration before: events first, and nobody books meanwhile.
LOCK TABLE "events" IN ACCESS EXCLUSIVE MODE;
LOCK TABLE "bookings" IN ACCESS EXCLUSIVE MODE;

ALTER TABLE "events"
  ADD COLUMN "starts_at" TIMESTAMPTZ,
  ADD COLUMN "sales_start_at" TIMESTAMPTZ,
  ADD COLUMN "sales_end_at" TIMESTAMPTZ,
  ADD COLUMN "max_seats_per_booking" INTEGER NOT NULL DEFAULT 1,
  ADD COLUMN "hold_seconds" INTEGER NOT NULL DEFAULT 600,
  ADD COLUMN "waitlist_promotes_to" VARCHAR NOT NULL DEFAULT 'confirmed',
  -- The text as it came: JSONB would reorder members and write 1e-300 out to 300 digits.
  ADD COLUMN "metadata" JSON NOT NULL DEFAULT '{}',
  ADD CONSTRAINT "events_max_seats_per_booking_check" CHECK ("max_seats_per_booking" >= 1),
  ADD CONSTRAINT "events_hold_seconds_check" CHECK ("hold_seconds" >= 1),
  ADD CONSTRAINT "events_waitlist_promotes_to_check" CHECK ("waitlist_promotes_to" IN ('confirmed', 'held')),
  ADD CONSTRAINT "events_sales_window_check" CHECK ("sales_start_at" < "sales_end_at");

ALTER TABLE "bookings"
  ADD COLUMN "seats" INTEGER NOT NULL DEFAULT 1,
  ADD COLUMN "status" VARCHAR NOT NULL DEFAULT 'confirmed',
  ADD COLUMN "expires_at" TIMESTAMPTZ,
  ADD CONSTRAINT "bookings_seats_check" CHECK ("seats" >= 1),
  ADD CONSTRAINT "bookings_status_check" CHECK ("status" IN ('confirmed', 'held')),
  ADD CONSTRAINT "bookings_expires_at_check" CHECK (("status" = 'held') = ("expires_at" IS NOT NULL));

CREATE INDEX "bookings_user_id_idx" ON "bookings" ("user_id");

-- Only holds are in these two: confirmed bookings, the most of them, cost nothing here.
CREATE INDEX "bookings_event_id_expires_at_idx" ON "bookings" ("event_id", "expires_at") WHERE "status" = 'held';
CREATE INDEX "bookings_expires_at_idx" ON "bookings" ("expires_at") WHERE "status" = 'held';

CREATE TABLE "waitlist_entries" (
  "id" SERIAL PRIMARY KEY,
  "event_id" INTEGER NOT NULL REFERENCES "events" ("id") ON DELETE CASCADE,
  "user_id" VARCHAR NOT NULL,
  "seats" INTEGER NOT NULL DEFAULT 1 CHECK ("seats" >= 1),
  "created_at" TIMESTAMPTZ NOT NULL DEFAULT now(),
  UNIQUE ("event_id", "user_id")
);

CREATE INDEX "waitlist_entries_event_id_id_idx" ON "waitlist_entries" ("event_id", "id");

-- Told apart from bookings that never were: 410 instead of 404.
CREATE TABLE "expired_holds" (
  "booking_id" INTEGER PRIMARY KEY,
  "event_id" INTEGER NOT NULL,
  "expired_at" TIMESTAMPTZ NOT NULL DEFAULT now()
);

CREATE INDEX "expired_holds_expired_at_idx" ON "expired_holds" ("expired_at");

-- One row for all changes of a commit: the changes are numbered from first_sequence to
-- last_sequence. No foreign key: the history outlives bookings and events.
CREATE TABLE "event_history" (
  "event_id" INTEGER NOT NULL,
  "first_sequence" INTEGER NOT NULL,
  "last_sequence" INTEGER NOT NULL,
  "at" TIMESTAMPTZ NOT NULL,
  "changes" JSONB NOT NULL,
  PRIMARY KEY ("event_id", "last_sequence"),
  CONSTRAINT "event_history_changes_check"
    CHECK (jsonb_array_length("changes") = "last_sequence" - "first_sequence" + 1)
);

CREATE TABLE "idempotency_keys" (
  "key" VARCHAR PRIMARY KEY,
  "fingerprint" VARCHAR NOT NULL,
  "response" JSON NOT NULL,
  "created_at" TIMESTAMPTZ NOT NULL DEFAULT now()
);

CREATE INDEX "idempotency_keys_created_at_idx" ON "idempotency_keys" ("created_at");

-- A booking counts with its seats from now on; all that are there have one.
-- Adds what one statement changed to the events it touched, in one UPDATE.
-- The tables are qualified because the caller's search_path may name others first; to pin it
-- with SET would cost every call.
CREATE OR REPLACE FUNCTION public.count_taken_seats() RETURNS TRIGGER LANGUAGE plpgsql AS $$
DECLARE
  event_ids INTEGER[];
  changes INTEGER[];
BEGIN
  -- A statement sees only the transition tables of its own kind. No query here joins them:
  -- plans are kept, and PostgreSQL knows nothing of how many rows the next statement changes.
  IF TG_OP = 'INSERT' THEN
    SELECT array_agg(net.event_id), array_agg(net.change) INTO event_ids, changes
    FROM (
      SELECT event_id, sum(seats) AS change
      FROM (SELECT event_id, seats FROM new_bookings) AS change
      GROUP BY event_id
    ) AS net;
  ELSIF TG_OP = 'DELETE' THEN
    SELECT array_agg(net.event_id), array_agg(net.change) INTO event_ids, changes
    FROM (
      SELECT event_id, sum(seats) AS change
      FROM (SELECT event_id, -seats AS seats FROM old_bookings) AS change
      GROUP BY event_id
    ) AS net;
  ELSE
    SELECT array_agg(net.event_id), array_agg(net.change) INTO event_ids, changes
    FROM (
      SELECT event_id, sum(seats) AS change
      FROM (
        SELECT event_id, seats FROM new_bookings
        UNION ALL
        SELECT event_id, -seats AS seats FROM old_bookings
      ) AS change
      GROUP BY event_id
      HAVING sum(seats) <> 0
    ) AS net;
  END IF;

  IF event_ids IS NULL THEN
    RETURN NULL;
  END IF;

  IF cardinality(event_ids) = 1 THEN
    UPDATE public.events SET taken = taken + changes[1] WHERE id = event_ids[1];
    RETURN NULL;
  END IF;

  -- An UPDATE locks rows in any order; two of them that meet could deadlock.
  PERFORM FROM public.events WHERE id = ANY (event_ids) ORDER BY id FOR NO KEY UPDATE;

  UPDATE public.events
  SET taken = taken + net.change
  FROM unnest(event_ids, changes) AS net (event_id, change)
  WHERE events.id = net.event_id;

  RETURN NULL;
END
$$;
