-- Events have pools, ticket types and numbered seats; bookings, and those who wait, have lines of them.
--
-- Locks events, bookings and the waitlist for a moment; of the waitlist, which gets an index, for some
-- seconds for each million entries. The service, also the version before, may go on running. The version
-- before knows no lines: make no pool, ticket type or seating before it is gone.

-- Events first, as every transaction has it: the other order could deadlock.
LOCK TABLE "events" IN ACCESS EXCLUSIVE MODE;
LOCK TABLE "bookings" IN ACCESS EXCLUSIVE MODE;
LOCK TABLE "waitlist_entries" IN ACCESS EXCLUSIVE MODE;

ALTER TABLE "events"
  -- Null where there is the default type alone.
  ADD COLUMN "ticket_types" JSON,
  -- How many rows of event_pools are its own. Kept by triggers on those.
  ADD COLUMN "pool_count" INTEGER NOT NULL DEFAULT 0;

CREATE TABLE "event_pools" (
  "event_id" INTEGER NOT NULL,
  "key" VARCHAR NOT NULL,
  -- In which order the organizer has named them.
  "place" INTEGER NOT NULL DEFAULT 0,
  "capacity" INTEGER NOT NULL,
  -- Seats that lines of bookings have taken, expired holds included. Kept by a trigger on bookings.
  "taken" INTEGER NOT NULL DEFAULT 0,

  CONSTRAINT "event_pools_pkey" PRIMARY KEY ("event_id", "key"),
  CONSTRAINT "event_pools_event_id_fkey" FOREIGN KEY ("event_id") REFERENCES "events" ("id")
    ON DELETE CASCADE ON UPDATE CASCADE,
  CONSTRAINT "event_pools_capacity_check" CHECK ("capacity" >= 0),
  CONSTRAINT "event_pools_taken_check" CHECK ("taken" BETWEEN 0 AND "capacity")
);

-- What a booking has of each ticket type: [{"ticket_type": …, "seats": …, "pools": [… keys]}]; null where
-- all of its seats are of the default type. Rows that are there have none: there is nothing to validate.
ALTER TABLE "bookings"
  ADD COLUMN "lines" JSONB,
  ADD CONSTRAINT "bookings_lines_check" CHECK (jsonb_array_length("lines") > 0) NOT VALID;
ALTER TABLE "waitlist_entries"
  ADD COLUMN "lines" JSONB,
  ADD CONSTRAINT "waitlist_entries_lines_check" CHECK (jsonb_array_length("lines") > 0) NOT VALID;

-- What lines take of pools, as one text: equal for equal claims (JSONB has its members in one order).
CREATE FUNCTION public.claim_of(lines JSONB) RETURNS TEXT LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN lines IS NULL THEN '{}' ELSE (
    SELECT COALESCE(jsonb_object_agg(taken.pool, taken.seats), '{}')::text
    FROM (
      SELECT p.pool, sum(l.seats) AS seats
      FROM jsonb_to_recordset(lines) AS l (seats INTEGER, pools TEXT[]) CROSS JOIN LATERAL unnest(l.pools) AS p (pool)
      GROUP BY p.pool) AS taken) END
$$;
GRANT EXECUTE ON FUNCTION public.claim_of(JSONB) TO PUBLIC;

-- By which the first of each kind of entries are found, however many there are: see src/domain/waiting-kinds.ts.
CREATE INDEX "waitlist_entries_kinds_idx" ON "waitlist_entries" ("event_id", (public.claim_of("lines") COLLATE "C"), "seats", "id");

-- Whatever changes in the pools of an event is to leave a new version of its row.
CREATE FUNCTION public.count_pools() RETURNS TRIGGER LANGUAGE plpgsql AS $$
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
      WHERE p.taken > 0 AND EXISTS (SELECT FROM public.events AS e WHERE e.id = p.event_id)) THEN
      RAISE EXCEPTION USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'bookings_lines_pools',
        MESSAGE = 'lines of bookings have seats of the pool';
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

