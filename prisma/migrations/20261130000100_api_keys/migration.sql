-- API keys. Locks no table that was there: the service, also the version before, may go on running.
--
-- Nothing is granted: who may read what keys are checked by, and who may make them, is for the owner to
-- say. See "The service's role" in docs/operations.md.

CREATE TABLE "api_keys" (
    -- The part of the key that is no secret, by which it is found: it stands in histories and logs.
    "id" VARCHAR NOT NULL,
    "tenant_id" VARCHAR NOT NULL,
    "name" VARCHAR NOT NULL,
    "scopes" VARCHAR[] NOT NULL,
    -- SHA-256 of the key's secret, which has 256 random bits: there is nothing to guess, and so nothing
    -- that a slow hash would make harder.
    "secret_hash" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL DEFAULT now(),
    "expires_at" TIMESTAMPTZ,
    -- To the hour.
    "last_used_at" TIMESTAMPTZ,
    "revoked_at" TIMESTAMPTZ,

    CONSTRAINT "api_keys_pkey" PRIMARY KEY ("id"),
    -- As src/domain/api-key.ts and src/domain/access.ts have them.
    CONSTRAINT "api_keys_id_check" CHECK ("id" COLLATE "C" ~ '^[a-z0-9]{16}$'),
    CONSTRAINT "api_keys_tenant_id_check" CHECK ("tenant_id" COLLATE "C" ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
    CONSTRAINT "api_keys_secret_hash_check" CHECK (octet_length("secret_hash") = 32),
    CONSTRAINT "api_keys_expires_at_check"
      CHECK ("expires_at" >= '0001-01-01 00:00:00+00' AND "expires_at" < '10000-01-01 00:00:00+00')
);

CREATE INDEX "api_keys_tenant_id_id_idx" ON "api_keys" ("tenant_id", "id");
-- By which a tenant's usable keys are counted, without those that have come before.
CREATE INDEX "api_keys_usable_idx" ON "api_keys" ("tenant_id", COALESCE("expires_at", 'infinity')) WHERE "revoked_at" IS NULL;
