-- Events carry the number of seats taken, so that a booking need not count the others, and so
-- that PostgreSQL itself refuses to oversell, whoever writes.

-- Nobody may book while the seats are counted. Events first, as every transaction that books
-- does: the other order could deadlock.
LOCK TABLE "events" IN ACCESS EXCLUSIVE MODE;
LOCK TABLE "bookings" IN SHARE ROW EXCLUSIVE MODE;

ALTER TABLE "events" ADD COLUMN "taken" INTEGER NOT NULL DEFAULT 0;

UPDATE "events"
SET "taken" = counted.seats
FROM (SELECT event_id, count(*) AS seats FROM "bookings" GROUP BY event_id) AS counted
WHERE "events".id = counted.event_id;

-- The constraint below would only say that some row violates it.
DO $$
DECLARE
  oversold TEXT;
BEGIN
  SELECT string_agg(format('event %s (%s) has %s seats and %s bookings', id, name, total_seats, taken), '; ' ORDER BY id)
  INTO oversold
  FROM (SELECT * FROM "events" WHERE taken > total_seats ORDER BY id LIMIT 20) AS event;

  IF oversold IS NOT NULL THEN
    RAISE EXCEPTION USING
      ERRCODE = 'check_violation',
      MESSAGE = 'Some events are oversold: ' || oversold,
      HINT = 'Nothing was changed. Raise total_seats or delete bookings of these events, run prisma migrate resolve --rolled-back 20240115000100_count_taken_seats, and deploy again.';
  END IF;
END
$$;

ALTER TABLE "events" ADD CONSTRAINT "events_taken_check" CHECK ("taken" BETWEEN 0 AND "total_seats");

-- Adds what one statement changed to the events it touched, in one UPDATE.
-- The tables are qualified because the caller's search_path may name others first; to pin it
-- with SET would cost every call.
CREATE FUNCTION public.count_taken_seats() RETURNS TRIGGER LANGUAGE plpgsql AS $$
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
      FROM (SELECT event_id, 1 AS seats FROM new_bookings) AS change
      GROUP BY event_id
    ) AS net;
  ELSIF TG_OP = 'DELETE' THEN
    SELECT array_agg(net.event_id), array_agg(net.change) INTO event_ids, changes
    FROM (
      SELECT event_id, sum(seats) AS change
      FROM (SELECT event_id, -1 AS seats FROM old_bookings) AS change
      GROUP BY event_id
    ) AS net;
  ELSE
    SELECT array_agg(net.event_id), array_agg(net.change) INTO event_ids, changes
    FROM (
      SELECT event_id, sum(seats) AS change
      FROM (
        SELECT event_id, 1 AS seats FROM new_bookings
        UNION ALL
        SELECT event_id, -1 AS seats FROM old_bookings
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

-- PostgreSQL allows transition tables only where a trigger is for one kind of statement.
CREATE TRIGGER "bookings_inserted_count_taken_seats"
AFTER INSERT ON "bookings"
REFERENCING NEW TABLE AS new_bookings
FOR EACH STATEMENT EXECUTE FUNCTION public.count_taken_seats();

CREATE TRIGGER "bookings_updated_count_taken_seats"
AFTER UPDATE ON "bookings"
REFERENCING OLD TABLE AS old_bookings NEW TABLE AS new_bookings
FOR EACH STATEMENT EXECUTE FUNCTION public.count_taken_seats();

CREATE TRIGGER "bookings_deleted_count_taken_seats"
AFTER DELETE ON "bookings"
REFERENCING OLD TABLE AS old_bookings
FOR EACH STATEMENT EXECUTE FUNCTION public.count_taken_seats();

-- TRUNCATE has no transition table, and leaves no booking to any event.
CREATE FUNCTION public.reset_taken_seats() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
  UPDATE public.events SET taken = 0 WHERE taken <> 0;
  RETURN NULL;
END
$$;

CREATE TRIGGER "bookings_truncated_reset_taken_seats"
AFTER TRUNCATE ON "bookings"
FOR EACH STATEMENT EXECUTE FUNCTION public.reset_taken_seats();
