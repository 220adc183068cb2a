-- Prints everything that a Postern database consists of, one line each, sorted. Run it on two databases and compare the
-- answers (docs/decisions/baseline.md). Names of roles are printed without the part that belongs to one database, function
-- bodies without comments and with single spaces.
WITH own AS (
  SELECT c.* FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relname !~ '^_prisma_migrations'
), of_extensions AS (
  SELECT classid, objid FROM pg_depend WHERE deptype = 'e'
), functions AS (
  SELECT p.* FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace
    AND NOT EXISTS (SELECT FROM of_extensions e WHERE e.classid = 'pg_proc'::regclass AND e.objid = p.oid)
), lines (line) AS (
  SELECT format('extension %s %s in %s', extname, extversion, extnamespace::regnamespace) FROM pg_extension
  UNION ALL
  SELECT format('schema %s', nspname) FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
  UNION ALL
  SELECT format('type %s: %s', t.typname, (SELECT string_agg(e.enumlabel, ', ' ORDER BY e.enumsortorder) FROM pg_enum e
    WHERE e.enumtypid = t.oid))
  FROM pg_type t WHERE t.typnamespace = 'public'::regnamespace AND t.typtype NOT IN ('c', 'b')
    AND NOT EXISTS (SELECT FROM of_extensions e WHERE e.classid = 'pg_type'::regclass AND e.objid = t.oid)
  UNION ALL
  SELECT format('relation %s: kind %s, persistence %s, row security %s %s, replica identity %s, options %s', relname, relkind,
    relpersistence, relrowsecurity, relforcerowsecurity, relreplident, reloptions)
  FROM own
  UNION ALL
  SELECT format('column %s.%s: place %s, type %s, collation %s, not null %s, default %s, identity <%s>, generated <%s>, '
      'storage %s, statistics %s', c.relname, a.attname,
    row_number() OVER (PARTITION BY c.oid ORDER BY a.attnum), format_type(a.atttypid, a.atttypmod),
    CASE WHEN a.attcollation <> 0 THEN a.attcollation::regcollation END, a.attnotnull, pg_get_expr(d.adbin, d.adrelid),
    a.attidentity, a.attgenerated, a.attstorage, a.attstattarget)
  FROM own c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
  WHERE c.relkind = 'r'
  UNION ALL
  SELECT format('sequence %s: %s, owned by %s', s.seqrelid::regclass,
    concat_ws(' ', s.seqtypid::regtype, s.seqstart, s.seqincrement, s.seqmax, s.seqmin, s.seqcache, s.seqcycle),
    (SELECT format('%s.%s', d.refobjid::regclass, a.attname) FROM pg_depend d
      JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
      WHERE d.classid = 'pg_class'::regclass AND d.objid = s.seqrelid AND d.deptype IN ('a', 'i')))
  FROM pg_sequence s JOIN own c ON c.oid = s.seqrelid
  UNION ALL
  SELECT format('constraint %s on %s: %s, validated %s', n.conname, n.conrelid::regclass, pg_get_constraintdef(n.oid),
    n.convalidated)
  FROM pg_constraint n JOIN own c ON c.oid = n.conrelid
  UNION ALL
  SELECT format('index %s, valid %s', pg_get_indexdef(i.indexrelid), i.indisvalid)
  FROM pg_index i JOIN own c ON c.oid = i.indrelid
  UNION ALL
  SELECT format('function %s returns %s: %s, kind %s, volatility %s, parallel %s, strict %s, security definer %s, leakproof %s, '
      'cost %s, rows %s, settings %s, body %s', p.oid::regprocedure, pg_get_function_result(p.oid), l.lanname, p.prokind,
    p.provolatile, p.proparallel, p.proisstrict, p.prosecdef, p.proleakproof, p.procost, p.prorows, p.proconfig,
    btrim(regexp_replace(regexp_replace(coalesce(pg_get_function_sqlbody(p.oid), p.prosrc), '--[^\n]*', '', 'g'),
      '\s+', ' ', 'g')))
  FROM functions p JOIN pg_language l ON l.oid = p.prolang
  UNION ALL
  SELECT format('arguments of %s: %s', p.oid::regprocedure, pg_get_function_arguments(p.oid)) FROM functions p
  UNION ALL
  SELECT format('trigger %s, enabled %s', pg_get_triggerdef(t.oid), t.tgenabled)
  FROM pg_trigger t JOIN own c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal
  UNION ALL
  SELECT format('policy %s on %s', polname, polrelid::regclass) FROM pg_policy
  UNION ALL
  SELECT format('rule %s', pg_get_ruledef(r.oid)) FROM pg_rewrite r JOIN own c ON c.oid = r.ev_class
  UNION ALL
  SELECT format('event trigger %s', evtname) FROM pg_event_trigger
  UNION ALL
  SELECT format('statistics %s', pg_get_statisticsobjdef(oid)) FROM pg_statistic_ext
  UNION ALL
  SELECT format('comment on %s: %s', pg_describe_object(d.classoid, d.objoid, d.objsubid), d.description)
  FROM pg_description d
  WHERE d.objoid IN (SELECT oid FROM own UNION SELECT oid FROM functions)
  UNION ALL
  SELECT format('grant %s on %s to %s%s, by %s', a.privilege_type, g.object,
    coalesce(regexp_replace(e.rolname, '_[0-9a-f]{12}$', ''), 'PUBLIC'),
    CASE WHEN a.is_grantable THEN ' with grant option' ELSE '' END, o.rolname)
  FROM (
    SELECT c.relname::text, coalesce(c.relacl, acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", c.relowner))
      FROM own c WHERE c.relkind IN ('r', 'S', 'v')
    UNION ALL
    SELECT format('%s.%s', c.relname, t.attname), t.attacl FROM own c JOIN pg_attribute t ON t.attrelid = c.oid
    UNION ALL
    SELECT p.oid::regprocedure::text, coalesce(p.proacl, acldefault('f', p.proowner)) FROM functions p
    UNION ALL
    SELECT format('type %s', t.typname), coalesce(t.typacl, acldefault('T', t.typowner)) FROM pg_type t
      WHERE t.typnamespace = 'public'::regnamespace AND t.typtype = 'e'
    UNION ALL
    SELECT format('schema %s', nspname), nspacl FROM pg_namespace WHERE nspname = 'public'
    UNION ALL
    SELECT 'the database', datacl FROM pg_database WHERE datname = current_database()
  ) AS g (object, acl)
  CROSS JOIN LATERAL aclexplode(g.acl) AS a
  LEFT JOIN pg_roles e ON e.oid = a.grantee JOIN pg_roles o ON o.oid = a.grantor
  UNION ALL
  SELECT format('default rights: %s', d.*) FROM pg_default_acl d
  UNION ALL
  SELECT format('role %s: %s', regexp_replace(rolname, '_[0-9a-f]{12}$', ''),
    concat_ws(' ', rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication, rolbypassrls))
  FROM pg_roles WHERE rolname ~ '^postern_' AND right(rolname, 12) = left(encode(sha256(convert_to(current_database(), 'UTF8')), 'hex'), 12)
  UNION ALL
  SELECT format('rows of %s: %s', c.relname, (xpath('/row/told/text()', query_to_xml(format(
    'SELECT count(*) || '' '' || coalesce(md5(string_agg(t::text, E''\n'' ORDER BY t::text COLLATE "C")), '''') AS told FROM %I t',
    c.relname), false, true, '')))[1])
  FROM own c WHERE c.relkind = 'r'
)
SELECT line FROM lines ORDER BY line COLLATE "C";
