-- Rights on what the two migrations before have made: a service whose role is not the tables' owner
-- reads its lists without a grant by hand, and what runs with the owner's rights is not for everybody.
--
-- Locks no table: the service may go on running. What was granted by hand stays.

-- Whoever may read events may read their listings: all that these say is said there. And whoever may set
-- the start of an event may say that it is over, as the sweeper does (its FOR NO KEY UPDATE needs UPDATE
-- of a column too). INSERT, DELETE and the other columns are left to the triggers. Where policies hide
-- rows of events nothing is granted: none hides their listings.
DO $$
DECLARE
  granted RECORD;
BEGIN
  FOR granted IN
    WITH acl AS (
        SELECT '' AS of_events, a.* FROM pg_catalog.pg_class c
        CROSS JOIN LATERAL aclexplode(COALESCE(c.relacl, acldefault('r', c.relowner))) AS a
        WHERE c.oid = 'public.events'::regclass
        UNION ALL
        SELECT t.attname::text, a.* FROM pg_catalog.pg_attribute t
        CROSS JOIN LATERAL aclexplode(t.attacl) AS a
        WHERE t.attrelid = 'public.events'::regclass AND NOT t.attisdropped),
      -- Columns; the empty text is all of them, and the table.
      counterpart (privilege_type, of_events, of_listings) AS (
        VALUES ('SELECT', '', ''), ('SELECT', 'id', '(event_id)'), ('SELECT', 'name', '(name)'),
          ('SELECT', 'starts_at', '(starts_at, is_upcoming)'),
          ('UPDATE', '', '(is_upcoming)'), ('UPDATE', 'starts_at', '(is_upcoming)'))
    SELECT privilege_type || ' ' || of_listings AS privilege,
      CASE WHEN acl.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(acl.grantee)) END AS grantee,
      CASE WHEN acl.is_grantable THEN 'WITH GRANT OPTION' ELSE '' END AS how
    FROM acl JOIN counterpart USING (privilege_type, of_events)
    WHERE acl.grantee <> (SELECT relowner FROM pg_catalog.pg_class WHERE oid = 'public.event_listings'::regclass)
      AND NOT (SELECT relrowsecurity FROM pg_catalog.pg_class WHERE oid = 'public.events'::regclass)
  LOOP
    EXECUTE format('GRANT %s ON public.event_listings TO %s %s', granted.privilege, granted.grantee, granted.how);
  END LOOP;
END
$$;
-- Whoever searches by name calls it, and whoever writes a listing.
GRANT EXECUTE ON FUNCTION public.grams(TEXT) TO PUBLIC;

-- Anybody could otherwise have the tables locked, again and again. Whoever may delete from both can lock
-- them as it is, and drop the same rows.
REVOKE EXECUTE ON FUNCTION public.turn_over(TEXT) FROM PUBLIC;
DO $$
DECLARE
  granted RECORD;
BEGIN
  FOR granted IN
    SELECT CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END AS grantee,
      CASE WHEN bool_and(a.is_grantable) THEN 'WITH GRANT OPTION' ELSE '' END AS how
    FROM pg_catalog.pg_class c
    CROSS JOIN LATERAL aclexplode(COALESCE(c.relacl, acldefault('r', c.relowner))) AS a
    WHERE c.oid IN ('public.idempotency_keys'::regclass, 'public.expired_holds'::regclass)
      AND a.privilege_type = 'DELETE'
      AND a.grantee <> (SELECT proowner FROM pg_catalog.pg_proc WHERE oid = 'public.turn_over(text)'::regprocedure)
    GROUP BY a.grantee HAVING count(DISTINCT c.oid) = 2
  LOOP
    EXECUTE format('GRANT EXECUTE ON FUNCTION public.turn_over(TEXT) TO %s %s', granted.grantee, granted.how);
  END LOOP;
END
$$;

-- Anybody could otherwise have code run as their owner: by a table of one's own with one of these for a
-- trigger, and with a column of a type that has a cast of one's own. What is a trigger already needs no
-- right to fire.
REVOKE EXECUTE ON FUNCTION public.list_events(), public.relist_event() FROM PUBLIC;

-- The owner of events still could: whoever owns a table says of which types its columns are, and makes its
-- triggers. So the two run with the rights of that owner and no more, where another role migrates,
-- a superuser for instance; and with the rights to write what they write.
DO $$
DECLARE
  table_owner TEXT;
BEGIN
  SELECT quote_ident(pg_get_userbyid(relowner)) INTO table_owner
  FROM pg_catalog.pg_class WHERE oid = 'public.events'::regclass;
  EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON public.event_listings TO %s', table_owner);
  EXECUTE format('ALTER FUNCTION public.list_events() OWNER TO %s', table_owner);
  EXECUTE format('ALTER FUNCTION public.relist_event() OWNER TO %s', table_owner);
END
$$;
