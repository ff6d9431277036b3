-- Events belong to tenants, and so does all that belongs to an event. What is there, and what is written
-- by whoever does not say an owner, is the tenant `default`'s.
--
-- Locks the tables while indexes are built: some ten seconds for each million bookings, and for each
-- hundred thousand events. The service, also the version before, may go on running; its requests, reads
-- among them, wait meanwhile, or get 503. The version before lists bookings of a user, and events by
-- their name, without an index from then on.

-- Events first, as every transaction has it: the other order could deadlock.
LOCK TABLE "events" IN ACCESS EXCLUSIVE MODE;
LOCK TABLE "bookings" IN ACCESS EXCLUSIVE MODE;
LOCK TABLE "event_listings" IN ACCESS EXCLUSIVE MODE;

ALTER TABLE "events" ADD COLUMN "tenant_id" VARCHAR NOT NULL DEFAULT 'default';
ALTER TABLE "bookings" ADD COLUMN "tenant_id" VARCHAR NOT NULL DEFAULT 'default';
ALTER TABLE "event_listings" ADD COLUMN "tenant_id" VARCHAR NOT NULL DEFAULT 'default';
-- A history outlives its event, and holds that have expired outlive their bookings.
ALTER TABLE "event_history" ADD COLUMN "tenant_id" VARCHAR NOT NULL DEFAULT 'default';
ALTER TABLE "expired_holds"
  ADD COLUMN "tenant_id" VARCHAR NOT NULL DEFAULT 'default',
  -- Null where the version before has written it.
  ADD COLUMN "user_id" VARCHAR;

