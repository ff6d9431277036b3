-- What gathers on an event is counted instead of summed up, ids no longer run out, and an event can
-- be hidden before its rows are gone.
--
-- Stop the service for this migration: the tables are written anew for their wider ids, under
-- ACCESS EXCLUSIVE locks (about a minute for ten million bookings), and the version before cannot
-- read what comes out.

LOCK TABLE "events" IN ACCESS EXCLUSIVE MODE;
LOCK TABLE "bookings" IN ACCESS EXCLUSIVE MODE;
LOCK TABLE "waitlist_entries" IN ACCESS EXCLUSIVE MODE;

ALTER TABLE "bookings" ALTER COLUMN "id" SET DATA TYPE BIGINT;
ALTER SEQUENCE "bookings_id_seq" AS BIGINT;
ALTER TABLE "waitlist_entries" ALTER COLUMN "id" SET DATA TYPE BIGINT;
ALTER SEQUENCE "waitlist_entries_id_seq" AS BIGINT;
ALTER TABLE "expired_holds" ALTER COLUMN "booking_id" SET DATA TYPE BIGINT;

-- JSON's numbers are exact up to 2^53 - 1, and the service numbers what is new below zero.
ALTER TABLE "bookings" ADD CONSTRAINT "bookings_id_check" CHECK ("id" BETWEEN 1 AND 9007199254740991);
ALTER TABLE "waitlist_entries" ADD CONSTRAINT "waitlist_entries_id_check" CHECK ("id" BETWEEN 1 AND 9007199254740991);

-- JSON keeps what it is given to the letter, metadata among it, which JSONB would write out anew
-- (1e-300 in 300 digits); and it is not taken apart by a booking that only adds to it.
ALTER TABLE "event_history"
  DROP CONSTRAINT "event_history_changes_check",
  ALTER COLUMN "first_sequence" SET DATA TYPE BIGINT,
  ALTER COLUMN "last_sequence" SET DATA TYPE BIGINT,
  ALTER COLUMN "changes" SET DATA TYPE JSON USING "changes"::json;
ALTER TABLE "event_history" ADD CONSTRAINT "event_history_changes_check"
  CHECK (json_array_length("changes") = "last_sequence" - "first_sequence" + 1);

-- A page of the history reads whole rows: those of more than 500 facts are parted.
WITH long AS (
    DELETE FROM "event_history" WHERE last_sequence - first_sequence >= 500 RETURNING *
  ),
  facts AS (
    SELECT event_id, at, last_sequence AS run, first_sequence + place - 1 AS sequence,
      (place - 1) / 500 AS part, fact
    FROM long CROSS JOIN LATERAL json_array_elements(changes) WITH ORDINALITY AS f (fact, place)
  )
INSERT INTO "event_history" (event_id, first_sequence, last_sequence, at, changes)
SELECT event_id, min(sequence), max(sequence), at, json_agg(fact ORDER BY sequence)
FROM facts GROUP BY event_id, at, run, part;

-- held: seats of held bookings, expired ones included. waiting: entries in the waitlist.
-- deleted_at: hidden from then on, while the rows are removed in pieces.
ALTER TABLE "events"
  ADD COLUMN "held" INTEGER NOT NULL DEFAULT 0,
  ADD COLUMN "waiting" INTEGER NOT NULL DEFAULT 0,
  ADD COLUMN "deleted_at" TIMESTAMPTZ;

UPDATE "events" SET "held" = counted.seats
FROM (SELECT event_id, sum(seats) AS seats FROM "bookings" WHERE status = 'held' GROUP BY event_id) AS counted
WHERE "events".id = counted.event_id;

UPDATE "events" SET "waiting" = counted.entries
FROM (SELECT event_id, count(*) AS entries FROM "waitlist_entries" GROUP BY event_id) AS counted
WHERE "events".id = counted.event_id;

ALTER TABLE "events"
  ADD CONSTRAINT "events_held_check" CHECK ("held" BETWEEN 0 AND "taken"),
  ADD CONSTRAINT "events_waiting_check" CHECK ("waiting" >= 0);

