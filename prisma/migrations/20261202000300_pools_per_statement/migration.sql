-- Pools that change together leave one new version of their event's row, and not one for each pool.
--
-- Locks "event_pools" for an instant. The service, also the version before, may go on running.

-- Events first, as every transaction has it: the other order could deadlock.
LOCK TABLE "events" IN ROW EXCLUSIVE MODE;

CREATE FUNCTION public.change_pools() RETURNS TRIGGER LANGUAGE plpgsql AS $$
DECLARE
  event_ids INTEGER[];
  changes INTEGER[];
  is_moved BOOLEAN;
BEGIN
  -- Not for what bookings take, or blocks: their own triggers have written the event's row. No query here
  -- joins the transition tables: plans are kept, and PostgreSQL knows nothing of how many rows there are.
  SELECT array_agg(net.event_id), array_agg(net.change) INTO event_ids, changes
  FROM (
    SELECT changed.event_id, sum(changed.rows) AS change
    FROM (
      SELECT p.event_id, sum(p.sign) AS rows
      FROM (
        SELECT event_id, key, place, capacity, 1 AS sign FROM new_pools
        UNION ALL
        SELECT event_id, key, place, capacity, -1 FROM old_pools
      ) AS p
      GROUP BY p.event_id, p.key, p.place, p.capacity
      HAVING sum(p.sign) <> 0
    ) AS changed
    GROUP BY changed.event_id
  ) AS net;

  IF event_ids IS NULL THEN
    RETURN NULL;
  END IF;

  -- Where a pool gets another name, or another event, none may have had seats under that of before.
  SELECT bool_or(p.rows <> 0) AND bool_or(p.taken <> 0) INTO is_moved
  FROM (
    SELECT sum(p.sign) AS rows, sum(p.sign * p.taken) AS taken
    FROM (
      SELECT event_id, key, taken + blocked AS taken, 1 AS sign FROM new_pools
      UNION ALL
      SELECT event_id, key, taken + blocked, -1 FROM old_pools
    ) AS p
    GROUP BY p.event_id, p.key
  ) AS p;
  IF is_moved THEN
    RAISE EXCEPTION USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'bookings_lines_pools',
      MESSAGE = 'lines of bookings have seats of the pool, or seats of it are blocked';
  END IF;

  PERFORM FROM public.events WHERE id = ANY (event_ids) ORDER BY id FOR NO KEY UPDATE;

  UPDATE public.events
  SET pool_count = events.pool_count + net.change
  FROM unnest(event_ids, changes) AS net (event_id, change)
  WHERE events.id = net.event_id;

  RETURN NULL;
END
$$;

DROP TRIGGER "event_pools_updated_change_pool" ON "event_pools";
DROP FUNCTION public.change_pool();

CREATE TRIGGER "event_pools_updated_change_pools" AFTER UPDATE ON "event_pools"
REFERENCING OLD TABLE AS old_pools NEW TABLE AS new_pools
FOR EACH STATEMENT EXECUTE FUNCTION public.change_pools();
