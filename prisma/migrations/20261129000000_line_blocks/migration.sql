-- A place in line is summed up from counters of blocks of ids, instead of counted entry by entry: it
-- costs about the same however long the line is.
--
-- Locks waitlist_entries against writes while its entries are counted once: some seconds for each
-- million. The service, also the version before, may go on running. Reads go on, and so do bookings of
-- events where nobody joins, leaves or is served meanwhile; those that share a batch with somebody who
-- does, a moment later. Other requests wait, or get 503.

-- Nobody joins or leaves while the entries are counted. It is the only lock that others may hold:
-- none is waited for while it is held, so nothing can deadlock.
LOCK TABLE "waitlist_entries" IN SHARE ROW EXCLUSIVE MODE;

-- How many entries of an event have ids of a block: of those from block * size on, as many as size
-- says. Each entry is in one block of each size. Where none is, there is no row.
--
-- The sizes are those of src/store/reads/waitlist.ts. Ids are drawn for all lines alike, so that those of
-- one may be far apart: a smaller block would then have one entry, and be a row for each.
CREATE TABLE "waitlist_blocks" (
  "event_id" INTEGER NOT NULL,
  "size" SMALLINT NOT NULL CHECK ("size" IN (512, 16384)),
  "block" BIGINT NOT NULL,
  "entries" INTEGER NOT NULL CHECK ("entries" > 0)
);

INSERT INTO "waitlist_blocks" (event_id, size, block, entries)
SELECT event_id, size, id / size, count(*)
FROM "waitlist_entries" CROSS JOIN (VALUES (512::smallint), (16384::smallint)) AS kind (size)
GROUP BY event_id, size, id / size
ORDER BY event_id, size, id / size;

-- No foreign key: the rows go with the entries, which have one, and another check of each new row
-- would cost a batch of joins over many events more than the rows do.
ALTER TABLE "waitlist_blocks" ADD CONSTRAINT "waitlist_blocks_pkey" PRIMARY KEY ("event_id", "size", "block");

-- The last block of a line is updated by each batch: next to the former row, and no index is touched.
-- Rows of blocks that were served are dead, and met by who sums up from the front of the line.
ALTER TABLE "waitlist_blocks"
  SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 500);

-- Adds what one statement changed to the counters of its blocks. With the rights of the line's owner:
-- who may write a line need not know of its blocks.
--
-- It must come after count_waiting, which has locked the rows of the events by then: so nobody else
-- is at these blocks, and they are locked in any order. PostgreSQL calls triggers in the order of their
-- names.
CREATE FUNCTION public.count_waitlist_blocks() RETURNS TRIGGER
LANGUAGE plpgsql SECURITY DEFINER SET search_path TO pg_catalog, pg_temp
-- Other programs' sessions don't have it: a plan of when there were few blocks would be kept for many.
SET enable_seqscan TO off AS $$
DECLARE
  event_ids INTEGER[];
  sizes SMALLINT[];
  blocks BIGINT[];
  changes INTEGER[];
BEGIN
  -- A statement sees only the transition tables of its own kind. No query here joins them with blocks:
  -- plans are kept, and PostgreSQL knows nothing of how many rows the next statement changes.
  IF TG_OP = 'INSERT' THEN
    SELECT array_agg(net.event_id), array_agg(net.size), array_agg(net.block), array_agg(net.change)
    INTO event_ids, sizes, blocks, changes
    FROM (
      SELECT event_id, size, id / size AS block, count(*) AS change
      FROM new_entries CROSS JOIN (VALUES (512::smallint), (16384::smallint)) AS kind (size)
      GROUP BY event_id, size, id / size
    ) AS net;
  ELSIF TG_OP = 'DELETE' THEN
    SELECT array_agg(net.event_id), array_agg(net.size), array_agg(net.block), array_agg(net.change)
    INTO event_ids, sizes, blocks, changes
    FROM (
      SELECT event_id, size, id / size AS block, -count(*) AS change
      FROM old_entries CROSS JOIN (VALUES (512::smallint), (16384::smallint)) AS kind (size)
      GROUP BY event_id, size, id / size
    ) AS net;
  ELSE
    SELECT array_agg(net.event_id), array_agg(net.size), array_agg(net.block), array_agg(net.change)
    INTO event_ids, sizes, blocks, changes
    FROM (
      SELECT event_id, size, id / size AS block, sum(entries) AS change
      FROM (
        SELECT event_id, id, 1 AS entries FROM new_entries
        UNION ALL
        SELECT event_id, id, -1 FROM old_entries
      ) AS moved CROSS JOIN (VALUES (512::smallint), (16384::smallint)) AS kind (size)
      GROUP BY event_id, size, id / size
      HAVING sum(entries) <> 0
    ) AS net;
  END IF;

  IF event_ids IS NULL THEN
    RETURN NULL;
  END IF;

  IF TG_OP <> 'INSERT' THEN
    DELETE FROM public.waitlist_blocks AS b
    USING unnest(event_ids, sizes, blocks, changes) AS net (event_id, size, block, change)
    WHERE b.event_id = net.event_id AND b.size = net.size AND b.block = net.block
      AND b.entries + net.change = 0;
  END IF;

  -- Nobody else can insert them meanwhile. ON CONFLICT would write twice what is there already: it locks
  -- each row before it updates it.
  WITH counted AS (
    UPDATE public.waitlist_blocks AS b SET entries = b.entries + net.change
    FROM unnest(event_ids, sizes, blocks, changes) AS net (event_id, size, block, change)
    WHERE b.event_id = net.event_id AND b.size = net.size AND b.block = net.block
    RETURNING b.event_id, b.size, b.block)
  INSERT INTO public.waitlist_blocks (event_id, size, block, entries)
  SELECT event_id, size, block, change
  FROM unnest(event_ids, sizes, blocks, changes) AS net (event_id, size, block, change)
  WHERE change > 0 AND (event_id, size, block) NOT IN (SELECT event_id, size, block FROM counted);

  RETURN NULL;