-- Only what is being removed is in it.
CREATE INDEX "events_deleted_at_idx" ON "events" ("deleted_at") WHERE "deleted_at" IS NOT NULL;

-- The largest party in line is its last entry.
CREATE INDEX "waitlist_entries_event_id_seats_idx" ON "waitlist_entries" ("event_id", "seats");

-- With the seats in it, those of expired holds are summed up without a look at the table.
DROP INDEX "bookings_event_id_expires_at_idx";
CREATE INDEX "bookings_event_id_expires_at_idx" ON "bookings" ("event_id", "expires_at") INCLUDE ("seats") WHERE "status" = 'held';

-- Adds what one statement changed to the counters of its events, in one UPDATE.
-- The tables are qualified because the caller's search_path may name others first; to pin it
-- with SET would cost every call.
CREATE FUNCTION public.count_seats() RETURNS TRIGGER LANGUAGE plpgsql AS $$
DECLARE
  event_ids INTEGER[];
  taken_changes INTEGER[];
  held_changes INTEGER[];
BEGIN
  -- A statement sees only the transition tables of its own kind. No query here joins them:
  -- plans are kept, and PostgreSQL knows nothing of how many rows the next statement changes.
  IF TG_OP = 'INSERT' THEN
    SELECT array_agg(net.event_id), array_agg(net.taken), array_agg(net.held)
    INTO event_ids, taken_changes, held_changes
    FROM (
      SELECT event_id, sum(seats) AS taken, sum(CASE WHEN status = 'held' THEN seats ELSE 0 END) AS held
      FROM new_bookings
      GROUP BY event_id
    ) AS net;
  ELSIF TG_OP = 'DELETE' THEN
    SELECT array_agg(net.event_id), array_agg(net.taken), array_agg(net.held)
    INTO event_ids, taken_changes, held_changes
    FROM (
      SELECT event_id, -sum(seats) AS taken, -sum(CASE WHEN status = 'held' THEN seats ELSE 0 END) AS held
      FROM old_bookings
      GROUP BY event_id
    ) AS net;
  ELSE
    -- Zeros too: whatever changes in a booking is to leave a new version of its event's row.
    SELECT array_agg(net.event_id), array_agg(net.taken), array_agg(net.held)
    INTO event_ids, taken_changes, held_changes
    FROM (
      SELECT event_id, sum(change.taken) AS taken, sum(change.held) AS held
      FROM (
        SELECT event_id, seats AS taken, CASE WHEN status = 'held' THEN seats ELSE 0 END AS held
        FROM new_bookings
        UNION ALL
        SELECT event_id, -seats, CASE WHEN status = 'held' THEN -seats ELSE 0 END
        FROM old_bookings
      ) AS change
      GROUP BY event_id
    ) AS net;
  END IF;

  IF event_ids IS NULL THEN
    RETURN NULL;
  END IF;

  IF cardinality(event_ids) = 1 THEN
    UPDATE public.events
    SET taken = taken + taken_changes[1], held = held + held_changes[1]
    WHERE id = event_ids[1];
    RETURN NULL;
  END IF;

  -- An UPDATE locks rows in any order; two of them that meet could deadlock.
  PERFORM FROM public.events WHERE id = ANY (event_ids) ORDER BY id FOR NO KEY UPDATE;

  UPDATE public.events
  SET taken = events.taken + net.taken, held = events.held + net.held
  FROM unnest(event_ids, taken_changes, held_changes) AS net (event_id, taken, held)
  WHERE events.id = net.event_id;

  RETURN NULL;
END
$$;

-- The same for the waitlist.
CREATE FUNCTION public.count_waiting() RETURNS TRIGGER LANGUAGE plpgsql AS $$
DECLARE
  event_ids INTEGER[];
  changes INTEGER[];
