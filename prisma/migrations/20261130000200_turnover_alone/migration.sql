-- The function of the migration `turnover`, but for its first lock: two processes that emptied a slot
-- at the same moment kept each other from it, until one gave up, or the server broke the deadlock.
--
-- Empties the slot that is written next, if nothing in it is remembered any longer; says what it did:
-- empty, truncated, young (nothing, as it has young rows) or locked (nothing: it was not free in time).
--
-- While it waits for its lock, who uses the slot waits behind it: for less than the 100 ms that the
-- service's sessions wait for a lock.
--
-- It runs with the rights of the tables' owner: TRUNCATE may not be the service's. Whoever calls it
-- can have no more dropped than is over.
CREATE OR REPLACE FUNCTION public.turn_over(ring TEXT) RETURNS TEXT
LANGUAGE plpgsql SECURITY DEFINER SET search_path TO pg_catalog, pg_temp SET lock_timeout TO '50ms'
-- Sessions that come through a pooler may not have it: the look would read the whole slot, under the lock.
SET enable_seqscan TO off AS $$
DECLARE
  period CONSTANT INTERVAL := CASE ring WHEN 'idempotency_keys' THEN '24 hours' WHEN 'expired_holds' THEN '7 days' END;
  since CONSTANT TEXT := CASE ring WHEN 'idempotency_keys' THEN 'created_at' ELSE 'expired_at' END;
  slot TEXT;
  look TEXT;
  is_found BOOLEAN;
BEGIN
  IF period IS NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('no ring is called %L', ring);
  END IF;
  -- A snapshot of before the lock would not show what others have committed until then.
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION USING ERRCODE = 'active_sql_transaction', MESSAGE = 'turn_over needs the isolation level read committed';
  END IF;

  slot := ring || '_' || (public.ring_slot(now(), period) + 1) % 3;
  look := format('SELECT EXISTS (SELECT FROM public.%I WHERE %I > $1)', slot, since);

  -- One at a time, and before anything is read: two that have read would each wait for the other to be
  -- done before it got the lock below. It is in the way of vacuum alone, which that lock is as well.
  EXECUTE format('LOCK TABLE public.%I IN SHARE UPDATE EXCLUSIVE MODE', slot);

  EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', slot) INTO is_found;
  IF NOT is_found THEN
    RETURN 'empty';
  END IF;

  -- All that takes long comes before the lock that keeps everybody waiting: what autovacuum has not
  -- got to. If that is more than a statement may take, what was summarized so far stays so, and the
  -- next call goes on from there.
  PERFORM brin_summarize_new_values(format('public.%I', slot || '_' || since || '_idx')::regclass);
  EXECUTE look INTO is_found USING clock_timestamp() - period;
  IF is_found THEN
    RETURN 'young';
  END IF;

  -- Whoever has written there has committed by the time the lock is given, and is seen by the look.
  EXECUTE format('LOCK TABLE public.%I IN ACCESS EXCLUSIVE MODE', slot);
  EXECUTE look INTO is_found USING clock_timestamp() - period;
  IF is_found THEN
    RETURN 'young';
  END IF;
  EXECUTE format('TRUNCATE public.%I', slot);
  RETURN 'truncated';
EXCEPTION
  WHEN lock_not_available THEN
    RETURN 'locked';
END
$$;