-- A booking is of its event's tenant, whoever writes; an event that moves to another tenant takes its
-- bookings along. All rows are the default tenant's by now: there is nothing to validate.
CREATE UNIQUE INDEX "events_id_tenant_id_key" ON "events" ("id", "tenant_id");
ALTER TABLE "bookings"
  DROP CONSTRAINT "bookings_event_id_fkey",
  ADD CONSTRAINT "bookings_event_id_tenant_id_fkey" FOREIGN KEY ("event_id", "tenant_id")
    REFERENCES "events" ("id", "tenant_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Every list is a tenant's: what others have costs it nothing. Bookings of one event are found by that.
-- Those of all its bookings are in another order than that of the database, so that no equation of tenants
-- is served by them: where an event's row is removed, the foreign key would have PostgreSQL look for its
-- bookings among all of the tenant's.
CREATE INDEX "bookings_tenant_id_id_idx" ON "bookings" ("tenant_id" COLLATE "C", "id");
CREATE INDEX "bookings_tenant_id_id_held_idx" ON "bookings" ("tenant_id" COLLATE "C", "id") WHERE "status" = 'held';
CREATE INDEX "bookings_tenant_id_user_id_id_confirmed_idx" ON "bookings" ("tenant_id", "user_id", "id") WHERE "status" = 'confirmed';
CREATE INDEX "bookings_tenant_id_user_id_id_held_idx" ON "bookings" ("tenant_id", "user_id", "id") WHERE "status" = 'held';
DROP INDEX "bookings_id_held_idx";
DROP INDEX "bookings_user_id_id_confirmed_idx";
DROP INDEX "bookings_user_id_id_held_idx";

CREATE INDEX "event_listings_tenant_id_event_id_idx" ON "event_listings" ("tenant_id", "event_id");
CREATE INDEX "event_listings_tenant_id_name_idx" ON "event_listings" ("tenant_id", left("name", 255), "event_id");
CREATE INDEX "event_listings_tenant_id_starts_at_asc_idx" ON "event_listings" ("tenant_id", COALESCE("starts_at", 'infinity'), "event_id");
CREATE INDEX "event_listings_tenant_id_starts_at_desc_idx" ON "event_listings" ("tenant_id", COALESCE("starts_at", '-infinity'), "event_id");
CREATE INDEX "event_listings_tenant_id_upcoming_idx" ON "event_listings" ("tenant_id", "event_id") WHERE "is_upcoming";
CREATE INDEX "event_listings_tenant_id_name_upcoming_idx" ON "event_listings" ("tenant_id", left("name", 255), "event_id") WHERE "is_upcoming";
CREATE INDEX "event_listings_tenant_id_starts_at_upcoming_idx" ON "event_listings" ("tenant_id", "starts_at", "event_id") WHERE "is_upcoming";
DROP INDEX "event_listings_name_idx";
DROP INDEX "event_listings_starts_at_asc_idx";
DROP INDEX "event_listings_starts_at_desc_idx";
DROP INDEX "event_listings_upcoming_idx";
DROP INDEX "event_listings_name_upcoming_idx";
-- event_listings_starts_at_upcoming_idx stays: by it the sweeper finds what has started, whose it may be.

-- With the tenant in each: what others call their events neither costs a search anything, nor tells it
-- anything by the time it takes.
CREATE FUNCTION public.grams(tenant TEXT, value TEXT) RETURNS TEXT[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT array_agg(tenant || ' ' || gram) FROM unnest(public.grams(value)) AS gram
$$;
GRANT EXECUTE ON FUNCTION public.grams(TEXT, TEXT) TO PUBLIC;
DROP INDEX "event_listings_grams_idx";
DROP INDEX "event_listings_grams_sample_idx";
CREATE INDEX "event_listings_grams_idx" ON "event_listings" USING gin (public.grams("tenant_id", "name"))
WITH (fastupdate = on, gin_pending_list_limit = 512);
CREATE INDEX "event_listings_grams_sample_idx" ON "event_listings" USING gin (public.grams("tenant_id", "name")) WITH (fastupdate = off)
WHERE (hashint4("event_id") & 63) = 0;

CREATE OR REPLACE FUNCTION public.list_events() RETURNS TRIGGER
LANGUAGE plpgsql SECURITY DEFINER SET search_path TO pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO public.event_listings (event_id, tenant_id, name, starts_at, is_upcoming)
  SELECT id, tenant_id, name, starts_at, COALESCE(starts_at > now() - INTERVAL '1 minute', false)
  FROM new_events WHERE deleted_at IS NULL;
  RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION public.relist_event() RETURNS TRIGGER
LANGUAGE plpgsql SECURITY DEFINER SET search_path TO pg_catalog, pg_temp AS $$
BEGIN
  IF NEW.deleted_at IS NOT NULL THEN
    DELETE FROM public.event_listings WHERE event_id = NEW.id;
  ELSE
    INSERT INTO public.event_listings (event_id, tenant_id, name, starts_at, is_upcoming)
    VALUES (NEW.id, NEW.tenant_id, NEW.name, NEW.starts_at, COALESCE(NEW.starts_at > now() - INTERVAL '1 minute', false))
    ON CONFLICT (event_id) DO UPDATE
    SET tenant_id = EXCLUDED.tenant_id, name = EXCLUDED.name, starts_at = EXCLUDED.starts_at,
      is_upcoming = EXCLUDED.is_upcoming;
  END IF;
  RETURN NULL;
END
$$;

DROP TRIGGER "events_updated_relist_event" ON "events";
CREATE TRIGGER "events_updated_relist_event" AFTER UPDATE OF "name", "starts_at", "deleted_at", "tenant_id" ON "events"
FOR EACH ROW WHEN ((OLD.name, OLD.starts_at, OLD.deleted_at, OLD.tenant_id) IS DISTINCT FROM (NEW.name, NEW.starts_at, NEW.deleted_at, NEW.tenant_id))
EXECUTE FUNCTION public.relist_event();

-- An event that moves to another tenant takes its history along, too.
CREATE FUNCTION public.move_history() RETURNS TRIGGER
LANGUAGE plpgsql SECURITY DEFINER SET search_path TO pg_catalog, pg_temp AS $$
BEGIN
  UPDATE public.event_history SET tenant_id = NEW.tenant_id WHERE event_id = NEW.id;
  RETURN NULL;
END
$$;
-- Others could have code run by it, and so could the owner of events. See 20261128000100_rights.
REVOKE EXECUTE ON FUNCTION public.move_history() FROM PUBLIC;
DO $$
DECLARE
  table_owner TEXT;
BEGIN
  SELECT quote_ident(pg_get_userbyid(relowner)) INTO table_owner
  FROM pg_catalog.pg_class WHERE oid = 'public.events'::regclass;
  EXECUTE format('GRANT SELECT, UPDATE ON public.event_history TO %s', table_owner);
  EXECUTE format('ALTER FUNCTION public.move_history() OWNER TO %s', table_owner);
END
$$;

CREATE TRIGGER "events_updated_move_history" AFTER UPDATE OF "tenant_id" ON "events"
FOR EACH ROW WHEN (OLD.tenant_id <> NEW.tenant_id)
EXECUTE FUNCTION public.move_history();
