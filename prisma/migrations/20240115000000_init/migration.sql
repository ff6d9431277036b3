-- Exactly the tables of the predecessor, down to the names that PostgreSQL gives to their
-- constraints: an existing database is taken over by marking this migration as applied.

CREATE TABLE "events" (
  "id" SERIAL NOT NULL,
  "name" VARCHAR NOT NULL,
  "total_seats" INTEGER NOT NULL,

  CONSTRAINT "events_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "events_total_seats_check" CHECK ("total_seats" >= 0)
);

CREATE TABLE "bookings" (
  "id" SERIAL NOT NULL,
  "event_id" INTEGER NOT NULL,
  "user_id" VARCHAR NOT NULL,
  "created_at" TIMESTAMP WITH TIME ZONE DEFAULT now(),

  CONSTRAINT "bookings_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "bookings_event_id_user_id_key" UNIQUE ("event_id", "user_id"),
  CONSTRAINT "bookings_event_id_fkey" FOREIGN KEY ("event_id") REFERENCES "events" ("id") ON DELETE CASCADE
);