CREATE FUNCTION public.change_pool() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.taken > 0 AND (NEW.event_id, NEW.key) <> (OLD.event_id, OLD.key) THEN
    RAISE EXCEPTION USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'bookings_lines_pools',
      MESSAGE = 'lines of bookings have seats of the pool';
  END IF;

  PERFORM FROM public.events WHERE id IN (OLD.event_id, NEW.event_id) ORDER BY id FOR NO KEY UPDATE;
  UPDATE public.events SET pool_count = pool_count
    + CASE WHEN id = NEW.event_id THEN 1 ELSE 0 END - CASE WHEN id = OLD.event_id THEN 1 ELSE 0 END
  WHERE id IN (OLD.event_id, NEW.event_id);
  RETURN NULL;
END
$$;

CREATE FUNCTION public.reset_pools() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION USING ERRCODE = 'active_sql_transaction', MESSAGE = 'TRUNCATE of event_pools needs the isolation level read committed';
  END IF;
  -- Where bookings are emptied with them there are none by now.
  IF EXISTS (SELECT FROM public.bookings WHERE lines @? '$[*].pools[*]') THEN
    RAISE EXCEPTION USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'bookings_lines_pools',
      MESSAGE = 'lines of bookings have seats of pools';
  END IF;

  UPDATE public.events SET pool_count = 0 WHERE pool_count <> 0;
  RETURN NULL;
END
$$;

CREATE TRIGGER "event_pools_inserted_count_pools" AFTER INSERT ON "event_pools"
REFERENCING NEW TABLE AS new_pools
FOR EACH STATEMENT EXECUTE FUNCTION public.count_pools();

CREATE TRIGGER "event_pools_deleted_count_pools" AFTER DELETE ON "event_pools"
REFERENCING OLD TABLE AS old_pools
FOR EACH STATEMENT EXECUTE FUNCTION public.count_pools();

-- Not for what bookings take: their own trigger has written the event's row.
CREATE TRIGGER "event_pools_updated_change_pool" AFTER UPDATE OF "event_id", "key", "place", "capacity" ON "event_pools"
FOR EACH ROW EXECUTE FUNCTION public.change_pool();

CREATE TRIGGER "event_pools_truncated_reset_pools" AFTER TRUNCATE ON "event_pools"
FOR EACH STATEMENT EXECUTE FUNCTION public.reset_pools();

ALTER TABLE "events"
  -- The digest of its seating; null where its seats have no numbers.
  ADD COLUMN "seating" VARCHAR,
  -- Numbered seats that are not for sale. Kept by a trigger on blocked_seats.
  ADD COLUMN "blocked" INTEGER NOT NULL DEFAULT 0,
  ADD CONSTRAINT "events_blocked_check" CHECK ("blocked" >= 0),
  DROP CONSTRAINT "events_taken_check",
  ADD CONSTRAINT "events_taken_check" CHECK ("taken" BETWEEN 0 AND "total_seats" - "blocked");

ALTER TABLE "event_pools"
  ADD COLUMN "blocked" INTEGER NOT NULL DEFAULT 0,
  ADD CONSTRAINT "event_pools_blocked_check" CHECK ("blocked" >= 0),
  DROP CONSTRAINT "event_pools_taken_check",
  ADD CONSTRAINT "event_pools_taken_check" CHECK ("taken" BETWEEN 0 AND "capacity" - "blocked");