BEGIN
  IF TG_OP = 'INSERT' THEN
    SELECT array_agg(net.event_id), array_agg(net.change) INTO event_ids, changes
    FROM (SELECT event_id, count(*) AS change FROM new_entries GROUP BY event_id) AS net;
  ELSIF TG_OP = 'DELETE' THEN
    SELECT array_agg(net.event_id), array_agg(net.change) INTO event_ids, changes
    FROM (SELECT event_id, -count(*) AS change FROM old_entries GROUP BY event_id) AS net;
  ELSE
    -- Zeros too: whatever changes in a line is to leave a new version of its event's row.
    SELECT array_agg(net.event_id), array_agg(net.change) INTO event_ids, changes
    FROM (
      SELECT event_id, sum(change.entries) AS change
      FROM (
        SELECT event_id, 1 AS entries FROM new_entries
        UNION ALL
        SELECT event_id, -1 FROM old_entries
      ) AS change
      GROUP BY event_id
    ) AS net;
  END IF;

  IF event_ids IS NULL THEN
    RETURN NULL;
  END IF;

  PERFORM FROM public.events WHERE id = ANY (event_ids) ORDER BY id FOR NO KEY UPDATE;

  UPDATE public.events
  SET waiting = events.waiting + net.change
  FROM unnest(event_ids, changes) AS net (event_id, change)
  WHERE events.id = net.event_id;

  RETURN NULL;
END
$$;

-- TRUNCATE has no transition table, and leaves nothing to any event.
CREATE FUNCTION public.reset_seats() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
  UPDATE public.events SET taken = 0, held = 0 WHERE taken <> 0;
  RETURN NULL;
END
$$;

CREATE FUNCTION public.reset_waiting() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
  UPDATE public.events SET waiting = 0 WHERE waiting <> 0;
  RETURN NULL;
END
$$;

DROP TRIGGER "bookings_inserted_count_taken_seats" ON "bookings";
DROP TRIGGER "bookings_updated_count_taken_seats" ON "bookings";
DROP TRIGGER "bookings_deleted_count_taken_seats" ON "bookings";
DROP TRIGGER "bookings_truncated_reset_taken_seats" ON "bookings";
DROP FUNCTION public.count_taken_seats();
DROP FUNCTION public.reset_taken_seats();

-- PostgreSQL allows transition tables only where a trigger is for one kind of statement.
CREATE TRIGGER "bookings_inserted_count_seats" AFTER INSERT ON "bookings"
REFERENCING NEW TABLE AS new_bookings
FOR EACH STATEMENT EXECUTE FUNCTION public.count_seats();

CREATE TRIGGER "bookings_updated_count_seats" AFTER UPDATE ON "bookings"
REFERENCING OLD TABLE AS old_bookings NEW TABLE AS new_bookings
FOR EACH STATEMENT EXECUTE FUNCTION public.count_seats();

CREATE TRIGGER "bookings_deleted_count_seats" AFTER DELETE ON "bookings"
REFERENCING OLD TABLE AS old_bookings
FOR EACH STATEMENT EXECUTE FUNCTION public.count_seats();

CREATE TRIGGER "bookings_truncated_reset_seats" AFTER TRUNCATE ON "bookings"
FOR EACH STATEMENT EXECUTE FUNCTION public.reset_seats();

CREATE TRIGGER "waitlist_entries_inserted_count_waiting" AFTER INSERT ON "waitlist_entries"
REFERENCING NEW TABLE AS new_entries
FOR EACH STATEMENT EXECUTE FUNCTION public.count_waiting();

CREATE TRIGGER "waitlist_entries_updated_count_waiting" AFTER UPDATE ON "waitlist_entries"
REFERENCING OLD TABLE AS old_entries NEW TABLE AS new_entries
FOR EACH STATEMENT EXECUTE FUNCTION public.count_waiting();

CREATE TRIGGER "waitlist_entries_deleted_count_waiting" AFTER DELETE ON "waitlist_entries"
REFERENCING OLD TABLE AS old_entries
FOR EACH STATEMENT EXECUTE FUNCTION public.count_waiting();

CREATE TRIGGER "waitlist_entries_truncated_reset_waiting" AFTER TRUNCATE ON "waitlist_entries"
FOR EACH STATEMENT EXECUTE FUNCTION public.reset_waiting();