END
$$;

-- TRUNCATE has no transition table, and leaves nobody in any line. DELETE, as a TRUNCATE here could
-- deadlock: with who has read blocks, and is about to read the entries.
CREATE FUNCTION public.reset_waitlist_blocks() RETURNS TRIGGER
LANGUAGE plpgsql SECURITY DEFINER SET search_path TO pg_catalog, pg_temp AS $$
BEGIN
  -- A snapshot of before the lock would not show what others have committed until then.
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION USING ERRCODE = 'active_sql_transaction', MESSAGE = 'TRUNCATE of waitlist_entries needs the isolation level read committed';
  END IF;

  DELETE FROM public.waitlist_blocks;
  RETURN NULL;
END
$$;

-- The same goes for what else TRUNCATE resets, which was left as it was where a snapshot was older.
CREATE OR REPLACE FUNCTION public.reset_waiting() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION USING ERRCODE = 'active_sql_transaction', MESSAGE = 'TRUNCATE of waitlist_entries needs the isolation level read committed';
  END IF;

  UPDATE public.events SET waiting = 0 WHERE waiting <> 0;
  RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION public.reset_seats() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION USING ERRCODE = 'active_sql_transaction', MESSAGE = 'TRUNCATE of bookings needs the isolation level read committed';
  END IF;

  UPDATE public.events SET taken = 0, held = 0 WHERE taken <> 0;
  RETURN NULL;
END
$$;

CREATE TRIGGER "waitlist_entries_inserted_count_waitlist_blocks" AFTER INSERT ON "waitlist_entries"
REFERENCING NEW TABLE AS new_entries
FOR EACH STATEMENT EXECUTE FUNCTION public.count_waitlist_blocks();

CREATE TRIGGER "waitlist_entries_updated_count_waitlist_blocks" AFTER UPDATE ON "waitlist_entries"
REFERENCING OLD TABLE AS old_entries NEW TABLE AS new_entries
FOR EACH STATEMENT EXECUTE FUNCTION public.count_waitlist_blocks();

CREATE TRIGGER "waitlist_entries_deleted_count_waitlist_blocks" AFTER DELETE ON "waitlist_entries"
REFERENCING OLD TABLE AS old_entries
FOR EACH STATEMENT EXECUTE FUNCTION public.count_waitlist_blocks();

CREATE TRIGGER "waitlist_entries_truncated_reset_waitlist_blocks" AFTER TRUNCATE ON "waitlist_entries"
FOR EACH STATEMENT EXECUTE FUNCTION public.reset_waitlist_blocks();

-- Who may read of the line where everybody is may read what is counted of it. Nobody is to write that, but
-- for the triggers. Where policies hide entries or events nothing is granted: none hides their blocks.
DO $$
DECLARE
  granted RECORD;
BEGIN
  FOR granted IN
    WITH acl AS (
        SELECT place.name, a.* FROM pg_catalog.pg_class AS c
        CROSS JOIN (VALUES ('event_id'), ('id')) AS place (name)
        CROSS JOIN LATERAL aclexplode(COALESCE(c.relacl, acldefault('r', c.relowner))) AS a
        WHERE c.oid = 'public.waitlist_entries'::regclass
        UNION ALL
        SELECT t.attname::text, a.* FROM pg_catalog.pg_attribute AS t
        CROSS JOIN LATERAL aclexplode(t.attacl) AS a
        WHERE t.attrelid = 'public.waitlist_entries'::regclass AND t.attname IN ('event_id', 'id')),
      readers AS (
        SELECT grantee, name, bool_or(is_grantable) AS is_grantable FROM acl
        WHERE privilege_type = 'SELECT' GROUP BY grantee, name)
    SELECT CASE WHEN grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END AS grantee,
      CASE WHEN bool_and(is_grantable) THEN 'WITH GRANT OPTION' ELSE '' END AS how
    FROM readers
    WHERE grantee <> (SELECT relowner FROM pg_catalog.pg_class WHERE oid = 'public.waitlist_blocks'::regclass)
      AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_class
        WHERE oid IN ('public.waitlist_entries'::regclass, 'public.events'::regclass) AND relrowsecurity)
    GROUP BY grantee HAVING count(*) = 2
  LOOP
    EXECUTE format('GRANT SELECT ON public.waitlist_blocks TO %s %s', granted.grantee, granted.how);
  END LOOP;
END
$$;

-- As with those of events: others could have code run by them, by triggers on tables of their own, and so
-- could the owner of the line. See 20261128000100_rights.
REVOKE EXECUTE ON FUNCTION public.count_waitlist_blocks(), public.reset_waitlist_blocks() FROM PUBLIC;
DO $$
DECLARE
  table_owner TEXT;
BEGIN
  SELECT quote_ident(pg_get_userbyid(relowner)) INTO table_owner
  FROM pg_catalog.pg_class WHERE oid = 'public.waitlist_entries'::regclass;
  EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON public.waitlist_blocks TO %s', table_owner);
  EXECUTE format('ALTER FUNCTION public.count_waitlist_blocks() OWNER TO %s', table_owner);
  EXECUTE format('ALTER FUNCTION public.reset_waitlist_blocks() OWNER TO %s', table_owner);
END
$$;
