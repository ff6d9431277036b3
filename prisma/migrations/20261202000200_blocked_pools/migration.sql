-- A pool stays while seats of it are blocked, as it does while bookings have some, and no seat is blocked of a
-- pool that its event does not have: whoever writes. With the pool gone the counter of one that comes under its
-- key would be wrong, and the seat could not be given back to sale.
--
-- Replaces functions, and locks no table against reads or writes; the service, also the version before, may go on
-- running.

CREATE OR REPLACE FUNCTION public.count_pools() RETURNS TRIGGER LANGUAGE plpgsql AS $$
DECLARE
  event_ids INTEGER[];
  changes INTEGER[];
BEGIN
  IF TG_OP = 'INSERT' THEN
    SELECT array_agg(net.event_id), array_agg(net.change) INTO event_ids, changes
    FROM (SELECT event_id, count(*) AS change FROM new_pools GROUP BY event_id) AS net;
  ELSE
    SELECT array_agg(net.event_id), array_agg(net.change) INTO event_ids, changes
    FROM (SELECT event_id, -count(*) AS change FROM old_pools GROUP BY event_id) AS net;
    -- Of an event that is being removed, which is gone by now, they go with what is taken of them.
    IF EXISTS (
      SELECT FROM old_pools AS p
      WHERE p.taken + p.blocked > 0 AND EXISTS (SELECT FROM public.events AS e WHERE e.id = p.event_id)) THEN
      RAISE EXCEPTION USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'bookings_lines_pools',
        MESSAGE = 'lines of bookings have seats of the pool, or seats of it are blocked';
    END IF;
  END IF;

  IF event_ids IS NULL THEN
    RETURN NULL;
  END IF;

  PERFORM FROM public.events WHERE id = ANY (event_ids) ORDER BY id FOR NO KEY UPDATE;

  UPDATE public.events
  SET pool_count = events.pool_count + net.change
  FROM unnest(event_ids, changes) AS net (event_id, change)
  WHERE events.id = net.event_id;

  RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION public.change_pool() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.taken + OLD.blocked > 0 AND (NEW.event_id, NEW.key) <> (OLD.event_id, OLD.key) THEN
    RAISE EXCEPTION USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'bookings_lines_pools',
      MESSAGE = 'lines of bookings have seats of the pool, or seats of it are blocked';
  END IF;

  PERFORM FROM public.events WHERE id IN (OLD.event_id, NEW.event_id) ORDER BY id FOR NO KEY UPDATE;
  UPDATE public.events SET pool_count = pool_count
    + CASE WHEN id = NEW.event_id THEN 1 ELSE 0 END - CASE WHEN id = OLD.event_id THEN 1 ELSE 0 END
  WHERE id IN (OLD.event_id, NEW.event_id);
  RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION public.reset_pools() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION USING ERRCODE = 'active_sql_transaction', MESSAGE = 'TRUNCATE of event_pools needs the isolation level read committed';
  END IF;
  -- Where bookings and blocked seats are emptied with them there are none by now.
  IF EXISTS (SELECT FROM public.bookings WHERE lines @? '$[*].pools[*]')
    OR EXISTS (SELECT FROM public.blocked_seats WHERE pool IS NOT NULL) THEN
    RAISE EXCEPTION USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'bookings_lines_pools',
      MESSAGE = 'lines of bookings have seats of pools, or seats of pools are blocked';
  END IF;

  UPDATE public.events SET pool_count = 0 WHERE pool_count <> 0;
  RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION public.block_seats() RETURNS TRIGGER LANGUAGE plpgsql AS $$
DECLARE
  event_ids INTEGER[];
  changes INTEGER[];
  found_pools INTEGER;
  named_pools INTEGER;
BEGIN
  IF TG_OP = 'INSERT' THEN
    SELECT array_agg(net.event_id), array_agg(net.change) INTO event_ids, changes
    FROM (SELECT event_id, count(*) AS change FROM new_blocked GROUP BY event_id) AS net;
  ELSE
    SELECT array_agg(net.event_id), array_agg(net.change) INTO event_ids, changes
    FROM (SELECT event_id, -count(*) AS change FROM old_blocked GROUP BY event_id) AS net;
  END IF;

  IF event_ids IS NULL THEN
    RETURN NULL;
  END IF;

  PERFORM FROM public.events WHERE id = ANY (event_ids) ORDER BY id FOR NO KEY UPDATE;

  UPDATE public.events SET blocked = events.blocked + net.change
  FROM unnest(event_ids, changes) AS net (event_id, change)
  WHERE events.id = net.event_id;

  IF TG_OP = 'INSERT' THEN
    UPDATE public.event_pools AS p SET blocked = p.blocked + net.change
    FROM (SELECT event_id, pool, count(*) AS change FROM new_blocked GROUP BY event_id, pool) AS net
    WHERE p.event_id = net.event_id AND p.key = net.pool;
    GET DIAGNOSTICS found_pools = ROW_COUNT;
    SELECT count(*) INTO named_pools
    FROM (SELECT DISTINCT event_id, pool FROM new_blocked WHERE pool IS NOT NULL) AS named;
    IF found_pools < named_pools THEN
      RAISE EXCEPTION USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'blocked_seats_pool',
        MESSAGE = 'a blocked seat names a pool that its event does not have';
    END IF;
    INSERT INTO public.taken_seats (event_id, label) SELECT event_id, label FROM new_blocked;
  ELSE
    UPDATE public.event_pools AS p SET blocked = p.blocked - net.change
    FROM (SELECT event_id, pool, count(*) AS change FROM old_blocked GROUP BY event_id, pool) AS net
    WHERE p.event_id = net.event_id AND p.key = net.pool;
    DELETE FROM public.taken_seats AS t USING old_blocked AS b
    WHERE t.event_id = b.event_id AND t.label = b.label AND t.booking_id IS NULL;
  END IF;

  RETURN NULL;
END
$$;

-- What the columns hold, for whoever reads the tables without the service.
COMMENT ON COLUMN public.bookings.lines IS
  'What it has of each ticket type: [{"ticket_type", "seats", "pools": [keys], "labels": [of numbered seats]}]; no labels where its seats have no numbers. Null where all seats are of the default type. Triggers keep event_pools and taken_seats by it';
COMMENT ON COLUMN public.waitlist_entries.lines IS
  'What somebody waits for, as bookings have it; "best_available": {"section", "split"} where the service is to choose the seats';
COMMENT ON COLUMN public.expired_holds.lines IS 'Those that the booking had in the end';
