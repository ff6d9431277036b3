-- The lines of bookings that are written anew are taken apart once, and not three times.
--
-- Replaces a function, and locks no table. The service, also the version before, may go on running.

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

  -- What is written anew, as nearly all of it is, has its lines taken apart once.
  IF TG_OP = 'INSERT' THEN
    WITH line AS MATERIALIZED (
      SELECT b.event_id, b.id, b.seats AS of_booking, l.ticket_type, l.seats, l.pools, l.labels
      FROM new_bookings AS b CROSS JOIN LATERAL jsonb_to_recordset(b.lines)
        AS l (ticket_type VARCHAR, seats INTEGER, pools VARCHAR[], labels VARCHAR[]))
    SELECT checked.is_wrong, net.event_ids, net.keys, net.changes, named.event_ids, named.labels, named.ids
    INTO is_wrong, pool_events, pool_keys, pool_changes, seat_events, seat_labels, seat_bookings
    FROM (
      SELECT EXISTS (
        SELECT FROM line GROUP BY id, of_booking
        HAVING sum(seats) <> of_booking OR NOT bool_and(COALESCE(seats >= 1 AND ticket_type <> '', false)
          AND COALESCE(cardinality(labels) <= seats, true))) AS is_wrong) AS checked,
      (
        SELECT array_agg(event_id) AS event_ids, array_agg(pool) AS keys, array_agg(change) AS changes
        FROM (
          SELECT line.event_id, p.pool, sum(line.seats) AS change
          FROM line CROSS JOIN LATERAL unnest(line.pools) AS p (pool)
          GROUP BY line.event_id, p.pool) AS by_pool) AS net,
      (
        SELECT array_agg(line.event_id) AS event_ids, array_agg(s.label) AS labels, array_agg(line.id) AS ids
        FROM line CROSS JOIN LATERAL unnest(line.labels) AS s (label)) AS named;
  ELSIF TG_OP = 'UPDATE' THEN
    SELECT EXISTS (
      SELECT FROM new_bookings AS b CROSS JOIN LATERAL (
        SELECT sum(l.seats) AS seats, bool_and(COALESCE(l.seats >= 1 AND l.ticket_type <> '', false)
          AND COALESCE(cardinality(l.labels) <= l.seats, true)) AS is_right
        FROM jsonb_to_recordset(b.lines) AS l (ticket_type VARCHAR, seats INTEGER, labels VARCHAR[])) AS l
      WHERE b.lines IS NOT NULL AND (l.seats <> b.seats OR NOT l.is_right))
    INTO is_wrong;
  END IF;
  IF is_wrong THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'bookings_lines_check',
      MESSAGE = 'the lines of a booking have a ticket type each, one seat at least, no more labels than seats, and all of its seats together';
  END IF;

  IF TG_OP = 'DELETE' THEN
    SELECT array_agg(net.event_id), array_agg(net.pool), array_agg(net.change)
    INTO pool_events, pool_keys, pool_changes
    FROM (
      SELECT b.event_id, p.pool, -sum(l.seats) AS change
      FROM old_bookings AS b
      CROSS JOIN LATERAL jsonb_to_recordset(b.lines) AS l (seats INTEGER, pools VARCHAR[])
      CROSS JOIN LATERAL unnest(l.pools) AS p (pool)
      GROUP BY b.event_id, p.pool
    ) AS net;
  ELSIF TG_OP = 'UPDATE' THEN
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

  IF TG_OP = 'DELETE' THEN
    SELECT array_agg(b.event_id), array_agg(s.label) INTO left_events, left_labels
    FROM old_bookings AS b
    CROSS JOIN LATERAL jsonb_to_recordset(b.lines) AS l (labels VARCHAR[])
    CROSS JOIN LATERAL unnest(l.labels) AS s (label);
  ELSIF TG_OP = 'UPDATE' THEN
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
