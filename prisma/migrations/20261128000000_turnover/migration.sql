-- What is remembered for a time only is dropped by the table, and no longer row by row; rows that are
-- updated in place stay short, and find room beside themselves.
--
-- Stop the service for this migration: the version before can write neither keys nor expired holds
-- into what comes out. What is still remembered is written anew, under ACCESS EXCLUSIVE locks.

-- Events first, as every transaction has it: the other order could deadlock.
LOCK TABLE "events" IN ACCESS EXCLUSIVE MODE;
LOCK TABLE "bookings" IN ACCESS EXCLUSIVE MODE;
LOCK TABLE "waitlist_entries" IN ACCESS EXCLUSIVE MODE;
LOCK TABLE "expired_holds" IN ACCESS EXCLUSIVE MODE;
LOCK TABLE "idempotency_keys" IN ACCESS EXCLUSIVE MODE;

-- A ring of three slots, each for as long as rows are remembered: one is written, the one before is
-- still remembered, and the third is emptied before it is written again. The slot is where a row is,
-- and says nothing about its age: that is in the row.
CREATE FUNCTION public.ring_slot(moment TIMESTAMPTZ, period INTERVAL) RETURNS SMALLINT LANGUAGE sql STABLE AS $$
  SELECT (floor(extract(epoch FROM moment) / extract(epoch FROM period))::bigint % 3)::smallint
$$;

ALTER TABLE "idempotency_keys" RENAME TO "idempotency_keys_before";
ALTER INDEX "idempotency_keys_pkey" RENAME TO "idempotency_keys_before_pkey";
ALTER TABLE "expired_holds" RENAME TO "expired_holds_before";
ALTER INDEX "expired_holds_pkey" RENAME TO "expired_holds_before_pkey";
DROP INDEX "idempotency_keys_created_at_idx";
DROP INDEX "expired_holds_expired_at_idx";

CREATE TABLE "idempotency_keys" (
  "key" VARCHAR NOT NULL,
  "fingerprint" VARCHAR NOT NULL,
  "response" JSON NOT NULL,
  "created_at" TIMESTAMPTZ NOT NULL DEFAULT now(),
  -- IDEMPOTENCY_RETENTION_HOURS of src/domain/policy.ts, as in turn_over.
  "slot" SMALLINT NOT NULL DEFAULT public.ring_slot(now(), '24 hours'),
  PRIMARY KEY ("key", "slot")
) PARTITION BY LIST ("slot");

CREATE TABLE "idempotency_keys_0" PARTITION OF "idempotency_keys" FOR VALUES IN (0);
CREATE TABLE "idempotency_keys_1" PARTITION OF "idempotency_keys" FOR VALUES IN (1);
CREATE TABLE "idempotency_keys_2" PARTITION OF "idempotency_keys" FOR VALUES IN (2);

CREATE TABLE "expired_holds" (
  "booking_id" BIGINT NOT NULL,
  "event_id" INTEGER NOT NULL,
  "expired_at" TIMESTAMPTZ NOT NULL DEFAULT now(),
  -- EXPIRED_HOLD_RETENTION_DAYS of src/domain/policy.ts, as in turn_over.
  "slot" SMALLINT NOT NULL DEFAULT public.ring_slot(now(), '7 days'),
  PRIMARY KEY ("booking_id", "slot")
) PARTITION BY LIST ("slot");

CREATE TABLE "expired_holds_0" PARTITION OF "expired_holds" FOR VALUES IN (0);
CREATE TABLE "expired_holds_1" PARTITION OF "expired_holds" FOR VALUES IN (1);
CREATE TABLE "expired_holds_2" PARTITION OF "expired_holds" FOR VALUES IN (2);

INSERT INTO "idempotency_keys" (key, fingerprint, response, created_at, slot)
SELECT key, fingerprint, response, created_at, public.ring_slot(created_at, '24 hours')
FROM "idempotency_keys_before" WHERE created_at > now() - INTERVAL '24 hours';

INSERT INTO "expired_holds" (booking_id, event_id, expired_at, slot)
SELECT booking_id, event_id, expired_at, public.ring_slot(expired_at, '7 days')
FROM "expired_holds_before" WHERE expired_at > now() - INTERVAL '7 days';

