-- Times that are ours can be shown: ISO 8601, with four digits for the year. PostgreSQL knows others
-- (before Christ, beyond 9999, infinite), which another program may write.
--
-- Locks the tables while it reads each of them once: some seconds for ten million bookings. The
-- service, also the version before, may go on running; its requests, reads among them, wait, or get
-- 503.
--
-- bookings.created_at is the predecessor's: it may hold anything.

-- Events first, as every transaction has it: the other order could deadlock.
LOCK TABLE "events" IN ACCESS EXCLUSIVE MODE;
LOCK TABLE "bookings" IN ACCESS EXCLUSIVE MODE;
LOCK TABLE "waitlist_entries" IN ACCESS EXCLUSIVE MODE;
LOCK TABLE "event_history" IN ACCESS EXCLUSIVE MODE;

DO $$
DECLARE
  earliest CONSTANT TIMESTAMPTZ := '0001-01-01 00:00:00+00';
  beyond CONSTANT TIMESTAMPTZ := '10000-01-01 00:00:00+00';
  columns CONSTANT TEXT[] := ARRAY[
    ['events', 'starts_at', 'id'],
    ['events', 'sales_start_at', 'id'],
    ['events', 'sales_end_at', 'id'],
    ['bookings', 'expires_at', 'id'],
    ['waitlist_entries', 'created_at', 'id'],
    ['event_history', 'at', '(event_id, first_sequence)']
  ];
  the_column TEXT[];
  rows TEXT;
  found TEXT[] := '{}';
BEGIN
  ALTER TABLE public."events"
    ADD CONSTRAINT "events_starts_at_check"
      CHECK ("starts_at" >= '0001-01-01 00:00:00+00' AND "starts_at" < '10000-01-01 00:00:00+00'),
    ADD CONSTRAINT "events_sales_start_at_check"
      CHECK ("sales_start_at" >= '0001-01-01 00:00:00+00' AND "sales_start_at" < '10000-01-01 00:00:00+00'),
    ADD CONSTRAINT "events_sales_end_at_check"
      CHECK ("sales_end_at" >= '0001-01-01 00:00:00+00' AND "sales_end_at" < '10000-01-01 00:00:00+00');

  -- The column has one CHECK of its own already: it is null for confirmed bookings only.
  ALTER TABLE public."bookings" ADD CONSTRAINT "bookings_expires_at_range_check"
    CHECK ("expires_at" >= '0001-01-01 00:00:00+00' AND "expires_at" < '10000-01-01 00:00:00+00');

  ALTER TABLE public."waitlist_entries" ADD CONSTRAINT "waitlist_entries_created_at_check"
    CHECK ("created_at" >= '0001-01-01 00:00:00+00' AND "created_at" < '10000-01-01 00:00:00+00');

  ALTER TABLE public."event_history" ADD CONSTRAINT "event_history_at_check"
    CHECK ("at" >= '0001-01-01 00:00:00+00' AND "at" < '10000-01-01 00:00:00+00');
EXCEPTION WHEN check_violation THEN
  -- It says only that some row violates it. The tables are read again where there is one.
  FOREACH the_column SLICE 1 IN ARRAY columns LOOP
    EXECUTE format(
      'SELECT string_agg(key::text, '', '') FROM (
        SELECT %3$s AS key FROM public.%1$I WHERE %2$I < $1 OR %2$I >= $2 ORDER BY 1 LIMIT 20) AS wild',
      the_column[1], the_column[2], the_column[3])
    INTO rows USING earliest, beyond;
    IF rows IS NOT NULL THEN
      found := found || format('%s.%s where %s is %s', the_column[1], the_column[2], the_column[3], rows);
    END IF;
  END LOOP;

  RAISE EXCEPTION USING
    ERRCODE = 'check_violation',
    MESSAGE = 'Some times are outside of the years 1 to 9999: ' || array_to_string(found, '; '),
    HINT = 'Nothing was changed. Give these rows other times (20 of each column are named; an event''s may be NULL), run prisma migrate resolve --rolled-back 20261126000000_times_in_range, and deploy again.';
END
$$;
