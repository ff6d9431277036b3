-- Every list is read in the order of an index that serves its filters too: a page costs the same
-- however many rows there are.
--
-- Locks the tables while the indexes are built: some ten seconds for each million bookings, and for each
-- hundred thousand events. The service, also the version before, may go on running; its requests, reads
-- among them, wait meanwhile, or get 503.

-- Events first, as every transaction has it: the other order could deadlock. So could a lesser lock, once
-- the index is dropped.
LOCK TABLE "events" IN ACCESS EXCLUSIVE MODE;
LOCK TABLE "bookings" IN ACCESS EXCLUSIVE MODE;

-- Each booking is in one of each pair, so that both filters cost it as much as one index.
CREATE INDEX "bookings_event_id_id_confirmed_idx" ON "bookings" ("event_id", "id") WHERE "status" = 'confirmed';
CREATE INDEX "bookings_event_id_id_held_idx" ON "bookings" ("event_id", "id") WHERE "status" = 'held';
CREATE INDEX "bookings_user_id_id_confirmed_idx" ON "bookings" ("user_id", "id") WHERE "status" = 'confirmed';
CREATE INDEX "bookings_user_id_id_held_idx" ON "bookings" ("user_id", "id") WHERE "status" = 'held';
DROP INDEX "bookings_user_id_idx";
CREATE INDEX "bookings_id_held_idx" ON "bookings" ("id") WHERE "status" = 'held';

-- What is listed, apart from what is counted: each booking leaves a new version of its event's row, and
-- one for which there is no room on its page is put into every index of the table. A deleted event has no
-- row here.
--
-- is_upcoming only narrows: who asks compares starts_at with the clock as well. It is set with the rest;
-- the service takes it back once the event has started, a minute later, so that no other server's clock
-- finds one missing.
CREATE TABLE "event_listings" (
  "event_id" INTEGER NOT NULL,
  "name" VARCHAR NOT NULL,
  "starts_at" TIMESTAMPTZ,
  "is_upcoming" BOOLEAN NOT NULL
);

INSERT INTO "event_listings" (event_id, name, starts_at, is_upcoming)
SELECT id, name, starts_at, COALESCE(starts_at > now() - INTERVAL '1 minute', false)
FROM "events" WHERE deleted_at IS NULL ORDER BY id;

ALTER TABLE "event_listings"
  ADD CONSTRAINT "event_listings_pkey" PRIMARY KEY ("event_id"),
  ADD CONSTRAINT "event_listings_event_id_fkey" FOREIGN KEY ("event_id") REFERENCES "events" ("id")
    ON DELETE CASCADE ON UPDATE CASCADE;

-- Kept whoever writes, with the rights of the tables' owner: who may make an event need not know of its
-- listing. Rows of it are changed under the lock of their event's row, or taken without waiting.
CREATE FUNCTION public.list_events() RETURNS TRIGGER
LANGUAGE plpgsql SECURITY DEFINER SET search_path TO pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO public.event_listings (event_id, name, starts_at, is_upcoming)
  SELECT id, name, starts_at, COALESCE(starts_at > now() - INTERVAL '1 minute', false)
  FROM new_events WHERE deleted_at IS NULL;
  RETURN NULL;
END
$$;

CREATE FUNCTION public.relist_event() RETURNS TRIGGER
LANGUAGE plpgsql SECURITY DEFINER SET search_path TO pg_catalog, pg_temp AS $$
BEGIN
  IF NEW.deleted_at IS NOT NULL THEN
    DELETE FROM public.event_listings WHERE event_id = NEW.id;
  ELSE
    INSERT INTO public.event_listings (event_id, name, starts_at, is_upcoming)
    VALUES (NEW.id, NEW.name, NEW.starts_at, COALESCE(NEW.starts_at > now() - INTERVAL '1 minute', false))
    ON CONFLICT (event_id) DO UPDATE
    SET name = EXCLUDED.name, starts_at = EXCLUDED.starts_at, is_upcoming = EXCLUDED.is_upcoming;
  END IF;
  RETURN NULL;
END
$$;

CREATE TRIGGER "events_inserted_list_events" AFTER INSERT ON "events"
REFERENCING NEW TABLE AS new_events
FOR EACH STATEMENT EXECUTE FUNCTION public.list_events();

-- Not for updates of counters: those are many. PostgreSQL can tell them by their columns for rows only,
-- as a transition table is made of every update.
CREATE TRIGGER "events_updated_relist_event" AFTER UPDATE OF "name", "starts_at", "deleted_at" ON "events"
FOR EACH ROW WHEN ((OLD.name, OLD.starts_at, OLD.deleted_at) IS DISTINCT FROM (NEW.name, NEW.starts_at, NEW.deleted_at))
EXECUTE FUNCTION public.relist_event();

-- A name past the service may be longer than an index can take.
CREATE INDEX "event_listings_name_idx" ON "event_listings" (left("name", 255), "event_id");
CREATE INDEX "event_listings_starts_at_asc_idx" ON "event_listings" (COALESCE("starts_at", 'infinity'), "event_id");
CREATE INDEX "event_listings_starts_at_desc_idx" ON "event_listings" (COALESCE("starts_at", '-infinity'), "event_id");

CREATE INDEX "event_listings_upcoming_idx" ON "event_listings" ("event_id") WHERE "is_upcoming";
CREATE INDEX "event_listings_name_upcoming_idx" ON "event_listings" (left("name", 255), "event_id") WHERE "is_upcoming";
CREATE INDEX "event_listings_starts_at_upcoming_idx" ON "event_listings" ("starts_at", "event_id") WHERE "is_upcoming";

-- Trigrams: what has a longer text in it has all of that text's. Of any alphabet, to the letter, and
-- without an extension that a server may lack. Of a name past the service only so much counts as the
-- service itself allows: the time to make them grows with the square of the length.
CREATE FUNCTION public.grams(value TEXT) RETURNS TEXT[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT array_agg(substr(folded, place, 3))
  FROM lower(left(value, 255)) AS folded, generate_series(1, length(folded) - 2) AS place
$$;

-- What is pending is put in together, at a fraction of the price; every search goes through it, so that it
-- has a bound.
CREATE INDEX "event_listings_grams_idx" ON "event_listings" USING gin (public.grams("name"))
WITH (fastupdate = on, gin_pending_list_limit = 512);

-- One event in 64, by which it is told whether few have a text in their names.
CREATE INDEX "event_listings_grams_sample_idx" ON "event_listings" USING gin (public.grams("name")) WITH (fastupdate = off)
WHERE (hashint4("event_id") & 63) = 0;