-- What others may do stays as it was, and goes for the partitions too: pg_dump reads each by itself.
-- Whoever owned the tables before is among them, where that is not the role that migrates.
DO $$
DECLARE
  granted RECORD;
BEGIN
  FOR granted IN
    WITH ring AS (
        SELECT name, format('public.%I', name || '_before')::regclass AS former
        FROM unnest(ARRAY['idempotency_keys', 'expired_holds']) AS name),
      acl AS (
        SELECT r.name, '' AS columns, a.* FROM ring r JOIN pg_catalog.pg_class c ON c.oid = r.former
        CROSS JOIN LATERAL aclexplode(COALESCE(c.relacl, acldefault('r', c.relowner))) AS a
        UNION ALL
        SELECT r.name, format(' (%I)', t.attname), a.* FROM ring r
        JOIN pg_catalog.pg_attribute t ON t.attrelid = r.former AND NOT t.attisdropped
        CROSS JOIN LATERAL aclexplode(t.attacl) AS a)
    SELECT acl.privilege_type || acl.columns AS privilege, part.relid::regclass AS part,
      CASE WHEN acl.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(acl.grantee)) END AS grantee,
      CASE WHEN acl.is_grantable THEN 'WITH GRANT OPTION' ELSE '' END AS how
    FROM acl CROSS JOIN LATERAL pg_partition_tree(format('public.%I', acl.name)::regclass) AS part
    WHERE acl.grantee <> (SELECT relowner FROM pg_catalog.pg_class WHERE oid = part.relid)
  LOOP
    EXECUTE format('GRANT %s ON %s TO %s %s', granted.privilege, granted.part, granted.grantee, granted.how);
  END LOOP;
END
$$;
-- Whoever writes a row calls it.
GRANT EXECUTE ON FUNCTION public.ring_slot(TIMESTAMPTZ, INTERVAL) TO PUBLIC;

DROP TABLE "idempotency_keys_before";
DROP TABLE "expired_holds_before";

-- Says without reading the rows whether a slot has young ones. A row costs it nothing. Autovacuum
-- summarizes what is new as it comes.
CREATE INDEX "idempotency_keys_created_at_idx" ON "idempotency_keys" USING brin ("created_at") WITH (autosummarize = on);
CREATE INDEX "expired_holds_expired_at_idx" ON "expired_holds" USING brin ("expired_at") WITH (autosummarize = on);

-- Empties the slot that is written next, if nothing in it is remembered any longer; says what it did:
-- empty, truncated, young (nothing, as it has young rows) or locked (nothing: it was not free in time).
--
-- While it waits for its lock, who uses the slot waits behind it: for less than the 100 ms that the
-- service's sessions wait for a lock.
--
-- It runs with the rights of the tables' owner: TRUNCATE may not be the service's. Whoever calls it
-- can have no more dropped than is over.
CREATE FUNCTION public.turn_over(ring TEXT) RETURNS TEXT
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

-- A row of an event is written anew by each batch: next to the former one where there is room, and
-- then no index is touched, and the next batch cleans up what this one leaves. Half a page of room is
-- left for that, and long metadata, which no batch changes, is kept out of the row. (PostgreSQL does so
-- from 2 kB a row on.) Names stay in it, as each batch reads them.
ALTER TABLE "events" SET (fillfactor = 50, toast_tuple_target = 128);
ALTER TABLE "events" ALTER COLUMN "name" SET STORAGE MAIN;

-- Rows that are there already: what is kept in a row compressed goes out of it only as a new value.
UPDATE "events" SET "metadata" = ("metadata"::text || '')::json WHERE octet_length("metadata"::text) > 1500;
CLUSTER "events" USING "events_pkey";
ALTER TABLE "events" SET WITHOUT CLUSTER;

-- Dead rows are met by each batch that looks for holds which have expired, or at the front of a line,
-- and gather there however large the rest of the table is: the default is a fifth of it.
ALTER TABLE "bookings" SET (autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE "waitlist_entries" SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 500);
