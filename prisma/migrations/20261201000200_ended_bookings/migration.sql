-- Every booking that has ended is remembered for a week, with its last state: not only holds that have
-- expired. The table keeps its name: see docs/adr/0012-a-ring-of-partitions.md.
--
-- Locks the table while it builds indexes, a few seconds for each million rows; the service, also the version
-- before, may go on running, and what ends meanwhile waits. Until its last process has ended that version
-- takes any booking that has ended for a hold that has expired: it answers 410 to a confirmation of what was
-- cancelled, instead of 404.

-- Events first, as every transaction has it: the other order could deadlock.
LOCK TABLE "events" IN ACCESS EXCLUSIVE MODE;

ALTER TABLE "expired_holds"
  ADD COLUMN "reason" VARCHAR NOT NULL DEFAULT 'expired',
  -- Null where the version before has written it: then nothing but its end is known.
  ADD COLUMN "seats" INTEGER,
  ADD COLUMN "created_at" TIMESTAMPTZ,
  ADD COLUMN "expires_at" TIMESTAMPTZ,
  ADD COLUMN "metadata" JSON,
  ADD COLUMN "lines" JSONB,
  ADD CONSTRAINT "expired_holds_reason_check" CHECK ("reason" IN ('expired', 'cancelled', 'released'));

-- Lists of what has ended lately begin in the middle of these: what is over comes before.
CREATE INDEX "expired_holds_tenant_id_reason_expired_at_booking_id_idx" ON "expired_holds" ("tenant_id", "reason", "expired_at", "booking_id");
CREATE INDEX "expired_holds_event_id_reason_expired_at_booking_id_idx" ON "expired_holds" ("event_id", "reason", "expired_at", "booking_id");
CREATE INDEX "expired_holds_tenant_id_user_id_reason_expired_at_booking_i_idx" ON "expired_holds" ("tenant_id", "user_id", "reason", "expired_at", "booking_id");