-- Sections, rows and seats, as the organizer has given them: see src/domain/seating/document.ts.
CREATE TABLE "event_seatings" (
  "event_id" INTEGER NOT NULL,
  "digest" VARCHAR NOT NULL,
  "document" JSON NOT NULL,

  CONSTRAINT "event_seatings_pkey" PRIMARY KEY ("event_id"),
  CONSTRAINT "event_seatings_event_id_fkey" FOREIGN KEY ("event_id") REFERENCES "events" ("id")
    ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE TABLE "blocked_seats" (
  "event_id" INTEGER NOT NULL,
  "label" VARCHAR COLLATE "C" NOT NULL,
  -- Of which it takes one; null for the seats of the event alone.
  "pool" VARCHAR,

  CONSTRAINT "blocked_seats_pkey" PRIMARY KEY ("event_id", "label"),
  CONSTRAINT "blocked_seats_event_id_fkey" FOREIGN KEY ("event_id") REFERENCES "events" ("id")
    ON DELETE CASCADE
);

-- Who has a numbered seat. Kept by triggers on bookings and blocked_seats: its primary key is what keeps
-- two from having the same, whoever writes. Read it, never write it.
CREATE TABLE "taken_seats" (
  "event_id" INTEGER NOT NULL,
  "label" VARCHAR COLLATE "C" NOT NULL,
  -- Null for a seat that is blocked.
  "booking_id" BIGINT,

  CONSTRAINT "taken_seats_pkey" PRIMARY KEY ("event_id", "label")
);

CREATE FUNCTION public.block_seats() RETURNS TRIGGER LANGUAGE plpgsql AS $$
DECLARE
  event_ids INTEGER[];
  changes INTEGER[];
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

CREATE TRIGGER "blocked_seats_inserted_block_seats" AFTER INSERT ON "blocked_seats"
REFERENCING NEW TABLE AS new_blocked
FOR EACH STATEMENT EXECUTE FUNCTION public.block_seats();

CREATE TRIGGER "blocked_seats_deleted_block_seats" AFTER DELETE ON "blocked_seats"
REFERENCING OLD TABLE AS old_blocked
FOR EACH STATEMENT EXECUTE FUNCTION public.block_seats();

-- A seat is blocked or it is not: there is nothing to update.
CREATE FUNCTION public.refuse_update() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'feature_not_supported', MESSAGE = format('rows of %I are inserted and deleted only', TG_TABLE_NAME);
END
$$;
CREATE TRIGGER "blocked_seats_updated_refuse_update" BEFORE UPDATE ON "blocked_seats"
FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION public.refuse_update();

CREATE FUNCTION public.reset_blocked() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION USING ERRCODE = 'active_sql_transaction', MESSAGE = 'TRUNCATE of blocked_seats needs the isolation level read committed';
  END IF;

  UPDATE public.events SET blocked = 0 WHERE blocked <> 0;
  UPDATE public.event_pools SET blocked = 0 WHERE blocked <> 0;
  DELETE FROM public.taken_seats WHERE booking_id IS NULL;
  RETURN NULL;
END
$$;
CREATE TRIGGER "blocked_seats_truncated_reset_blocked" AFTER TRUNCATE ON "blocked_seats"
FOR EACH STATEMENT EXECUTE FUNCTION public.reset_blocked();

-- As before, and for bookings with lines what they take of pools, and whose the seats with labels are. The
-- event's row comes first: it is the lock of all that belongs to it.
CREATE OR REPLACE FUNCTION public.count_seats() RETURNS TRIGGER LANGUAGE plpgsql AS $$
DECLARE
  event_ids INTEGER[];
  taken_changes INTEGER[];
  held_changes INTEGER[];
  has_lines BOOLEAN;
  is_wrong BOOLEAN;
  pool_events INTEGER[];
  pool_keys VARCHAR[];
  pool_changes INTEGER[];
  found_pools INTEGER;
  left_events INTEGER[];
  left_labels VARCHAR[];
  seat_events INTEGER[];
  seat_labels VARCHAR[];
  seat_bookings BIGINT[];
BEGIN
  -- A statement sees only the transition tables of its own kind. No query here joins them:
  -- plans are kept, and PostgreSQL knows nothing of how many rows the next statement changes.
  IF TG_OP = 'INSERT' THEN
    SELECT array_agg(net.event_id), array_agg(net.taken), array_agg(net.held), bool_or(net.has_lines)
    INTO event_ids, taken_changes, held_changes, has_lines
    FROM (
      SELECT event_id, sum(seats) AS taken, sum(CASE WHEN status = 'held' THEN seats ELSE 0 END) AS held,
        bool_or(lines IS NOT NULL) AS has_lines
      FROM new_bookings
      GROUP BY event_id
    ) AS net;
  ELSIF TG_OP = 'DELETE' THEN
    SELECT array_agg(net.event_id), array_agg(net.taken), array_agg(net.held), bool_or(net.has_lines)
    INTO event_ids, taken_changes, held_changes, has_lines
    FROM (
      SELECT event_id, -sum(seats) AS taken, -sum(CASE WHEN status = 'held' THEN seats ELSE 0 END) AS held,
        bool_or(lines IS NOT NULL) AS has_lines
      FROM old_bookings
      GROUP BY event_id
    ) AS net;
  ELSE
    -- Zeros too: whatever changes in a booking is to leave a new version of its event's row.
    SELECT array_agg(net.event_id), array_agg(net.taken), array_agg(net.held), bool_or(net.has_lines)
    INTO event_ids, taken_changes, held_changes, has_lines
    FROM (
      SELECT event_id, sum(change.taken) AS taken, sum(change.held) AS held,
        bool_or(change.has_lines) AS has_lines
      FROM (
        SELECT event_id, seats AS taken, CASE WHEN status = 'held' THEN seats ELSE 0 END AS held,
          lines IS NOT NULL AS has_lines
        FROM new_bookings
        UNION ALL
        SELECT event_id, -seats, CASE WHEN status = 'held' THEN -seats ELSE 0 END, lines IS NOT NULL
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
  ELSE
    -- An UPDATE locks rows in any order; two of them that meet could deadlock.
    PERFORM FROM public.events WHERE id = ANY (event_ids) ORDER BY id FOR NO KEY UPDATE;

    UPDATE public.events
    SET taken = events.taken + net.taken, held = events.held + net.held
    FROM unnest(event_ids, taken_changes, held_changes) AS net (event_id, taken, held)
    WHERE events.id = net.event_id;
  END IF;

  IF NOT has_lines THEN
    RETURN NULL;
  END IF;

  IF TG_OP <> 'DELETE' THEN
    SELECT EXISTS (
      SELECT FROM new_bookings AS b CROSS JOIN LATERAL (
        SELECT sum(l.seats) AS seats, bool_and(COALESCE(l.seats >= 1 AND l.ticket_type <> '', false)
          AND COALESCE(cardinality(l.labels) <= l.seats, true)) AS is_right
        FROM jsonb_to_recordset(b.lines) AS l (ticket_type VARCHAR, seats INTEGER, labels VARCHAR[])) AS l
      WHERE b.lines IS NOT NULL AND (l.seats <> b.seats OR NOT l.is_right))
    INTO is_wrong;
    IF is_wrong THEN
      RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'bookings_lines_check',
        MESSAGE = 'the lines of a booking have a ticket type each, one seat at least, no more labels than seats, and all of its seats together';
    END IF;
  END IF;

  IF TG_OP = 'INSERT' THEN
    SELECT array_agg(net.event_id), array_agg(net.pool), array_agg(net.change)
    INTO pool_events, pool_keys, pool_changes
    FROM (
      SELECT b.event_id, p.pool, sum(l.seats) AS change
      FROM new_bookings AS b
      CROSS JOIN LATERAL jsonb_to_recordset(b.lines) AS l (seats INTEGER, pools VARCHAR[])
      CROSS JOIN LATERAL unnest(l.pools) AS p (pool)
      GROUP BY b.event_id, p.pool
    ) AS net;
  ELSIF TG_OP = 'DELETE' THEN
    SELECT array_agg(net.event_id), array_agg(net.pool), array_agg(net.change)
    INTO pool_events, pool_keys, pool_changes
    FROM (
      SELECT b.event_id, p.pool, -sum(l.seats) AS change
      FROM old_bookings AS b
      CROSS JOIN LATERAL jsonb_to_recordset(b.lines) AS l (seats INTEGER, pools VARCHAR[])
      CROSS JOIN LATERAL unnest(l.pools) AS p (pool)
      GROUP BY b.event_id, p.pool
    ) AS net;
  ELSE
    SELECT array_agg(net.event_id), array_agg(net.pool), array_agg(net.change)
    INTO pool_events, pool_keys, pool_changes
    FROM (
      SELECT b.event_id, p.pool, sum(b.sign * l.seats) AS change
      FROM (
        SELECT event_id, lines, 1 AS sign FROM new_bookings
        UNION ALL
        SELECT event_id, lines, -1 FROM old_bookings
      ) AS b
      CROSS JOIN LATERAL jsonb_to_recordset(b.lines) AS l (seats INTEGER, pools VARCHAR[])
      CROSS JOIN LATERAL unnest(l.pools) AS p (pool)
      GROUP BY b.event_id, p.pool
      HAVING sum(b.sign * l.seats) <> 0
    ) AS net;
  END IF;

  UPDATE public.event_pools AS p
  SET taken = p.taken + net.change
  FROM unnest(pool_events, pool_keys, pool_changes) AS net (event_id, key, change)
  WHERE p.event_id = net.event_id AND p.key = net.key;
  GET DIAGNOSTICS found_pools = ROW_COUNT;

  -- Of an event that is being removed the pools may have gone before its bookings.
  IF TG_OP <> 'DELETE' AND found_pools < cardinality(pool_keys) THEN
    RAISE EXCEPTION USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'bookings_lines_pools',
      MESSAGE = 'a line of a booking names a pool that its event does not have';
  END IF;

  IF TG_OP = 'INSERT' THEN
    SELECT array_agg(b.event_id), array_agg(s.label), array_agg(b.id) INTO seat_events, seat_labels, seat_bookings
    FROM new_bookings AS b
    CROSS JOIN LATERAL jsonb_to_recordset(b.lines) AS l (labels VARCHAR[])
    CROSS JOIN LATERAL unnest(l.labels) AS s (label);
  ELSIF TG_OP = 'DELETE' THEN
    SELECT array_agg(b.event_id), array_agg(s.label) INTO left_events, left_labels
    FROM old_bookings AS b
    CROSS JOIN LATERAL jsonb_to_recordset(b.lines) AS l (labels VARCHAR[])
    CROSS JOIN LATERAL unnest(l.labels) AS s (label);
  ELSE
    -- A seat that stays is left alone. One that two bookings exchange is given up before it is taken.
    SELECT array_agg(net.event_id) FILTER (WHERE net.sign < 0), array_agg(net.label) FILTER (WHERE net.sign < 0),
      array_agg(net.event_id) FILTER (WHERE net.sign > 0), array_agg(net.label) FILTER (WHERE net.sign > 0),
      array_agg(net.id) FILTER (WHERE net.sign > 0)
    INTO left_events, left_labels, seat_events, seat_labels, seat_bookings
    FROM (
      SELECT b.event_id, s.label, b.id, sum(b.sign) AS sign
      FROM (
        SELECT event_id, id, lines, 1 AS sign FROM new_bookings
        UNION ALL
        SELECT event_id, id, lines, -1 FROM old_bookings
      ) AS b
      CROSS JOIN LATERAL jsonb_to_recordset(b.lines) AS l (labels VARCHAR[])
      CROSS JOIN LATERAL unnest(l.labels) AS s (label)
      GROUP BY b.event_id, s.label, b.id
      HAVING sum(b.sign) <> 0
    ) AS net
    -- One that stands twice in a booking is refused by the primary key.
    CROSS JOIN LATERAL generate_series(1, abs(net.sign));
  END IF;

  IF left_labels IS NOT NULL THEN
    DELETE FROM public.taken_seats AS t
    USING unnest(left_events, left_labels) AS gone (event_id, label)
    WHERE t.event_id = gone.event_id AND t.label = gone.label;
  END IF;
  IF seat_labels IS NOT NULL THEN
    INSERT INTO public.taken_seats (event_id, label, booking_id)
    SELECT * FROM unnest(seat_events, seat_labels, seat_bookings);
  END IF;

  RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION public.reset_seats() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION USING ERRCODE = 'active_sql_transaction', MESSAGE = 'TRUNCATE of bookings needs the isolation level read committed';
  END IF;

  UPDATE public.events SET taken = 0, held = 0 WHERE taken <> 0;
  UPDATE public.event_pools SET taken = 0 WHERE taken <> 0;
  DELETE FROM public.taken_seats WHERE booking_id IS NOT NULL;
  RETURN NULL;
END
$$;

-- What one may do with events one may do with their pools, their seating and what is blocked of it. Who has a seat is for
-- the triggers to write, which run with the rights of whoever books.
DO $$
DECLARE
  granted RECORD;
BEGIN
  FOR granted IN
    SELECT a.privilege_type AS privilege, t.name,
      CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END AS grantee,
      CASE WHEN a.is_grantable THEN 'WITH GRANT OPTION' ELSE '' END AS how
    FROM (VALUES ('event_pools', 'events'), ('event_seatings', 'events'), ('blocked_seats', 'events'), ('taken_seats', 'bookings')) AS t (name, of_table)
    JOIN pg_catalog.pg_class c ON c.oid = ('public.' || t.of_table)::regclass
    CROSS JOIN LATERAL aclexplode(COALESCE(c.relacl, acldefault('r', c.relowner))) AS a
    WHERE NOT c.relrowsecurity AND a.privilege_type IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
      AND a.grantee <> (SELECT relowner FROM pg_catalog.pg_class WHERE oid = ('public.' || t.name)::regclass)
  LOOP
    EXECUTE format('GRANT %s ON public.%I TO %s %s', granted.privilege, granted.name, granted.grantee, granted.how);
  END LOOP;
END
$$;
