-- What nobody needs any more is removed by this function alone, so that the application's role needs no right to delete
-- (docs/decisions/what-grows.md says what is kept how long). Answers with each table that it looks after and how many
-- rows it removed there, at most `most` of each. A row that another still refers to stays.
CREATE FUNCTION prune_past(most integer) RETURNS TABLE (pruned text, removed integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  past text;
  unless_referred text;
BEGIN
  FOR pruned, past IN SELECT * FROM (VALUES
    ('mail_messages', 't.sent_at < postern_now() - interval ''30 days'''),
    ('mail_messages', 't.dead_at < postern_now() - interval ''90 days'''),
    ('notification_outbox', 't.dead_at < postern_now() - interval ''90 days'''),
    ('notifications', 't.created_at < postern_now() - interval ''90 days''
      AND (t.read_at IS NOT NULL OR t.created_at < postern_now() - interval ''1 year'')'),
    ('expiry_reminders', 't.ends_at < postern_now() - interval ''30 days'''),
    ('weekly_digests', 't.week_start < postern_now() - interval ''1 year'''),
    ('worker_instances', 't.seen_at < postern_now() - interval ''7 days'''),
    ('password_tickets', 't.expires_at < postern_now() - interval ''30 days'''),
    ('sessions', 't.expires_at < postern_now() - interval ''90 days''
      AND EXISTS (SELECT FROM sessions n WHERE n.user_id = t.user_id AND n.last_seen_at > t.last_seen_at)'),
    ('import_rows', 't.import_id IN (SELECT i.id FROM imports i WHERE i.finished_at < postern_now()
      - CASE i.status WHEN ''Discarded'' THEN interval ''30 days'' ELSE interval ''1 year'' END)')
  ) AS kept (name, condition)
  LOOP
    SELECT coalesce(string_agg(
      format(' AND NOT EXISTS (SELECT FROM %s x WHERE x.%I = t.id)', c.conrelid::regclass, a.attname), ''), '')
    INTO unless_referred
    FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
    WHERE c.contype = 'f' AND c.confrelid = format('public.%I', pruned)::regclass;
    EXECUTE format(
      'DELETE FROM %1$I WHERE ctid = ANY (ARRAY(SELECT t.ctid FROM %1$I t WHERE %2$s%3$s LIMIT %4$s FOR UPDATE SKIP LOCKED))',
      pruned, past, unless_referred, most);
    GET DIAGNOSTICS removed = ROW_COUNT;
    RETURN NEXT;
  END LOOP;
END $$;
REVOKE ALL ON FUNCTION prune_past(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION prune_past(integer) TO postern_app;

CREATE INDEX mail_messages_sent_idx ON mail_messages (sent_at) WHERE sent_at IS NOT NULL;
CREATE INDEX notifications_created_idx ON notifications (created_at);
CREATE INDEX sessions_expires_idx ON sessions (expires_at);
